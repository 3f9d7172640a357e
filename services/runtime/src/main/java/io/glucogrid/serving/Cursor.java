package io.glucogrid.serving;

import io.glucogrid.feature.FeatureRow;
import org.jspecify.annotations.Nullable;

/** One entity on its way through a read plan. Not thread-safe. */
final class Cursor {
    /** Join-key values in the plan's order. */
    Object[] keys;

    /** Row of each view of the plan; null where there is none. */
    final @Nullable FeatureRow[] rows;

    /** Values of the plan's request fields. */
    @Nullable
    Object[] request;

    /** Whether the rows are history rows, and {@link #atMicros} is the time asked for. */
    final boolean historical;

    long atMicros;

    Cursor(int views, boolean historical) {
        this.keys = new Object[0];
        this.rows = new FeatureRow[views];
        this.request = new Object[0];
        this.historical = historical;
    }
}
