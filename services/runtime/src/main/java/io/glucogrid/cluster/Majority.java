package io.glucogrid.cluster;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.util.Collection;
import org.apache.ignite.Ignite;
import org.apache.ignite.cluster.ClusterNode;

/**
 * Whether more than half of the configured nodes are here.
 *
 * <p>Of a grid that a broken network has cut into pieces at most one has a majority, so where only a majority writes, no two
 * pieces can. The size is the configured one ({@code GRID_EXPECTED_NODES}, an attribute of each node), never the number of
 * nodes that were seen: two of three that lost the third are a majority, one of three that came up first is none. Where nodes
 * are configured differently, the greatest size counts.
 */
public final class Majority {
    private static final String EXPECTED = "GRID_EXPECTED_NODES";

    private final Ignite ignite;

    public Majority(Ignite ignite) {
        this.ignite = ignite;
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

    private Collection<ClusterNode> servers() {
        return ignite.cluster().forServers().nodes();
    }

    static boolean isMet(Collection<ClusterNode> servers) {
        return servers.size() > expected(servers) / 2;
    }

    private static String shortfall(Collection<ClusterNode> servers) {
        return servers.size() + " of " + expected(servers) + " nodes: no majority";
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
