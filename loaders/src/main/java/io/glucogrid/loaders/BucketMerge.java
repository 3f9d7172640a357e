package io.glucogrid.loaders;

import io.glucogrid.grid.Buckets;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * All rows of a table in tier order, bucket after bucket, merged from its segments: every version and every delete.
 *
 * <p>Runs are opened when their bucket comes; fresh segments have rows of all buckets in that same order, so each is read once
 * from its start to its end. Not thread-safe.
 */
final class BucketMerge {
    private static final int PAGES_OF_A_RUN = 16;
    private static final int PAGES_OF_A_FRESH_SEGMENT = 1;

    private static final Comparator<Source> ORDER = (left, right) -> compare(left.batch, left.row, right);

    private final SegmentCatalog.Snapshot snapshot;
    private final List<Source> fresh = new ArrayList<>();

    BucketMerge(SegmentCatalog.Snapshot snapshot) throws IOException {
        this.snapshot = snapshot;
        for (Segment segment : snapshot.fresh()) {
            fresh.add(new Source(segment, PAGES_OF_A_FRESH_SEGMENT));
        }
    }

    private static int compare(RowBatch batch, int row, Source other) {
        int order = batch.compareEntry(row, other.batch, other.row);
        if (order == 0) {
            order = batch.compareVersion(row, other.batch, other.row);
        }
        return order != 0 ? order : batch.compareValues(row, other.batch, other.row);
    }

    /** Hands over the rows of the chosen buckets. */
    void forEach(IntPredicate buckets, RowConsumer consumer) throws IOException {
        for (int bucket = 0; bucket < Buckets.COUNT; bucket++) {
            if (buckets.test(bucket)) {
                Rows rows = bucket(bucket, index -> true);
                while (rows.next()) {
                    consumer.row(rows.batch(), rows.row());
                }
            }
        }
    }

    /**
     * The rows of one bucket; buckets must be asked for in ascending order.
     *
     * @param wanted which segments matter, judged by their page directory
     */
    Rows bucket(int bucket, Predicate<SegmentIndex> wanted) throws IOException {
        PriorityQueue<Source> sources = new PriorityQueue<>(ORDER);
        for (Segment run : snapshot.runs()[bucket]) {
            if (wanted.test(run.index())) {
                Source source = new Source(run, PAGES_OF_A_RUN);
                if (source.seek(bucket)) {
                    sources.add(source);
                }
            }
        }
        for (Source source : fresh) {
            if (wanted.test(source.segment.index()) && source.seek(bucket)) {
                sources.add(source);
            }
        }
        return new Rows(sources, bucket);
    }

    /** Whether fresh segments have rows of the bucket; to be asked before its rows are. */
    boolean hasFresh(int bucket) throws IOException {
        boolean any = false;
        for (Source source : fresh) {
            any |= source.seek(bucket);
        }
        return any;
    }

    /** Takes rows; the batch is only good for this row. */
    interface RowConsumer {
        void row(RowBatch batch, int row) throws IOException;
    }

    /** A walk over the rows of one bucket. */
    static final class Rows {
        private final PriorityQueue<Source> sources;
        private final int bucket;
        private @Nullable Source current;

        private Rows(PriorityQueue<Source> sources, int bucket) {
            this.sources = sources;
            this.bucket = bucket;
        }

        /** Goes to the next row; false at the end. */
        boolean next() throws IOException {
            Source last = current;
            if (last != null && last.advance() && last.isAt(bucket)) {
                Source rival = sources.peek();
                if (rival == null || ORDER.compare(last, rival) <= 0) { // mostly: one source goes on for long
                    return true;
                }
                sources.add(last);
            }
            current = sources.poll();
            return current != null;
        }

        /**
         * Goes to the last row of those that follow the current one in its batch before any other source's.
         *
         * @return the number behind that row's
         */
        int skipRun() {
            Source source = here();
            int end = source.end(bucket, sources.peek());
            source.row = end - 1;
            return end;
        }

        RowBatch batch() {
            return here().batch;
        }

        int row() {
            return here().row;
        }

        private Source here() {
            Source source = current;
            if (source == null) {
                throw new IllegalStateException("next() was not called, or answered false");
            }
            return source;
        }
    }

    /** One segment's place in the merge. */
    private static final class Source {
        private final Segment segment;
        private final int pagesAtOnce;
        private RowBatch batch;
        private int nextPage;
        private int row;

        Source(Segment segment, int pagesAtOnce) throws IOException {
            this.segment = segment;
            this.pagesAtOnce = pagesAtOnce;
            this.batch = segment.pages(0, pagesAtOnce);
            this.nextPage = segment.pagesOf(0, pagesAtOnce);
        }

        /** Skips to the first row of the bucket or a later one; false where the segment has none of this bucket. */
        boolean seek(int bucket) throws IOException {
            while (row < batch.size() || load()) {
                int found = batch.bucket(row);
                if (found >= bucket) {
                    return found == bucket;
                }
                row++;
            }
            return false;
        }

        /** The first row of the batch behind the current one that is of another bucket or does not come before a rival's. */
        int end(int bucket, @Nullable Source rival) {
            int low = row + 1;
            int step = 1;
            while (low < batch.size() && precedes(Math.min(batch.size(), low + step) - 1, bucket, rival)) {
                low = Math.min(batch.size(), low + step);
                step <<= 1;
            }
            int high = Math.min(batch.size(), low + step - 1);
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (precedes(middle, bucket, rival)) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low;
        }

        private boolean precedes(int other, int bucket, @Nullable Source rival) {
            return batch.bucket(other) == bucket && (rival == null || compare(batch, other, rival) <= 0);
        }

        boolean isAt(int bucket) {
            return batch.bucket(row) == bucket;
        }

        boolean advance() throws IOException {
            return ++row < batch.size() || load();
        }

        private boolean load() throws IOException {
            if (nextPage >= segment.index().pages()) {
                return false;
            }
            int page = nextPage;
            batch = segment.pages(page, pagesAtOnce);
            nextPage = page + segment.pagesOf(page, pagesAtOnce);
            row = 0;
            return true;
        }
    }
}
