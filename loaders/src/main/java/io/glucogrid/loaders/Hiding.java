package io.glucogrid.loaders;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.Suppressions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** Writes a delete for every event time of some entities of a table, a batch at a time. Used once. */
final class Hiding {
    private static final int BATCH_ROWS = 50_000;

    private final HistoryTable table;
    private final Suppressions.Filter entities;
    private final long nowMicros;
    private final Duration deadline;
    private List<HistoryRow> batch = new ArrayList<>();
    private @Nullable HistoryRow newest;
    private long hidden;

    /** Deadline: of each batch. */
    Hiding(HistoryTable table, Suppressions.Filter entities, long nowMicros, Duration deadline) {
        this.table = table;
        this.entities = entities;
        this.nowMicros = nowMicros;
        this.deadline = deadline;
    }

    /** Hides the rows in the buckets; returns of how many event times. */
    long run(IntPredicate buckets) {
        table.scan(buckets, row -> {
            if (entities.covers(row.joinKeys())) {
                add(row);
            }
        });
        finish();
        flush();
        return hidden;
    }

    /** Versions of one event time follow each other, the newest last. */
    private void add(HistoryRow row) {
        HistoryRow before = newest;
        if (before != null
                && (before.row().eventMicros() != row.row().eventMicros()
                        || !Arrays.deepEquals(before.joinKeys(), row.joinKeys()))) {
            finish();
        }
        newest = row;
    }

    /** A delete is created now, or with the row that it hides where that claims to come from the future. */
    private void finish() {
        HistoryRow last = newest;
        if (last != null) {
            long created = Math.max(nowMicros, last.row().createdMicros());
            FeatureRow times = new FeatureRow(last.row().eventMicros(), created, new @Nullable Object[0]);
            batch.add(new HistoryRow(last.joinKeys(), times, HistoryRow.Op.DELETE));
            hidden++;
            newest = null;
            if (batch.size() >= BATCH_ROWS) {
                flush();
            }
        }
    }

    private void flush() {
        if (batch.isEmpty()) {
            return;
        }
        try {
            table.append(batch, true).get(deadline.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException failure) {
            throw failure.getCause() instanceof GridException known
                    ? known
                    : new GridException(ErrorCode.STORAGE_UNAVAILABLE, "deletes may not be durable", failure);
        } catch (TimeoutException late) {
            throw new GridException(ErrorCode.DEADLINE_EXCEEDED, "deletes may not be durable yet", late);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new GridException(ErrorCode.NOT_READY, "deletes may not be durable: the node is stopping", stopped);
        }
        batch = new ArrayList<>();
    }
}
