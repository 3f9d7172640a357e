package io.glucogrid.online;

import io.glucogrid.feature.FeatureRow;
import javax.cache.processor.MutableEntry;
import org.apache.ignite.cache.CacheEntryProcessor;
import org.jspecify.annotations.Nullable;

/**
 * Puts a row in the place of the one that is there if {@link FeatureRow#replaces} says so, and where there is none unless only what is
 * present is to be replaced. Pure, so Ignite may run it on the primary and again on a backup; idempotent, so a replay changes nothing.
 */
final class LatestWins<K> implements CacheEntryProcessor<K, FeatureRow, Void> {
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // marshalled by Ignite's binary format
    private final FeatureRow row;

    private final boolean adds;

    LatestWins(FeatureRow row) {
        this(row, true);
    }

    private LatestWins(FeatureRow row, boolean adds) {
        this.row = row;
        this.adds = adds;
    }

    /** Leaves a key alone that has no row. */
    static <K> LatestWins<K> overPresent(FeatureRow row) {
        return new LatestWins<>(row, false);
    }

    @Override
    public @Nullable Void process(MutableEntry<K, FeatureRow> entry, Object... arguments) {
        FeatureRow current = entry.getValue();
        if (current == null ? adds : row.replaces(current)) {
            entry.setValue(row);
        }
        return null;
    }
}
