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
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** One table of the tier: its segments, reads over all of them, and its writer. Thread-safe. */
final class HistoryTable implements Closeable {
    /** A file may go between listing and reading; more often than this, without any row in between, it does not. */
    private static final int ATTEMPTS = 5;

    /** Deleted event times that are passed between two looks whether anybody still waits. */
    private static final int DELETES_BETWEEN_LOOKS = 1_024;

    private final TableSchema schema;
    private final SegmentCatalog catalog;
    private final SegmentWriter writer;
    private final long joinBytes;

    /** {@code joinBytes}: what a join of many questions may take for decoded pages. */
    HistoryTable(TableSchema schema, SegmentCatalog catalog, SegmentWriter writer, long joinBytes) {
        this.schema = schema;
        this.catalog = catalog;
        this.writer = writer;
        this.joinBytes = joinBytes;
    }

    SegmentCatalog catalog() {
        return catalog;
    }

    SegmentWriter writer() {
        return writer;
    }

    CompletableFuture<Void> append(List<HistoryRow> rows, boolean waitForGrid) {
        return writer.append(rows, waitForGrid);
    }

    List<@Nullable HistoryRow> asOf(List<AsOf> questions, boolean mayWait) {
        List<Probe> probes = new ArrayList<>(questions.size());
        for (AsOf question : questions) {
            probes.add(Probe.of(schema, question));
        }
        return reading(mayWait, segments -> {
            List<@Nullable HistoryRow> answers = new ArrayList<>(probes.size());
            for (Probe probe : probes) {
                answers.add(asOf(segments, probe, HistoryTable::requireNoInterrupt));
            }
            return Collections.unmodifiableList(answers);
        });
    }

    void join(AsOfBatch questions, AsOfAnswers answers) {
        List<HistoryRow> none = List.of();
        AsOfJoin join = new AsOfJoin(
                schema,
                AsOfQuestions.of(schema, questions),
                answers,
                (segments, question) -> asOf(segments, Probe.of(schema, question), () -> {
                    requireNoInterrupt();
                    answers.requireTime();
                }),
                joinBytes);
        reading(true, join::place, segments -> {
            join.over(segments);
            return none;
        });
    }

    List<List<HistoryRow>> ranges(List<AsOf> questions) {
        List<Probe> probes = new ArrayList<>(questions.size());
        for (AsOf question : questions) {
            probes.add(Probe.of(schema, question));
        }
        return reading(true, segments -> {
            List<List<HistoryRow>> answers = new ArrayList<>(probes.size());
            for (Probe probe : probes) {
                answers.add(range(segments, probe));
            }
            return answers;
        });
    }

    private static List<HistoryRow> range(SegmentCatalog.Snapshot segments, Probe probe) throws IOException {
        SortedMap<Long, Segment.Hit> winners = new TreeMap<>();
        for (Segment[] part : List.of(segments.runs()[probe.bucket()], segments.fresh())) {
            for (Segment segment : part) {
                segment.range(probe, hit -> winners.merge(hit.event(), hit, (a, b) -> b.beats(a) ? b : a));
            }
        }
        List<HistoryRow> rows = new ArrayList<>(winners.size());
        for (Segment.Hit winner : winners.values()) {
            if (!winner.rows().isDelete(winner.row())) {
                rows.add(winner.rows().row(winner.row()));
            }
        }
        return rows;
    }

    private static void requireNoInterrupt() {
        if (Thread.currentThread().isInterrupted()) {
            throw new GridException(ErrorCode.DEADLINE_EXCEEDED, "the read was stopped: nobody waits for it");
        }
    }

    /** A delete hides its event time; the answer is then the latest row before it. */
    private static @Nullable HistoryRow asOf(SegmentCatalog.Snapshot segments, Probe probe, Runnable stillWanted)
            throws IOException {
        if (probe.at() < probe.from()) {
            return null;
        }
        Segment[] runs = segments.runs()[probe.bucket()];
        Segment.Hit best = best(segments.fresh(), probe, best(runs, probe, null));
        if (best == null || !best.rows().isDelete(best.row())) {
            return best == null ? null : best.rows().row(best.row());
        }
        List<Segment.Hit> hits = new ArrayList<>();
        for (Segment[] part : List.of(runs, segments.fresh())) {
            for (Segment segment : part) {
                Segment.Hit hit = segment.floor(probe, probe.from(), best.event());
                if (hit != null) {
                    hits.add(hit);
                }
            }
        }
        return behind(best, hits, probe, stillWanted);
    }

    /** The latest row before a delete, of segments that walk back together, each row by row. */
    private static @Nullable HistoryRow behind(
            Segment.Hit delete, List<Segment.Hit> hits, Probe probe, Runnable stillWanted) throws IOException {
        Segment.Hit best = delete;
        for (int deletes = 1; best != null && best.rows().isDelete(best.row()); deletes++) {
            if (deletes % DELETES_BETWEEN_LOOKS == 0) {
                stillWanted.run();
            }
            long event = best.event();
            best = null;
            int left = 0;
            for (Segment.Hit hit : hits) {
                Segment.Hit before = hit.event() < event ? hit : hit.segment().before(hit, probe);
                if (before != null) {
                    hits.set(left++, before);
                    best = best == null || before.beats(best) ? before : best;
                }
            }
            hits.subList(left, hits.size()).clear();
        }
        return best == null ? null : best.rows().row(best.row());
    }

    private static Segment.@Nullable Hit best(Segment[] segments, Probe probe, Segment.@Nullable Hit known)
            throws IOException {
        Segment.Hit best = known;
        for (Segment segment : segments) {
            Segment.Hit hit = segment.floor(probe, best == null ? probe.from() : best.event(), probe.at());
            if (hit != null && (best == null || hit.beats(best))) {
                best = hit;
            }
        }
        return best;
    }

    /** Every live version in tier order: not deletes, not what they hide, and of equal versions the one that counts. */
    void scan(IntPredicate buckets, Consumer<HistoryRow> rows) {
        List<HistoryRow> none = List.of();
        LiveVersions versions = new LiveVersions(rows);
        reading(true, versions::passed, segments -> {
            versions.restart();
            int first = versions.bucket();
            new BucketMerge(segments).forEach(bucket -> bucket >= first && buckets.test(bucket), versions);
            versions.finish();
            return none;
        });
    }

    /** The last live row of each entity. */
    void latest(IntPredicate buckets, Consumer<HistoryRow> rows) {
        LatestRows latest = new LatestRows(rows);
        scan(buckets, latest);
        latest.finish();
    }

    /** Join keys of the entities that segments not seen yet have rows of, each once per bucket. */
    void changed(IntPredicate buckets, Predicate<String> seen, Consumer<Object[]> entities) {
        List<HistoryRow> none = List.of();
        Entities changed = new Entities(entities);
        reading(true, changed::bucket, segments -> {
            int first = changed.bucket(); // whose entities may come again
            List<Segment> unseen = new ArrayList<>();
            for (Segment segment : segments.all()) {
                boolean wanted = segment.bucket() == SegmentName.NO_BUCKET || buckets.test(segment.bucket());
                if (wanted && !seen.test(segment.path())) {
                    unseen.add(segment);
                }
            }
            new BucketMerge(SegmentCatalog.Snapshot.of(unseen))
                    .forEach(bucket -> bucket >= first && buckets.test(bucket), changed);
            return none;
        });
    }

    List<String> segmentPaths() {
        return reading(true, segments -> {
            List<String> paths = new ArrayList<>();
            for (Segment segment : segments.all()) {
                paths.add(segment.path());
            }
            return paths;
        });
    }

    List<SegmentInfo> segments() {
        return reading(true, segments -> {
            List<SegmentInfo> infos = new ArrayList<>();
            for (Segment segment : segments.all()) {
                infos.add(segment.info());
            }
            return infos;
        });
    }

    void relist() {
        try {
            catalog.relist();
        } catch (IOException failure) {
            throw unavailable(failure);
        }
    }

    private <T> List<T> reading(boolean mayWait, Read<T> read) {
        return reading(mayWait, () -> 0, read);
    }

    /** {@code progress}: rises while the read goes on, and where it is done again it goes on from there. */
    private <T> List<T> reading(boolean mayWait, LongSupplier progress, Read<T> read) {
        try {
            SegmentCatalog.Snapshot segments = catalog.current(mayWait);
            long before = progress.getAsLong();
            int attempt = 1;
            while (true) {
                try {
                    return read.over(segments);
                } catch (NoSuchFileException gone) {
                    long now = progress.getAsLong();
                    attempt = now > before ? 1 : attempt + 1;
                    before = now;
                    if (attempt > ATTEMPTS) {
                        throw gone;
                    }
                    segments = catalog.relist();
                }
            }
        } catch (GridException failure) {
            if (failure.code() == ErrorCode.DAMAGED_DATA) { // told once; the next read goes without the file
                leaveOutDamaged(failure);
            }
            throw failure;
        } catch (IOException failure) {
            throw unavailable(failure);
        }
    }

    private void leaveOutDamaged(GridException failure) {
        try {
            catalog.leaveOutDamaged();
        } catch (IOException unlisted) {
            failure.addSuppressed(unlisted);
        }
    }

    private GridException unavailable(IOException failure) {
        return new GridException(
                ErrorCode.STORAGE_UNAVAILABLE,
                "table '" + schema.name() + "' cannot be read: "
                        + failure.getClass().getSimpleName() + " " + failure.getMessage(),
                failure);
    }

    @Override
    public void close() throws IOException {
        writer.close();
        for (Segment segment : catalog.known().all()) {
            segment.retire();
        }
    }

    /** Of rows that come by entity, passes on the keys of each entity. */
    private static final class Entities implements BucketMerge.RowConsumer {
        private final Consumer<Object[]> entities;
        private @Nullable RowBatch lastBatch;
        private int lastRow;
        private int bucket = -1;

        Entities(Consumer<Object[]> entities) {
            this.entities = entities;
        }

        @Override
        public void row(RowBatch batch, int row) {
            if (lastBatch != null && lastBatch.compareKeys(lastRow, batch, row) == 0) {
                return;
            }
            lastBatch = batch;
            lastRow = row;
            bucket = batch.bucket(row);
            entities.accept(batch.row(row).joinKeys());
        }

        /** Of the last entity that was passed on; -1 before the first. */
        int bucket() {
            return bucket;
        }
    }

    /** A read that may be tried again over other segments. */
    private interface Read<T> {
        List<T> over(SegmentCatalog.Snapshot segments) throws IOException;
    }
}
