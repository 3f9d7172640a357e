package io.glucogrid.store;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;

/** Latest rows by entity, spread over the grid. Thread-safe. */
public interface OnlineStore {
    /**
     * Applies rows on their primary nodes, atomically per key: the greatest {@code (event, created)} stays. Returns when
     * primary and backups have them; applying twice changes nothing.
     *
     * @param rows by cache key ({@link io.glucogrid.feature.EntityKey#of})
     * @throws GridException DEADLINE_EXCEEDED, or NOT_READY where the cache cannot be written
     */
    void upsert(FeatureView view, Map<Object, FeatureRow> rows, Duration deadline);

    /**
     * Removes rows, and with them the readings in their windows; returns when primary and backups have none. Harmless when
     * repeated.
     *
     * @param keys as in {@link #upsert}
     * @return how many rows there were
     * @throws GridException DEADLINE_EXCEEDED, or NOT_READY where the cache cannot be written
     */
    default long delete(FeatureView view, Collection<Object> keys, Duration deadline) {
        throw new GridException(
                ErrorCode.NOT_READY, "this online store cannot delete rows of view '" + view.name() + "'");
    }
}
