package io.glucogrid.loaders;

import io.glucogrid.store.TableSchema;
import java.io.IOException;
import java.util.stream.IntStream;

/**
 * Of rows in the order of the tier, those that a compaction keeps, handed on in batches.
 *
 * <p>Of exact duplicates the last one stays, and every other version and delete. What a delete hides stays too: asked for what
 * was known before it was created, the tier answers the same before and after a compaction. Only what is to be forgotten goes.
 */
final class SurvivingRows implements BucketMerge.RowConsumer {
    private static final int BATCH = 32_768;

    private final RowBatch kept;
    private final BatchConsumer batches;
    private int groupStart;
    private long read;
    private long written;

    SurvivingRows(TableSchema schema, BatchConsumer batches) {
        this.kept = RowBatch.empty(schema, BATCH + 1024);
        this.batches = batches;
    }

    @Override
    public void row(RowBatch batch, int row) throws IOException {
        read++;
        int size = kept.size();
        boolean sameGroup = size > 0 && kept.compareEntry(size - 1, batch, row) == 0;
        if (!sameGroup) {
            if (size >= BATCH) {
                flush();
            }
            groupStart = kept.size();
        } else {
            dropDuplicate(batch, row);
        }
        kept.add(batch, row);
    }

    /** Takes rows {@code from} to {@code to - 1}: at once those that share key and event time with no other. */
    void rows(RowBatch batch, int from, int to) throws IOException {
        int at = from;
        while (at < to) {
            row(batch, at++);
            int end = batch.repeated(at - 1, to);
            while (at < end) {
                if (kept.size() >= BATCH) {
                    flush();
                }
                int part = Math.min(end, at + BATCH - kept.size());
                kept.add(batch, at, part);
                groupStart = kept.size() - 1;
                read += part - at;
                at = part;
            }
        }
    }

    private void dropDuplicate(RowBatch batch, int row) {
        int last = kept.size() - 1;
        for (int at = last; at >= groupStart && kept.created(at) == batch.created(row); at--) {
            if (kept.same(at, batch, row)) {
                int[] rest = IntStream.rangeClosed(at + 1, last).toArray();
                RowBatch moved = kept.reordered(rest);
                kept.truncate(at);
                for (int i = 0; i < rest.length; i++) {
                    kept.add(moved, i);
                }
                return;
            }
        }
    }

    /** Hands on what is left. */
    void finish() throws IOException {
        flush();
    }

    private void flush() throws IOException {
        if (kept.size() > 0) {
            written += kept.size();
            batches.batch(kept);
            kept.truncate(0);
            groupStart = 0;
        }
    }

    long read() {
        return read;
    }

    long written() {
        return written;
    }

    /** Takes batches; each is only good until the call returns. */
    interface BatchConsumer {
        void batch(RowBatch batch) throws IOException;
    }
}
