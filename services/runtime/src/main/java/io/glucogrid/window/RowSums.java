package io.glucogrid.window;

import io.glucogrid.feature.FeatureRow;
import java.util.HashMap;
import java.util.Map;

/**
 * Online rows of a view with windows by cache key, several of one entity summed into one. Whoever has several rows of an entity
 * to write adds them up here; to keep only the latest would leave the others out of the windows. Not thread-safe.
 */
public final class RowSums {
    private final WindowLayout layout;
    private final Map<Object, WindowedRow> sums = new HashMap<>();

    public RowSums(WindowLayout layout) {
        this.layout = layout;
    }

    public void add(Object key, FeatureRow row) {
        sums.computeIfAbsent(key, first -> new WindowedRow(layout)).add(row);
    }

    /** One row per key. */
    public Map<Object, FeatureRow> rows() {
        Map<Object, FeatureRow> rows = new HashMap<>();
        sums.forEach((key, sum) -> rows.put(key, sum.row()));
        return rows;
    }
}
