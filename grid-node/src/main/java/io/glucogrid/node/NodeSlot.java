package io.glucogrid.node;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A node's name and its own directory below the work directory, held by a file lock for as long as the process lives: no two
 * nodes share a directory. Without a given name it is the first free number, so the same one again after a crash, unless a node
 * with another work directory has it, or the grid has not noticed yet that its former bearer is gone.
 */
final class NodeSlot implements AutoCloseable {
    private static final int MOST_NODES = 100;

    private final String name;
    private final Path nodes;
    private final FileChannel lock;

    private NodeSlot(String name, Path nodes, FileChannel lock) {
        this.name = name;
        this.nodes = nodes;
        this.lock = lock;
    }

    /**
     * Takes the given name, or the first free one of this host.
     *
     * @param taken names that nodes with other work directories have
     * @throws GridException INVALID_CONFIG where the directory cannot be written, CONFLICT where the name is taken
     */
    static NodeSlot claim(Path workDir, @Nullable String givenName, Set<String> taken) {
        Path nodes = Writable.directory(workDir.resolve("nodes"), Setting.WORK_DIR);
        try {
            if (givenName != null) {
                NodeSlot slot = tryClaim(nodes, givenName);
                if (slot == null) {
                    throw new GridException(
                            ErrorCode.CONFLICT,
                            "node '" + givenName + "' (" + Setting.NODE_NAME.key() + ") runs already in " + workDir);
                }
                return slot;
            }
            String host = hostName();
            for (int number = 1; number <= MOST_NODES; number++) {
                String name = host + "-" + number;
                NodeSlot slot = taken.contains(name) ? null : tryClaim(nodes, name);
                if (slot != null) {
                    return slot;
                }
            }
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot claim a node directory in " + nodes, failure);
        }
        throw new GridException(ErrorCode.CONFLICT, MOST_NODES + " nodes run already in " + workDir);
    }

    private static @Nullable NodeSlot tryClaim(Path nodes, String name) throws IOException {
        FileChannel channel =
                FileChannel.open(nodes.resolve(name + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        boolean claimed = false;
        try {
            claimed = channel.tryLock() != null;
        } catch (OverlappingFileLockException heldInThisProcess) {
            claimed = false;
        } finally {
            if (!claimed) {
                channel.close();
            }
        }
        return claimed ? new NodeSlot(name, nodes, channel) : null;
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException nameless) {
            return "node";
        }
    }

    String name() {
        return name;
    }

    /** Directory of this node alone. */
    Path directory() {
        return Writable.directory(nodes.resolve(name), Setting.WORK_DIR);
    }

    /** File that tells other programs of this machine where the node listens. */
    Path infoFile() {
        return nodes.resolve(name + ".json");
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(infoFile());
            lock.close();
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot release " + nodes.resolve(name), failure);
        }
    }
}
