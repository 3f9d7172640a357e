package io.glucogrid.store;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.FeatureView;
import java.time.Duration;
import java.util.Map;

/** Latest rows by entity, spread over the grid. Thread-safe. */
public interface OnlineStore {
    /**
     * Applies rows on their primary nodes, atomically per key: the greatest {@code (event, created)} stays. Returns when
     * primary and backups have them; applying twice changes nothing.
     *
     * @param rows by cache key ({@link io.glucogrid.feature.EntityKey#of})
     * @throws io.glucogrid.grid.GridException DEADLINE_EXCEEDED, or NOT_READY where the cache cannot be written
     */
    void upsert(FeatureView view, Map<Object, FeatureRow> rows, Duration deadline);
}
