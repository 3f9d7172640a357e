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
    private @Nullable Place last;
    private @Nullable Place done;
    private long passed;

    LiveVersions(Consumer<HistoryRow> rows) {
        this.rows = rows;
    }

    /** Prepares for the same rows from the start again: those passed on already are skipped. */
    void restart() {
        versions.clear();
        last = null;
    }

    /** How many keys and event times have been passed. */
    long passed() {
        return passed;
    }

    /** Buckets before this one need not be read again. */
    int bucket() {
        return done == null ? 0 : done.bucket();
    }

    @Override
    public void row(RowBatch batch, int row) {
        Place place = new Place(batch, row, batch.bucket(row));
        if (done != null && place.compareTo(done) <= 0) {
            return;
        }
        if (last == null || place.compareTo(last) != 0) {
            finish();
        }
        last = place;
        if (batch.isDelete(row)) {
            versions.clear();
            return;
        }
        HistoryRow next = batch.row(row);
        int newest = versions.size() - 1;
        if (newest >= 0
                && versions.get(newest).row().createdMicros() == next.row().createdMicros()) {
            versions.set(newest, next);
        } else {
            versions.add(next);
        }
    }

    /** Passes on the rows of the last key and event time. */
    void finish() {
        versions.forEach(rows);
        versions.clear();
        if (last != null) {
            done = last;
            passed++;
        }
    }

    /** A key and event time in the order of the tier. */
    private record Place(RowBatch batch, int row, int bucket) {
        int compareTo(Place other) {
            return bucket != other.bucket
                    ? Integer.compare(bucket, other.bucket)
                    : batch.compareEntry(row, other.batch, other.row);
        }
    }
}
