package io.glucogrid.feature;

import java.time.Duration;
import java.util.List;

/** Reads of features on this node: the store behind every door and behind the streams. */
public interface FeatureStore {
    /** Name of the Ignite service that implements this on every server node. */
    String NAME = "feature-store";

    /** The definitions that this node serves. */
    Definitions definitions();

    /**
     * Latest values of a feature service from the online store.
     *
     * @param entities join-key values of each entity, in the order of the entity's join keys
     * @throws io.glucogrid.grid.GridException NOT_FOUND for an unknown service, DEADLINE_EXCEEDED
     */
    FeatureTable online(String service, List<Object[]> entities, Duration deadline);

    /**
     * Values of a feature service as of given times from the offline tier; sees every acknowledged row.
     *
     * @param atMicros one time per entity, microseconds since the epoch
     */
    FeatureTable historical(String service, List<Object[]> entities, long[] atMicros, Duration deadline);
}
