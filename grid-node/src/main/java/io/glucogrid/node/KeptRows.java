package io.glucogrid.node;

import io.glucogrid.cluster.RowStore;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Online rows that a node keeps on disk ({@code GRID_PERSISTENCE}), and when they may be used.
 *
 * <p><b>What is kept.</b> Online rows only, in {@code <work>/nodes/<name>/rows}. Registry, segments, models, claims, subjects' states
 * and the hot window of history stay volatile: a grid that starts as a whole begins with all of them as it always does, moves
 * the online group back to where the offline one is, and leaves out one thing, the loading of online rows from segments.
 * So kept rows are a shortcut and never the only copy of anything but of rows that were pushed online alone.
 *
 * <p><b>When they count.</b> Only where a whole grid starts again, and every store that may have the newest copy of a row is there.
 * Each node notes, before rows may change in a new topology, which stores are in it ({@link RowStore}). A node that died before the
 * others is missing in their notes, and what it has is old; a node that is not back may have what nobody else has. So stores count
 * whose notes name exactly each other ({@link Activation}). Everything else begins empty, as a volatile node does: a store whose
 * peers went on without it; one that joins a grid that is up already, which peers refuse ({@link KeptRowsGuard}); one that was
 * written by another version or with other backups; one that was not opened to the end the last time; one without the note that all
 * rows are there; and, since LOG_ONLY leaves the last writes to the operating system, one that was written before this machine
 * started. A power loss therefore costs what it costs without persistence: rows come back from the tier and from Kafka.
 *
 * <p><b>Names.</b> A store has a random name, and its node bears it as consistent id. One that began empty is another store, so
 * Ignite never takes an empty node for its former self, nor an old copy for a present one, by the numbers of their updates.
 *
 * <p>Ignite compares copies by the number of the last update. An update that nobody acknowledged may be missing on a backup whose
 * number is the primary's all the same; it comes again from Kafka, and then rows are written even where they do not change.
 */
final class KeptRows {
    private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");
    private static final String STORE_FILE = "store";
    private static final String OPENING_FILE = "opening";
    private static final Logger LOG = LoggerFactory.getLogger(KeptRows.class);

    private final Path directory;
    private final String id;
    private final String members;
    private final String version;

    private KeptRows(Path directory, String id, String members, String version) {
        this.directory = directory;
        this.id = id;
        this.members = members;
        this.version = version;
    }

    /** Whether the settings ask for them. */
    static boolean isWanted(Map<String, String> values) {
        return Boolean.parseBoolean(
                values.getOrDefault(Setting.PERSISTENCE.key(), "false").strip());
    }

    /**
     * The node's store: the one on disk where it may count, else a new and empty one in its place.
     *
     * @param node the node's own directory
     * @param layout by what else than the definitions stored rows are understood
     */
    static KeptRows open(Path node, String name, String layout) {
        return open(node, name, layout, boot());
    }

    /**
     * As {@link #open(Path, String, String)}.
     *
     * @param boot a text that is another one after each start of the machine
     */
    static KeptRows open(Path node, String name, String layout, String boot) {
        Path directory = node.resolve(RowStore.DIRECTORY);
        try {
            Properties store = properties(directory.resolve(STORE_FILE));
            String members = text(directory.resolve(RowStore.MEMBERS_FILE));
            String whole = text(directory.resolve(RowStore.WHOLE_FILE));
            String id = store.getProperty("id", "");
            String version = whole.contains(" ") ? whole.substring(0, whole.indexOf(' ')) : "";
            String problem = problem(store, directory, id, layout, boot, members, whole, version);
            if (problem.isEmpty()) {
                return new KeptRows(directory, id, members, version);
            }
            if (!id.isEmpty()) {
                LOG.warn("kept rows not used directory={} reason=\"{}\": they are rebuilt", directory, problem);
            }
            remove(directory);
            Files.createDirectories(directory);
            String fresh = name + "~" + UUID.randomUUID();
            store.clear();
            store.setProperty("id", fresh);
            store.setProperty("layout", layout);
            store.setProperty("boot", boot);
            try (Writer out = Files.newBufferedWriter(directory.resolve(STORE_FILE))) {
                store.store(out, null);
            }
            return new KeptRows(directory, fresh, "", "");
        } catch (IOException failure) {
            throw new UncheckedIOException(directory + " cannot be read or written; it may be removed", failure);
        }
    }

    private static String problem(
            Properties store,
            Path directory,
            String id,
            String layout,
            String boot,
            String members,
            String whole,
            String version) {
        if (id.isEmpty() || !layout.equals(store.getProperty("layout"))) {
            return "written by another version or with other settings";
        }
        if (!boot.equals(store.getProperty("boot"))) {
            return "written before the machine started";
        }
        if (Files.exists(directory.resolve(OPENING_FILE))) {
            return "they could not be opened the last time";
        }
        if (!List.of(members.split(",", -1)).contains(id)
                || !version.matches("\\d{1,18}")
                || !whole.equals(RowStore.whole(Long.parseLong(version), members))) {
            return "rows were missing";
        }
        return "";
    }

    /** The text that tells this start of the machine from others; nothing is kept over anything where there is none. */
    private static String boot() {
        try {
            return Files.readString(BOOT).strip();
        } catch (IOException unknown) {
            return UUID.randomUUID().toString();
        }
    }

    /** The store's name, which is the node's consistent id. */
    String id() {
        return id;
    }

    /** Whether there are rows in it. */
    boolean isKept() {
        return !members.isEmpty();
    }

    Path directory() {
        return directory;
    }

    /** What peers are told. */
    Map<String, String> attributes() {
        return Map.of(RowStore.ID, id, RowStore.MEMBERS, members, RowStore.VERSION, version);
    }

    /** To be called before Ignite reads it. */
    void opening() {
        try {
            Files.writeString(directory.resolve(OPENING_FILE), "");
        } catch (IOException failure) {
            throw new UncheckedIOException(directory + " cannot be written", failure);
        }
    }

    /** To be called when Ignite has read it. */
    void opened() {
        try {
            Files.deleteIfExists(directory.resolve(OPENING_FILE));
        } catch (IOException failure) {
            throw new UncheckedIOException(directory + " cannot be written", failure);
        }
    }

    /** Removes it; the next start of the node has another one. */
    void remove() {
        try {
            remove(directory);
        } catch (IOException failure) {
            throw new UncheckedIOException(directory + " cannot be removed", failure);
        }
    }

    /** What says that there are rows goes first; what Ignite noted of their classes, which it does by stores, goes with them. */
    private static void remove(Path directory) throws IOException {
        Files.deleteIfExists(directory.resolve(RowStore.WHOLE_FILE));
        removeTree(directory);
        removeTree(directory.resolveSibling("db").resolve("binary_meta"));
    }

    private static void removeTree(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static Properties properties(Path file) throws IOException {
        Properties properties = new Properties();
        if (Files.exists(file)) {
            try (Reader in = Files.newBufferedReader(file)) {
                properties.load(in);
            }
        }
        return properties;
    }

    private static String text(Path file) throws IOException {
        return Files.exists(file) ? Files.readString(file).strip() : "";
    }
}
