package io.glucogrid.cluster;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.nio.file.Path;
import java.util.Collection;
import org.apache.ignite.Ignite;
import org.apache.ignite.cluster.ClusterNode;
import org.jspecify.annotations.Nullable;

/**
 * Whether more than half of the configured nodes are here.
 *
 * <p>Of a grid that a broken network has cut into pieces at most one has a majority, so where only a majority writes, no two
 * pieces can. The size is the configured one ({@code GRID_EXPECTED_NODES}, an attribute of each node): two of three that lost the
 * third are a majority, one of three that came up first is none. Where nodes are configured differently, the greatest size
 * counts, and where more nodes are here than that, their number ({@link GridSize}).
 */
public final class Majority {
    private static final String EXPECTED = "GRID_EXPECTED_NODES";

    private final Ignite ignite;
    private final GridSize size;

    public Majority(Ignite ignite) {
        this.ignite = ignite;
        this.size = size(ignite);
    }

    /** A size that this node's directory remembers; nothing is remembered without a node. */
    static GridSize size(@Nullable Ignite ignite) {
        String directory = ignite == null ? null : ignite.configuration().getWorkDirectory();
        return new GridSize(new SurplusFile(directory == null ? null : Path.of(directory)));
    }

    /** Whether more than half of the configured nodes are here. */
    public boolean isMet() {
        return isMet(servers());
    }

    /**
     * Does nothing where enough nodes are here.
     *
     * @throws GridException NOT_READY where too few are
     */
    public void require() {
        Collection<ClusterNode> servers = servers();
        if (!isMet(servers)) {
            throw new GridException(ErrorCode.NOT_READY, shortfall(servers) + "; it does not write");
        }
    }

    /** Such as {@code 1 of 3 nodes: no majority}. */
    public String shortfall() {
        return shortfall(servers());
    }

    /** Server nodes that are here. */
    public int present() {
        return servers().size();
    }

    /** Configured size of the grid. */
    public int expected() {
        return expected(servers());
    }

    /** What is wrong where more nodes are here than are configured; null where not. */
    @Nullable
    String surplus() {
        Collection<ClusterNode> servers = servers();
        int expected = expected(servers);
        return servers.size() <= expected
                ? null
                : servers.size() + " nodes are here, and " + EXPECTED + " is " + expected
                        + " on all of them: set it to the number of nodes, or two parts of a broken grid may both write";
    }

    private Collection<ClusterNode> servers() {
        return ignite.cluster().forServers().nodes();
    }

    private boolean isMet(Collection<ClusterNode> servers) {
        return isMet(servers, size);
    }

    static boolean isMet(Collection<ClusterNode> servers, GridSize size) {
        return servers.size() > counted(servers, size) / 2;
    }

    private static int counted(Collection<ClusterNode> servers, GridSize size) {
        return size.of(expected(servers), servers.size(), System.nanoTime());
    }

    private String shortfall(Collection<ClusterNode> servers) {
        int counted = counted(servers, size);
        String known = counted <= expected(servers)
                ? ""
                : " of those that were here; where the others were taken away for good, remove the file '"
                        + SurplusFile.NAME + "' of each node's work directory";
        return servers.size() + " of " + counted + " nodes: no majority" + known;
    }

    private static int expected(Collection<ClusterNode> servers) {
        int expected = 1;
        for (ClusterNode server : servers) {
            Object attribute = server.attribute(EXPECTED);
            if (attribute != null) {
                expected =
                        Math.max(expected, Integer.parseInt(attribute.toString().strip()));
            }
        }
        return expected;
    }
}
