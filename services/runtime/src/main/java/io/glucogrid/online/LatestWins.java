package io.glucogrid.online;

import io.glucogrid.feature.FeatureRow;
import javax.cache.processor.MutableEntry;
import org.apache.ignite.cache.CacheEntryProcessor;
import org.jspecify.annotations.Nullable;

/**
 * Puts a row in the place of the one that is there if {@link FeatureRow#replaces} says so. Pure, so Ignite may run it on the
 * primary and again on a backup; idempotent, so a replay changes nothing.
 */
final class LatestWins<K> implements CacheEntryProcessor<K, FeatureRow, Void> {
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // marshalled by Ignite's binary format
    private final FeatureRow row;

    LatestWins(FeatureRow row) {
        this.row = row;
    }

    @Override
    public @Nullable Void process(MutableEntry<K, FeatureRow> entry, Object... arguments) {
        FeatureRow current = entry.getValue();
        if (current == null || row.replaces(current)) {
            entry.setValue(row);
        }
        return null;
    }
}
