package io.glucogrid.online;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.window.WindowLayout;
import java.time.Duration;
import java.util.Map;
import javax.cache.processor.MutableEntry;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.cache.CacheEntryProcessor;
import org.jspecify.annotations.Nullable;

/**
 * Rows that move from one layout of a view to another. Unlike a write, a moved row never takes the place of one of equal times:
 * that one may have come with features which the old layout did not know.
 */
public final class CarriedRows {
    private CarriedRows() {}

    /**
     * Puts rows where there is none or only an older one, and adds the recent readings they carry; returns when primaries and backups have them.
     *
     * @param windows layout of the view's windows; null where it has none
     * @throws io.glucogrid.grid.GridException DEADLINE_EXCEEDED or NOT_READY; some rows may be written then, and writing again is safe
     */
    public static void write(
            IgniteCache<Object, FeatureRow> cache,
            @Nullable WindowLayout windows,
            Map<Object, FeatureRow> rows,
            Duration deadline) {
        BatchWrite.start(cache, rows, row -> new KeepOfEqualAge(windows, row)).await(deadline);
    }

    /** Pure and idempotent, as {@link LatestWins}. */
    private static final class KeepOfEqualAge implements CacheEntryProcessor<Object, FeatureRow, Void> {
        private static final long serialVersionUID = 1L;

        @SuppressWarnings("serial") // marshalled by Ignite's binary format
        private final FeatureRow row;

        private final @Nullable WindowLayout windows;

        KeepOfEqualAge(@Nullable WindowLayout windows, FeatureRow row) {
            this.windows = windows;
            this.row = row;
        }

        @Override
        public @Nullable Void process(MutableEntry<Object, FeatureRow> entry, Object... arguments) {
            FeatureRow current = entry.getValue();
            if (current != null && windows != null) {
                // As if the row that is there had come after the carried one.
                entry.setValue(windows.join(row, current));
            } else if (current == null || !current.replaces(row)) {
                entry.setValue(row);
            }
            return null;
        }
    }
}
