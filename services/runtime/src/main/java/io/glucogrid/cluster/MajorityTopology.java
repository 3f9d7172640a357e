package io.glucogrid.cluster;

import java.util.Collection;
import java.util.List;
import org.apache.ignite.Ignite;
import org.apache.ignite.cluster.ClusterNode;
import org.apache.ignite.configuration.TopologyValidator;
import org.apache.ignite.resources.IgniteInstanceResource;
import org.jspecify.annotations.Nullable;

/**
 * Lets a cache be changed only where a {@link Majority} of the configured nodes is; it can be read anywhere. Before the first change
 * after nodes came or went, it is noted who was there ({@link RowStore}).
 */
public final class MajorityTopology implements TopologyValidator {
    private static final long serialVersionUID = 1L;

    @IgniteInstanceResource
    private transient @Nullable Ignite ignite;

    /** Each node has its own. */
    private transient @Nullable GridSize size;

    @Override
    public synchronized boolean validate(Collection<ClusterNode> nodes) {
        GridSize known = size;
        if (known == null) {
            known = Majority.size(ignite);
            size = known;
        }
        List<ClusterNode> servers =
                nodes.stream().filter(node -> !node.isClient()).toList();
        return Majority.isMet(servers, known) && (ignite == null || RowStore.noteMembers(ignite, servers));
    }
}
