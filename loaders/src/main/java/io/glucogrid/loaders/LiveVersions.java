package io.glucogrid.loaders;

import io.glucogrid.store.HistoryRow;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Passes on what is alive of rows in tier order.
 *
 * <p>Versions of one key and event time follow each other by creation time. A delete hides those created before or with it, so
 * a version is known to live only when the next row has come; of several with the same creation time the last one counts.
 */
final class LiveVersions implements BucketMerge.RowConsumer {
    private final Consumer<HistoryRow> rows;
    private final List<HistoryRow> versions = new ArrayList<>();
    private @Nullable RowBatch lastBatch;
    private int lastRow;

    LiveVersions(Consumer<HistoryRow> rows) {
        this.rows = rows;
    }

    @Override
    public void row(RowBatch batch, int row) {
        RowBatch before = lastBatch;
        if (before == null || before.compareEntry(lastRow, batch, row) != 0) {
            finish();
        }
        if (batch.isDelete(row)) {
            versions.clear();
        } else {
            HistoryRow next = batch.row(row);
            int last = versions.size() - 1;
            if (last >= 0
                    && versions.get(last).row().createdMicros() == next.row().createdMicros()) {
                versions.set(last, next);
            } else {
                versions.add(next);
            }
        }
        lastBatch = batch;
        lastRow = row;
    }

    /** Passes on the rows of the last key and event time. */
    void finish() {
        versions.forEach(rows);
        versions.clear();
    }
}
