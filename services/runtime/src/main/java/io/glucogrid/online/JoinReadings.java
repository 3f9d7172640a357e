package io.glucogrid.online;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.window.WindowLayout;
import javax.cache.processor.MutableEntry;
import org.apache.ignite.cache.CacheEntryProcessor;
import org.jspecify.annotations.Nullable;

/**
 * Adds a row and the readings it carries to the row that is there: latest wins, and windows are as if all readings had come in
 * order. Pure and idempotent; a replay leaves the entry untouched.
 */
final class JoinReadings<K> implements CacheEntryProcessor<K, FeatureRow, Void> {
    private static final long serialVersionUID = 1L;

    private final WindowLayout layout;

    private final boolean always;

    @SuppressWarnings("serial") // marshalled by Ignite's binary format
    private final FeatureRow row;

    /**
     * One row's readings.
     *
     * @param always whether the entry is written also where nothing changes: what is kept on disk may have lost, on the backup
     *     alone, an update that nobody acknowledged; it comes again, and writing it reaches both copies
     */
    JoinReadings(WindowLayout layout, FeatureRow row, boolean always) {
        this.layout = layout;
        this.always = always;
        this.row = row;
    }

    @Override
    public @Nullable Void process(MutableEntry<K, FeatureRow> entry, Object... arguments) {
        FeatureRow current = entry.getValue();
        FeatureRow joined = layout.join(current, row);
        if (always || !joined.equals(current)) {
            entry.setValue(joined);
        }
        return null;
    }
}
