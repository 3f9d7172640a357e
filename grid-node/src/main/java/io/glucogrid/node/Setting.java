package io.glucogrid.node;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Every {@code GRID_*} key of the environment, with the sentence that {@code node --help} prints. Defaults are not here: the
 * node's XML has them, and an overlay may change them ({@link XmlDefaults}).
 */
enum Setting {
    HTTP_HOST(Reader.NODE, "address of the feature API"),
    HTTP_PORT(Reader.NODE, "first port tried by the feature API; given explicitly, the only one"),
    HTTP_PORTS(Reader.NODE, "how many ports from GRID_HTTP_PORT on are tried"),
    WORK_DIR(Reader.NODE, "directory of everything that nodes of this machine keep"),
    OFFLINE_URI(Reader.NODE, "root of the Parquet tier: a path, hdfs: or s3a:; the same for all nodes of a grid"),
    FEATURES(Reader.NODE, "definition files, comma separated"),
    KAFKA_PROPERTIES(Reader.NODE, "Kafka client properties file"),
    KAFKA_BOOTSTRAP(Reader.NODE, "overrides bootstrap.servers of that file"),
    TOPIC(Reader.NODE, "topic of readings"),
    STREAMS(Reader.NODE, "whether this node consumes the topic"),
    EXPECTED_NODES(Reader.NODE, "configured size of the grid"),
    COMMIT_ROWS(Reader.NODE, "a segment is closed after this many rows"),
    COMMIT_MS(Reader.NODE, "a segment is closed this many milliseconds after its first row"),
    PARQUET_VERSION(Reader.NODE, "version of the data pages of new segments, 1 or 2"),
    PARQUET_CODEC(Reader.NODE, "codec of new segments: zstd:1 to zstd:19, snappy, gzip, lz4 or none"),
    COMPACT_SEGMENTS(Reader.NODE, "fresh segments of a table that start a compaction; 0 for never"),
    JOIN_MB(Reader.NODE, "heap, in MB, that one historical join of many rows may take; four run at a time"),
    DEADLINE_MS(Reader.NODE, "longest an answer may take, in milliseconds"),
    TEARDOWN(Reader.NODE, "whether /teardown may remove everything"),
    LOG_READINGS(Reader.NODE, "whether the streams log one line per reading, which names subjects"),
    HTTP_BODY_KB(Reader.NODE, "largest request body of the feature API, in KiB; a larger one is a 413"),
    HTTP_HEADER_KB(Reader.NODE, "largest request line and headers, in KiB"),
    HTTP_ENTITIES(Reader.NODE, "most entities of one read and events of one push; more are a 413"),
    HTTP_NESTING(Reader.NODE, "deepest nesting of a JSON body"),
    HTTP_WAITING(Reader.NODE, "most requests that wait at the same time; one more is a 429 with Retry-After"),
    HTTP_READ_MS(Reader.NODE, "longest that a request's headers, and again its body, may take to arrive"),

    PERSISTENCE(
            Reader.NODE_PROCESS,
            Form.FLAG,
            "true: online rows are kept on disk, too, for a grid that starts again as a whole; all nodes or none"),
    NODE_NAME(Reader.NODE_PROCESS, "name of the node, unique in the grid; default: host name and a number"),
    HOST(Reader.NODE, "address that discovery and communication bind to"),
    PEERS(Reader.NODE, "addresses of peers, comma separated, with ports or port ranges; in containers one DNS name"),
    DISCOVERY_PORT(Reader.NODE, "first port of discovery; given explicitly, the only one"),
    COMMUNICATION_PORT(Reader.NODE, "first port of communication between nodes; given explicitly, the only one"),
    FAILURE_MS(Reader.NODE, Form.NUMBER, "a silent peer counts as failed after this many milliseconds"),
    REST_HOST(Reader.NODE, "address of Ignite REST, which has no authorisation"),
    REST_PORT(Reader.NODE, "first port of Ignite REST; given explicitly, the only one"),
    CONNECTOR_PORT(Reader.NODE, "first port of Ignite's binary connector; given explicitly, the only one"),
    THIN_HOST(Reader.NODE, "address for thin clients"),
    THIN_PORT(Reader.NODE, "first port for thin clients; given explicitly, the only one"),
    BACKUPS(Reader.NODE, Form.NUMBER, "copies of each partition beside the primary"),
    REGION_MB(
            Reader.NODE, Form.NUMBER, "off-heap memory of online rows and everything else that is not history, in MiB"),
    HISTORY_REGION_MB(Reader.NODE, Form.NUMBER, "off-heap memory of the hot window of history, in MiB"),
    WATCHED_SHARE(
            Reader.NODE, "part of the subjects, 0 to 1, whose forecasts are scored and computed again from history"),
    LOG(Reader.NODE, Form.LOG, "log format on standard error: text or json"),

    API(Reader.CLIENT, "address of the feature API that client verbs talk to"),
    KAFKA_JAAS(Reader.CLIENT, "login of the Kafka clients, for properties files that refer to it");

    private final Reader reader;
    private final Form form;
    private final String doc;

    Setting(Reader reader, String doc) {
        this(reader, Form.CHECKED_ELSEWHERE, doc);
    }

    Setting(Reader reader, Form form, String doc) {
        this.reader = reader;
        this.form = form;
        this.doc = doc;
    }

    String key() {
        return "GRID_" + name();
    }

    String doc() {
        return doc;
    }

    /** What is wrong with a value, as a sentence; empty where nothing is. */
    String problem(String value) {
        return value.strip().matches(form.pattern) ? "" : key() + " must be " + form.words + ", not '" + value + "'";
    }

    /** Whether the node's XML has a placeholder for it. */
    boolean isInXml() {
        return reader == Reader.NODE;
    }

    static Optional<Setting> ofKey(String key) {
        return Arrays.stream(values())
                .filter(setting -> setting.key().equals(key))
                .findFirst();
    }

    static List<String> keys() {
        return Arrays.stream(values()).map(Setting::key).toList();
    }

    /** Values that nobody but the XML sees are checked here; NodeSettings and the port check know the others. */
    private enum Form {
        CHECKED_ELSEWHERE("(?s).*", "anything"),
        NUMBER("\\d{1,9}", "a whole number"),
        FLAG("true|false", "true or false"),
        LOG("text|json", "text or json");

        private final String pattern;
        private final String words;

        Form(String pattern, String words) {
            this.pattern = pattern;
            this.words = words;
        }
    }

    private enum Reader {
        NODE,
        NODE_PROCESS,
        CLIENT
    }
}
