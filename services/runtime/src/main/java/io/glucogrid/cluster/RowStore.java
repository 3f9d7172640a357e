package io.glucogrid.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.ignite.Ignite;
import org.apache.ignite.cluster.ClusterNode;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a running node notes beside the online rows that it keeps on disk, for the next start of the whole grid to judge by. A node
 * that keeps none notes nothing.
 *
 * <p>Files, replaced as a whole: {@code members}, the stores of all servers that were there when rows were last allowed to change,
 * written before they could; and {@code whole}, the members, and the version of the definitions in force, when every row was
 * last known to be there. A kill leaves them as they are. The grid that starts with them tells what they said by attributes of
 * its nodes.
 */
public final class RowStore {
    /** Attribute: the name of the node's store, which no other and no later one has. */
    public static final String ID = "glucogrid.rows.id";

    /** Attribute: stores that belong together with this one, with commas between; empty for a store that began empty. */
    public static final String MEMBERS = "glucogrid.rows.members";

    /** Attribute: version of the definitions whose rows the store has; empty for a store that began empty. */
    public static final String VERSION = "glucogrid.rows.version";

    /** Directory of the rows, below the node's own. */
    public static final String DIRECTORY = "rows";

    public static final String MEMBERS_FILE = "members";
    public static final String WHOLE_FILE = "whole";

    private static final String NODE_NAME = "org.apache.ignite.ignite.name";
    private static final Logger LOG = LoggerFactory.getLogger(RowStore.class);

    private RowStore() {}

    /** Whether this node keeps rows on disk. */
    public static boolean isUsed(Ignite ignite) {
        Map<String, ?> attributes = ignite.configuration().getUserAttributes();
        return attributes != null && attributes.containsKey(ID);
    }

    /** The name by which people know a node. */
    public static String nodeName(ClusterNode node) {
        return String.valueOf(node.<@Nullable Object>attribute(NODE_NAME));
    }

    /** Notes who is there; false where that failed, and rows must not change. */
    static boolean noteMembers(Ignite ignite, Collection<ClusterNode> servers) {
        if (!isUsed(ignite)) {
            return true;
        }
        try {
            String members = servers.stream()
                    .map(server -> String.valueOf(server.<@Nullable Object>attribute(ID)))
                    .sorted()
                    .collect(Collectors.joining(","));
            replace(file(ignite, MEMBERS_FILE), members);
            return true;
        } catch (IOException unwritable) {
            LOG.error("online rows must not change: who is in the grid cannot be noted", unwritable);
            return false;
        }
    }

    /**
     * Notes whether all rows are there.
     *
     * @param version of the definitions in force, none of them half-way
     */
    public static void note(Ignite ignite, long version) {
        if (!isUsed(ignite)) {
            return;
        }
        try {
            String members = read(file(ignite, MEMBERS_FILE));
            if (LostPartitions.of(ignite).isEmpty()) {
                replace(file(ignite, WHOLE_FILE), whole(version, members));
            }
        } catch (IOException unwritable) {
            LOG.warn("online rows are kept, and will not be used: that they are whole cannot be noted", unwritable);
        }
    }

    /** Notes that rows are missing; throws where that fails. */
    static void doubt(Ignite ignite) throws IOException {
        if (isUsed(ignite)) {
            Files.deleteIfExists(file(ignite, WHOLE_FILE));
        }
    }

    /** As it stands in its file. */
    public static String whole(long version, String members) {
        return version + " " + members;
    }

    /** Version of the definitions whose rows this grid began with; 0 where it began with none, or stores disagree. */
    public static long keptVersion(Ignite ignite) {
        Set<String> versions = new HashSet<>();
        for (ClusterNode server : ignite.cluster().forServers().nodes()) {
            Object version = server.attribute(VERSION);
            if (version != null && !version.toString().isEmpty()) {
                versions.add(version.toString());
            }
        }
        return versions.size() == 1 ? Long.parseLong(versions.iterator().next()) : 0;
    }

    private static Path file(Ignite ignite, String name) {
        return Path.of(ignite.configuration().getWorkDirectory(), DIRECTORY, name);
    }

    private static String read(Path file) throws IOException {
        return Files.exists(file) ? Files.readString(file) : "";
    }

    private static void replace(Path file, String text) throws IOException {
        if (read(file).equals(text)) {
            return;
        }
        Path draft = Files.createTempFile(file.getParent(), String.valueOf(file.getFileName()), ".tmp");
        Files.writeString(draft, text);
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
