package io.glucogrid.online;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.grid.GridException;
import io.glucogrid.window.RowSums;
import io.glucogrid.window.WindowLayout;
import java.time.Duration;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.ignite.IgniteCache;

/** Rows on their way into the online cache of a view with windows: one sum per key, written in one sorted batch. */
final class WindowBatch {
    private final WindowLayout layout;
    private final RowSums rows;

    WindowBatch(WindowLayout layout) {
        this.layout = layout;
        this.rows = new RowSums(layout);
    }

    void add(Object key, FeatureRow row) {
        rows.add(key, row);
    }

    /**
     * Adds every sum to the cache's own row; returns when primaries and backups have them.
     *
     * @throws GridException DEADLINE_EXCEEDED or NOT_READY; some rows may be written then, and writing again is safe
     */
    void writeTo(IgniteCache<Object, FeatureRow> cache, Duration deadline) {
        SortedMap<Object, JoinReadings<Object>> processors = new TreeMap<>(KeyOrder.INSTANCE);
        rows.rows().forEach((key, row) -> processors.put(key, new JoinReadings<>(layout, row)));
        RowBatch.write(cache, processors, deadline);
    }
}
