package io.glucogrid.ml;

import org.apache.ignite.Ignite;
import org.apache.ignite.lang.IgniteCallable;
import org.apache.ignite.resources.IgniteInstanceResource;

/**
 * Job on every node after a fit: drops the copies of the training data that Ignite ML 2.15 keeps in the node-local map. Its own
 * clean-up reaches only the node that called it. Not while a fit is running.
 */
final class ForgetDatasets implements IgniteCallable<Integer> {
    private static final long serialVersionUID = 1L;

    /** From {@code org.apache.ignite.ml.dataset.impl.cache.util.ComputeUtils}. */
    private static final String[] PREFIXES = {"part_data_storage_", "part_environment_storage_"};

    @IgniteInstanceResource
    private transient Ignite ignite;

    @Override
    public Integer call() {
        return forget(ignite);
    }

    /** Drops them on one node; answers how many there were. */
    static int forget(Ignite ignite) {
        int forgotten = 0;
        for (Object key : ignite.cluster().nodeLocalMap().keySet().toArray()) {
            if (isDataset(key) && ignite.cluster().nodeLocalMap().remove(key) != null) {
                forgotten++;
            }
        }
        return forgotten;
    }

    static boolean isDataset(Object key) {
        for (String prefix : PREFIXES) {
            if (key instanceof String name && name.startsWith(prefix)) {
                return true;
            }
        }
        return false;
    }
}
