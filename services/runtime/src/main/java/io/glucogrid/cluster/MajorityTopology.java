package io.glucogrid.cluster;

import java.util.Collection;
import org.apache.ignite.cluster.ClusterNode;
import org.apache.ignite.configuration.TopologyValidator;

/** Lets a cache be changed only where a {@link Majority} of the configured nodes is; it can be read anywhere. */
public final class MajorityTopology implements TopologyValidator {
    private static final long serialVersionUID = 1L;

    @Override
    public boolean validate(Collection<ClusterNode> nodes) {
        return Majority.isMet(nodes.stream().filter(node -> !node.isClient()).toList());
    }
}
