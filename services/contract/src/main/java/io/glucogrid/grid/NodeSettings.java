package io.glucogrid.grid;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.apache.ignite.Ignite;
import org.jspecify.annotations.Nullable;

/**
 * What a node was told about itself.
 *
 * <p>The values live in the node's XML as user attributes, one per {@code GRID_*} key, so that each node of a grid has its
 * own (an Ignite service's fields are those of the node that deployed it first) and peers can compare them. Secrets do not
 * belong here: they stay in the Kafka properties file.
 *
 * @param httpPort first port tried by the feature API
 * @param httpPorts how many ports from {@code httpPort} on may be tried; 1 where the port was given explicitly
 * @param workDir where the node keeps its files
 * @param offlineUri root of the Parquet tier: {@code file:}, {@code hdfs:} or {@code s3a:}
 * @param features definition files, comma separated; {@code classpath:} names one inside the distribution
 * @param kafkaProperties Kafka client properties file; {@code classpath:} names one inside the distribution
 * @param kafkaBootstrap overrides {@code bootstrap.servers} of that file; empty to keep it
 * @param topic topic of readings
 * @param streams whether this node takes part in the streams
 * @param expectedNodes configured size of the grid
 * @param commitRows a segment is closed after this many rows
 * @param commitDelay a segment is closed this long after its first row
 * @param parquetVersion version of the data pages of new segments, 1 or 2
 * @param parquetCodec their codec, as {@code zstd:3}
 * @param compactSegments so many fresh segments of a table are merged into sorted runs; 0 for never
 * @param joinMegabytes heap that a historical join of many rows may take, half of it for entities and answers, half for pages
 * @param deadline longest an answer may take
 * @param teardownEnabled whether {@code /teardown} may remove everything
 * @param logReadings whether the streams log one line per reading, which names subjects
 * @param requests what one request to the feature API may be
 */
public record NodeSettings(
        String httpHost,
        int httpPort,
        int httpPorts,
        Path workDir,
        URI offlineUri,
        String features,
        String kafkaProperties,
        String kafkaBootstrap,
        String topic,
        boolean streams,
        int expectedNodes,
        int commitRows,
        Duration commitDelay,
        int parquetVersion,
        String parquetCodec,
        int compactSegments,
        int joinMegabytes,
        Duration deadline,
        boolean teardownEnabled,
        boolean logReadings,
        RequestLimits requests) {
    private static final String PARQUET_CODEC = "zstd(:([1-9]|1[0-9]))?|snappy|gzip|lz4|none";

    /** Settings of the node, from its user attributes. */
    public static NodeSettings of(Ignite ignite) {
        Map<String, String> values = new LinkedHashMap<>();
        Map<String, ?> attributes = ignite.configuration().getUserAttributes();
        if (attributes != null) {
            attributes.forEach((key, value) -> {
                if (key.startsWith("GRID_")) {
                    values.put(key, String.valueOf(value));
                }
            });
        }
        return parse(values);
    }

    /**
     * Checks all values at once.
     *
     * @throws GridException INVALID_CONFIG that names every missing, unknown or unusable key
     */
    public static NodeSettings parse(Map<String, String> values) {
        Reader in = new Reader(values);
        NodeSettings settings = new NodeSettings(
                in.text("GRID_HTTP_HOST"),
                in.number("GRID_HTTP_PORT", 0, 65535),
                in.number("GRID_HTTP_PORTS", 1, 1000),
                in.path("GRID_WORK_DIR"),
                in.uri("GRID_OFFLINE_URI"),
                in.text("GRID_FEATURES"),
                in.text("GRID_KAFKA_PROPERTIES"),
                in.optionalText("GRID_KAFKA_BOOTSTRAP"),
                in.text("GRID_TOPIC"),
                in.flag("GRID_STREAMS"),
                in.number("GRID_EXPECTED_NODES", 1, 1000),
                in.number("GRID_COMMIT_ROWS", 1, 10_000_000),
                in.millis("GRID_COMMIT_MS", 0, 60_000),
                in.number("GRID_PARQUET_VERSION", 1, 2),
                in.form("GRID_PARQUET_CODEC", PARQUET_CODEC, "zstd, zstd:1 to zstd:19, snappy, gzip, lz4 or none"),
                in.number("GRID_COMPACT_SEGMENTS", 0, 100_000),
                in.number("GRID_JOIN_MB", 1, 4_096),
                in.millis("GRID_DEADLINE_MS", 1, 600_000),
                in.flag("GRID_TEARDOWN"),
                in.flag("GRID_LOG_READINGS"),
                new RequestLimits(
                        in.kibibytes("GRID_HTTP_BODY_KB", 1, 1_000_000),
                        in.kibibytes("GRID_HTTP_HEADER_KB", 1, 1_000),
                        in.number("GRID_HTTP_ENTITIES", 1, 1_000_000),
                        in.number("GRID_HTTP_NESTING", 2, 500),
                        in.number("GRID_HTTP_WAITING", 1, 100_000),
                        in.millis("GRID_HTTP_READ_MS", 1, 600_000)));
        in.finish();
        return settings;
    }

    /** Takes values by key, remembers what it was asked for, and reports everything wrong at once. */
    private static final class Reader {
        private final Map<String, String> values;
        private final Set<String> known = new TreeSet<>();
        private final List<String> problems = new ArrayList<>();

        Reader(Map<String, String> values) {
            this.values = values;
        }

        String text(String key) {
            String value = optionalText(key);
            if (value.isEmpty() && values.containsKey(key)) {
                problems.add(key + " must not be empty");
            }
            return value;
        }

        String optionalText(String key) {
            known.add(key);
            String value = values.get(key);
            if (value == null) {
                problems.add(key + " is missing");
                return "";
            }
            return value.strip();
        }

        int number(String key, int least, int most) {
            int fallback = least;
            return parsed(
                    key,
                    fallback,
                    text -> {
                        int number = Integer.parseInt(text);
                        return number < least || number > most ? null : number;
                    },
                    "a whole number from " + least + " to " + most);
        }

        String form(String key, String pattern, String words) {
            return parsed(key, "", text -> text.matches(pattern) ? text : null, words);
        }

        int kibibytes(String key, int least, int most) {
            return 1024 * number(key, least, most);
        }

        Duration millis(String key, int least, int most) {
            return Duration.ofMillis(number(key, least, most));
        }

        boolean flag(String key) {
            return parsed(
                    key,
                    false,
                    text -> text.equals("true") ? Boolean.TRUE : text.equals("false") ? Boolean.FALSE : null,
                    "true or false");
        }

        Path path(String key) {
            return parsed(key, Path.of(""), Path::of, "a path").toAbsolutePath().normalize();
        }

        URI uri(String key) {
            URI none = URI.create("file:/");
            return parsed(
                    key,
                    none,
                    text -> {
                        if (text.matches("(?!file:)[a-zA-Z][a-zA-Z0-9+.-]+:.*")) {
                            return URI.create(text);
                        }
                        Path path = text.startsWith("file:") ? Path.of(URI.create(text)) : Path.of(text);
                        return path.toAbsolutePath().normalize().toUri();
                    },
                    "a path or a file:, hdfs: or s3a: address");
        }

        private <T> T parsed(String key, T fallback, Function<String, @Nullable T> parse, String form) {
            String text = text(key);
            if (text.isEmpty()) {
                return fallback;
            }
            T value;
            try {
                value = parse.apply(text);
            } catch (IllegalArgumentException unusable) {
                value = null;
            }
            if (value == null) {
                problems.add(key + " must be " + form + ", not '" + text + "'");
                return fallback;
            }
            return value;
        }

        void finish() {
            for (String key : values.keySet()) {
                if (!known.contains(key)) {
                    problems.add(key + " is not a setting" + DidYouMean.suffix(key, known));
                }
            }
            if (!problems.isEmpty()) {
                throw new GridException(ErrorCode.INVALID_CONFIG, "configuration: " + String.join("; ", problems));
            }
        }
    }
}
