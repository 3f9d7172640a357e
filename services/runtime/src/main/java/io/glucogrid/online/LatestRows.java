package io.glucogrid.online;

import io.glucogrid.feature.FeatureRow;
import java.util.HashMap;
import java.util.Map;

/** Of several rows of one key, the one that wins. */
final class LatestRows<K> {
    private final Map<K, FeatureRow> rows = new HashMap<>();

    /** Adds a row; of equal times the one added later stays. */
    void add(K key, FeatureRow row) {
        rows.merge(key, row, (current, added) -> added.replaces(current) ? added : current);
    }

    Map<K, FeatureRow> rows() {
        return rows;
    }
}
