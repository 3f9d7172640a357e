package io.glucogrid.loaders;

import io.glucogrid.store.HistoryRow;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Of rows that come by entity and in order of time, passes on each entity's last. */
final class LatestRows implements Consumer<HistoryRow> {
    private final Consumer<HistoryRow> rows;
    private @Nullable HistoryRow last;

    LatestRows(Consumer<HistoryRow> rows) {
        this.rows = rows;
    }

    @Override
    public void accept(HistoryRow row) {
        HistoryRow before = last;
        if (before != null && !Arrays.deepEquals(before.joinKeys(), row.joinKeys())) {
            rows.accept(before);
        }
        last = row;
    }

    /** Passes on the row of the last entity. */
    void finish() {
        if (last != null) {
            rows.accept(last);
            last = null;
        }
    }
}
