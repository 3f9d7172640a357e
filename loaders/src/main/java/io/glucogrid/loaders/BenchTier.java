package io.glucogrid.loaders;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.AsOf;
import io.glucogrid.store.AsOfAnswers;
import io.glucogrid.store.AsOfBatch;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.SegmentInfo;
import io.glucogrid.store.TableSchema;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** A tier of its own that a benchmark writes, merges and reads, each on the calling thread. */
final class BenchTier implements Closeable {
    private static final TableSchema TABLE = BenchReadings.TABLE;
    private static final SegmentWriter.CommitPolicy NEVER_WRITES =
            new SegmentWriter.CommitPolicy(1, Duration.ZERO, Duration.ZERO);
    private static final int SCANNED_PAGES = 16;

    private final TierStorage storage;
    private final SegmentBoard board;
    private final ParquetOfflineStore store;
    private final SegmentCatalog catalog;

    private BenchTier(TierStorage storage, SegmentBoard board) {
        this.storage = storage;
        this.board = board;
        this.store = new ParquetOfflineStore(storage, board, InstantSource.system(), NEVER_WRITES);
        this.catalog = new SegmentCatalog(storage, new PageCache(0), new Quarantine(storage), TABLE, board);
    }

    static BenchTier in(Path directory) {
        return new BenchTier(TierStorage.open(directory.toUri()), new LocalBoard());
    }

    /** Sorts rows and writes them to a fresh segment, as an append would. */
    SegmentInfo write(RowBatch batch) throws IOException {
        int[] order = batch.sorted();
        batch.sequence(order);
        return SegmentFile.write(
                storage,
                SegmentName.freshFolder(TABLE.name(), Instant.EPOCH),
                TABLE,
                SegmentFormat.DEFAULT,
                batch,
                order);
    }

    /** Merges everything into one run per bucket; the rows read. */
    long compact() throws IOException {
        Compactor compactor = new Compactor(
                storage,
                board,
                InstantSource.system(),
                CompactionPolicy.everything(Duration.ZERO),
                new Pace(0),
                new Quarantine(storage));
        return compactor.compact(TABLE.name()).rowsRead();
    }

    /** Deletes what a compaction has replaced. */
    void sweep() throws IOException {
        new Compactor(
                        storage,
                        board,
                        InstantSource.system(),
                        CompactionPolicy.everything(Duration.ZERO),
                        new Pace(0),
                        new Quarantine(storage))
                .sweep(TABLE.name());
    }

    long bytes() throws IOException {
        long bytes = 0;
        for (TierStorage.TierFile file : storage.list(TABLE.name())) {
            bytes += SegmentName.isSegment(file.path()) ? file.bytes() : 0;
        }
        return bytes;
    }

    int segments() throws IOException {
        return catalog.relist().all().size();
    }

    /** Reads every column of every row; the sum of each column, in the order of the file. */
    long[] scan() throws IOException {
        List<Segment> segments = catalog.relist().all();
        long[] sums = new long[SegmentSchema.fields(TABLE).size()];
        for (Segment segment : segments) {
            int pages = segment.index().pages();
            for (int page = 0; page < pages; page += segment.pagesOf(page, SCANNED_PAGES)) {
                Column[] columns = segment.pages(page, SCANNED_PAGES).columns();
                for (int i = 0; i < sums.length; i++) {
                    sums[i] += columns[i].sum();
                }
            }
        }
        return sums;
    }

    /** Answers all questions in one pass. */
    Joined join(AsOfBatch questions) {
        Joined joined = new Joined(questions.size());
        store.join(TABLE, questions, joined);
        return joined;
    }

    /** Asks questions one by one, after a warm-up, and compares the answers; nanoseconds at the median. */
    double oneRow(AsOfBatch questions, Joined answers, int count) {
        SplittableRandom random = new SplittableRandom(1);
        long[] nanos = new long[count];
        for (int i = -count; i < count; i++) {
            int question = random.nextInt(questions.size());
            List<AsOf> asked = List.of(questions.question(question));
            long start = System.nanoTime();
            HistoryRow answer = store.asOf(TABLE, asked).get(0);
            long taken = System.nanoTime() - start;
            long event = answer == null ? Joined.NOTHING : answer.row().eventMicros();
            if (event != answers.event[question]) {
                throw new GridException(
                        ErrorCode.INTERNAL, "one row at " + event + ", all at once " + answers.event[question]);
            }
            if (i >= 0) {
                nanos[i] = taken;
            }
        }
        Arrays.sort(nanos);
        return nanos[count / 2];
    }

    @Override
    public void close() throws IOException {
        store.close();
        for (Segment segment : catalog.known().all()) {
            segment.retire();
        }
    }

    /** Event time and glucose that answer each question. */
    static final class Joined implements AsOfAnswers {
        static final long NOTHING = Long.MIN_VALUE;

        private final long[] event;
        private final long[] glucose;

        Joined(int questions) {
            this.event = new long[questions];
            this.glucose = new long[questions];
            Arrays.fill(event, NOTHING);
        }

        @Override
        public void answer(int question, Found row) {
            event[question] = row.eventMicros();
            glucose[question] = row.fixed(0);
        }

        long answers() {
            return Arrays.stream(event).filter(found -> found != NOTHING).count();
        }

        long event(int question) {
            return event[question];
        }

        long glucose(int question) {
            return glucose[question];
        }
    }
}
