package io.glucogrid.serving;

import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.FeatureStore;
import io.glucogrid.feature.FeatureTable;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.grid.NodeSettings;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.apache.ignite.Ignite;
import org.apache.ignite.resources.IgniteInstanceResource;
import org.apache.ignite.services.Service;
import org.jspecify.annotations.Nullable;

/** The Ignite service around the node's {@link FeatureRuntime}; deploy one on every server node as {@link FeatureStore#NAME}. */
public final class FeatureStoreService implements Service, FeatureStore {
    private static final long serialVersionUID = 1L;

    @IgniteInstanceResource
    private transient Ignite ignite;

    private transient volatile @Nullable FeatureRuntime runtime;

    @Override
    public void init() {
        runtime = FeatureRuntime.start(ignite, NodeSettings.of(ignite), InstantSource.system());
    }

    @Override
    public void cancel() {
        FeatureRuntime running = runtime;
        if (running != null) {
            running.close();
        }
    }

    /** The node's store, for the doors of the same node. */
    public FeatureRuntime runtime() {
        FeatureRuntime running = runtime;
        if (running == null) {
            throw new GridException(ErrorCode.NOT_READY, "the feature store has not started on this node yet");
        }
        return running;
    }

    @Override
    public Definitions definitions() {
        return runtime().definitions();
    }

    @Override
    public FeatureTable online(String service, List<Object[]> entities, Duration deadline) {
        return runtime().online(service, entities, deadline);
    }

    @Override
    public FeatureTable historical(String service, List<Object[]> entities, long[] atMicros, Duration deadline) {
        return runtime().historical(service, entities, atMicros, deadline);
    }
}
