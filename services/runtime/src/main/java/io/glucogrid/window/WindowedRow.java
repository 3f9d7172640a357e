package io.glucogrid.window;

import io.glucogrid.feature.FeatureRow;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The sum of several online rows of one entity: the row that wins, carrying the recent readings of all. Adding is commutative,
 * associative and idempotent (but for readings that contradict each other with equal event and creation time, where the later one
 * stays), so rows may be added in any order and any number of times, one by one or as sums. Not thread-safe.
 */
final class WindowedRow {
    private static final int FEW = 512;

    private final WindowLayout layout;
    private @Nullable FeatureRow latest;
    private @Nullable Readings readings;
    private boolean changed;
    private int trimAbove = FEW;

    WindowedRow(WindowLayout layout) {
        this.layout = layout;
    }

    /** Adds a row with all readings it carries. */
    void add(FeatureRow row) {
        FeatureRow before = latest;
        if (before == null) {
            latest = row;
            return;
        }
        Readings known = readings;
        if (known == null) {
            known = layout.readings(before);
            readings = known;
            changed = layout.carried(before) == null;
        }
        changed |= row.recent() == null ? layout.addOwn(row, known) : known.addAll(layout.readings(row));
        if (row.replaces(before)
                && !(row.eventMicros() == before.eventMicros()
                        && row.createdMicros() == before.createdMicros()
                        && Arrays.deepEquals(row.values(), before.values()))) {
            latest = row;
            changed = true;
        }
        if (known.size() > trimAbove) {
            known.keep(layout.longestMicros());
            trimAbove = 2 * known.size() + FEW;
        }
    }

    /** The sum; the very row where only one was added, and the first one where the others changed nothing. */
    FeatureRow row() {
        FeatureRow row = latest;
        if (row == null) {
            throw new IllegalStateException("no row was added");
        }
        Readings known = readings;
        if (known == null || !changed) {
            return row;
        }
        known.keep(layout.longestMicros());
        return row.withRecent(layout.encode(known));
    }
}
