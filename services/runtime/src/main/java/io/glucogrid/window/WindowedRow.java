package io.glucogrid.window;

import io.glucogrid.feature.FeatureRow;
import org.jspecify.annotations.Nullable;

/**
 * The sum of several online rows of one entity: the row that wins, carrying the recent readings of all. Adding is commutative,
 * associative and idempotent (but for readings that contradict each other with equal event and creation time, where the later one
 * stays), so rows may be added in any order and any number of times, one by one or as sums. Not thread-safe.
 */
public final class WindowedRow {
    private final WindowLayout layout;
    private @Nullable FeatureRow latest;
    private @Nullable Readings readings;

    WindowedRow(WindowLayout layout) {
        this.layout = layout;
    }

    /** Adds a row with all readings it carries. */
    public void add(FeatureRow row) {
        FeatureRow before = latest;
        if (before == null || row.replaces(before)) {
            latest = row;
        }
        Readings known = readings;
        if (known == null) {
            readings = layout.readings(row);
        } else if (row.recent() == null) {
            layout.addOwn(row, known);
        } else {
            known.addAll(layout.readings(row));
        }
        if (readings != null && readings.size() > 2 * Readings.MOST) {
            readings.keep(layout.longestMicros());
        }
    }

    /** The sum. */
    public FeatureRow row() {
        FeatureRow row = latest;
        Readings known = readings;
        if (row == null || known == null) {
            throw new IllegalStateException("no row was added");
        }
        known.keep(layout.longestMicros());
        return row.withRecent(layout.encode(known));
    }
}
