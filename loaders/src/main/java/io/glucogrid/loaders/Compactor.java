package io.glucogrid.loaders;

import io.glucogrid.grid.Buckets;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.SegmentInfo;
import io.glucogrid.store.Suppressions;
import io.glucogrid.store.TableSchema;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Merges many segments into few.
 *
 * <p>A compaction takes fresh segments, which have rows of all buckets, and the smaller runs of each bucket, and writes one run
 * per bucket. Every output is read back and compared with what was written; only then a {@link Receipt} says which inputs it
 * replaces. An input is deleted by {@link #sweep}, a grace period after the receipt, if all outputs of the receipt are there and
 * sound at that moment.
 *
 * <p>None of this needs to be alone. The argument: a file is deleted only when files with all its rows are there. Those are
 * younger (or the inputs of a compaction that failed, whose outputs no receipt names as a replacement) and are deleted only for
 * the same reason; so chains of replacements have no circles, and the last file of each exists. Two leaders at
 * once write the same rows twice, which no reader sees, for readers count equal rows once, and which the next compaction ends.
 * A leader that slept publishes rows that may have been replaced, compacted or deleted meanwhile: equal ones count once, and
 * deleted ones stay hidden because compactions keep every delete. A receipt whose outputs are gone (another compaction took
 * them) or damaged deletes nothing; its inputs then simply stay segments. A crash leaves unfinished files, which nobody reads,
 * outputs without a receipt, which are segments like others, or a receipt that the next sweep, by whomever, carries out.
 *
 * <p>Rows of forgotten entities are the exception: they are in no output, and a segment that has some is written anew for that
 * alone, however large it is. An output that a leader wrote which did not know yet of a forgotten entity is such a segment.
 *
 * <p>Columns are those of the segments themselves, not of today's definitions, so that no column is ever lost.
 */
final class Compactor {
    /** Fresh segments merged at once; each holds a decoded page and an open file. */
    private static final int MOST_FRESH = 256;

    /** A run joins a merge whose other inputs are not much smaller: each row is rewritten a logarithmic number of times. */
    private static final int SIZE_RATIO = 4;

    /** Pages of an output that are read back at once. */
    private static final int VERIFIED_PAGES = 16;

    private static final long SMALL_RUN_BYTES = 4L << 20;

    /** Damaged segments left out before a compaction gives up. */
    private static final int MOST_DAMAGED = 100;

    private static final Duration ABANDONED_AFTER = Duration.ofDays(1);
    private static final Logger LOG = LoggerFactory.getLogger(Compactor.class);

    private final TierStorage storage;
    private final SegmentBoard board;
    private final InstantSource clock;
    private final CompactionPolicy policy;
    private final Pace pace;
    private final Quarantine quarantine;
    private final SuppressedRows.Searched searched = new SuppressedRows.Searched();

    Compactor(
            TierStorage storage,
            SegmentBoard board,
            InstantSource clock,
            CompactionPolicy policy,
            Pace pace,
            Quarantine quarantine) {
        this.storage = storage;
        this.board = board;
        this.clock = clock;
        this.policy = policy;
        this.pace = pace;
        this.quarantine = quarantine;
    }

    /** Compacts until nothing is left to merge under the policy; what is replaced is deleted by a later {@link #sweep}. */
    Result compact(String table) throws IOException {
        Result total = Result.NOTHING;
        int damaged = 0;
        while (true) {
            try {
                Result round = round(table);
                total = total.plus(round);
                if (round.inputs() == 0) {
                    return total;
                }
            } catch (GridException failure) { // the damaged segment is left out from now on
                if (failure.code() != ErrorCode.DAMAGED_DATA || ++damaged > MOST_DAMAGED) {
                    throw failure;
                }
            }
        }
    }

    private Result round(String table) throws IOException {
        Choice choice = choose(table);
        if (choice.isEmpty()) {
            return Result.NOTHING;
        }
        TableSchema schema = schema(table, choice.files());
        SegmentCatalog.Snapshot chosen = choice.open(path -> segment(schema, path));
        for (Segment segment : chosen.all()) {
            segment.index(); // checks the whole file before anything is written
        }
        Finishing finishing = new Finishing();
        try (finishing) {
            return merge(schema, choice, chosen, finishing);
        } catch (IOException | RuntimeException failure) { // by now nothing is under way any more
            discard(table, finishing.published(), chosen, failure);
            throw failure;
        } finally {
            for (Segment segment : chosen.all()) {
                segment.retire();
            }
        }
    }

    private Result merge(TableSchema schema, Choice choice, SegmentCatalog.Snapshot chosen, Finishing finishing)
            throws IOException {
        String table = schema.name();
        List<String> inputs = new ArrayList<>();
        for (Segment segment : chosen.fresh()) {
            inputs.add(segment.path());
        }
        long expected = 0;
        for (Segment segment : chosen.fresh()) {
            expected += segment.index().totalRows();
        }
        BucketMerge merge = new BucketMerge(chosen);
        SuppressedRows suppressed = new SuppressedRows(schema, choice.suppressions());
        long read = 0;
        long written = 0;
        for (int bucket = 0; bucket < Buckets.COUNT; bucket++) {
            Segment[] runs = chosen.runs()[bucket];
            boolean fresh = merge.hasFresh(bucket);
            if (!fresh && runs.length < 2 && !(runs.length == 1 && choice.rewrites(runs[0].path()))) {
                continue;
            }
            SurvivingRows rows = output(schema, bucket, merge, suppressed, finishing);
            for (Segment run : runs) {
                inputs.add(run.path());
                expected += run.index().totalRows();
            }
            read += rows.read();
            written += rows.written();
        }
        if (inputs.isEmpty()) {
            return Result.NOTHING;
        }
        read += suppressed.found();
        if (read != expected) { // a segment that is not in the order of the tier would lose rows
            throw new IOException(read + " rows merged instead of " + expected + ": a segment of table '" + table
                    + "' is not in order; `glucogrid offline verify` names it");
        }
        finishing.await();
        List<SegmentInfo> outputs = finishing.published();
        board.announce(table, outputs);
        List<String> paths = outputs.stream().map(SegmentInfo::path).toList();
        Receipt.publish(storage, table, nowMicros(), inputs, paths);
        board.invalidate(table); // so that every node goes over to the outputs
        LOG.info(
                "compacted: table={} inputs={} outputs={} rows_read={} rows_written={}",
                table,
                inputs.size(),
                outputs.size(),
                read,
                written);
        return new Result(inputs.size(), outputs.size(), read, written);
    }

    /** Merges a bucket into an output, which is published and read back while the next bucket is merged. */
    private SurvivingRows output(
            TableSchema schema, int bucket, BucketMerge merge, SuppressedRows suppressed, Finishing finishing)
            throws IOException {
        Output output = new Output(schema, bucket);
        SurvivingRows rows = new SurvivingRows(schema, output);
        boolean handedOver = false;
        try {
            BucketMerge.Rows merged = merge.bucket(bucket, index -> true);
            while (merged.next()) {
                if (suppressed.isEmpty()) {
                    rows.rows(merged.batch(), merged.row(), merged.skipRun());
                } else if (!suppressed.has(merged.batch(), merged.row())) {
                    rows.row(merged.batch(), merged.row());
                }
            }
            rows.finish();
            if (rows.written() > 0) { // else all of them are of forgotten entities
                finishing.add(output);
                handedOver = true;
            }
        } finally {
            if (!handedOver) {
                output.close();
            }
        }
        return rows;
    }

    /** Outputs of a compaction that failed go the same way as inputs of one that did not: their rows are in its inputs. */
    private void discard(String table, List<SegmentInfo> outputs, SegmentCatalog.Snapshot inputs, Exception failure) {
        if (outputs.isEmpty()) {
            return;
        }
        try {
            List<String> kept = inputs.all().stream().map(Segment::path).toList();
            List<String> paths = outputs.stream().map(SegmentInfo::path).toList();
            Receipt.publish(storage, table, nowMicros(), paths, kept);
        } catch (IOException stay) { // segments like others
            failure.addSuppressed(stay);
        }
    }

    /** The output as it is on disk must have the rows that were written, in order. */
    private void verify(TableSchema schema, SegmentInfo info, long expected) throws IOException {
        Segment segment = segment(schema, info);
        long digest = 0;
        long rows = 0;
        @Nullable RowBatch before = null;
        SegmentIndex index = segment.index();
        for (int page = 0; page < index.pages(); page += segment.pagesOf(page, VERIFIED_PAGES)) {
            RowBatch batch = segment.pages(page, VERIFIED_PAGES);
            digest += batch.digest();
            for (int row = 0; row < batch.size(); row++) {
                RowBatch last = row > 0 ? batch : before;
                int lastRow = row > 0 ? row - 1 : last == null ? 0 : last.size() - 1;
                if (last != null && last.compareEntry(lastRow, batch, row) > 0) {
                    throw ParquetColumns.damaged(info.path(), new IOException("rows are out of order"));
                }
            }
            rows += batch.size();
            before = batch;
        }
        segment.retire();
        if (rows != info.rows() || digest != expected) {
            throw ParquetColumns.damaged(info.path(), new IOException("the file does not hold what was written to it"));
        }
    }

    /**
     * Deletes what receipts say is replaced, where their grace period is over and their outputs are sound, and files that a
     * crash left unfinished long ago.
     *
     * @return how many segments were deleted
     */
    int sweep(String table) throws IOException {
        int deleted = 0;
        for (Receipt receipt : Receipt.of(storage, table)) {
            if (nowMicros() - receipt.publishedMicros() < policy.graceMicros()) {
                continue;
            }
            if (holds(receipt)) {
                List<SegmentInfo> gone = new ArrayList<>();
                for (String input : receipt.inputs()) {
                    storage.delete(input);
                    gone.add(new SegmentInfo(table, input, 0, 0));
                }
                board.withdraw(gone);
                board.invalidate(table);
                deleted += gone.size();
            } else {
                LOG.warn("receipt not carried out, its outputs were replaced or damaged: receipt={}", receipt.path());
            }
            storage.delete(receipt.path());
        }
        long abandonedMillis = clock.millis() - ABANDONED_AFTER.toMillis();
        for (TierStorage.TierFile file : storage.list(table)) {
            if (SegmentName.isUnfinished(file.path()) && file.modifiedMillis() < abandonedMillis) {
                storage.delete(file.path());
                LOG.info("unfinished file removed: file={} bytes={}", file.path(), file.bytes());
            }
        }
        return deleted;
    }

    private boolean holds(Receipt receipt) throws IOException {
        for (String output : receipt.outputs()) {
            try {
                if (!FileCheck.matchesName(storage, output)) {
                    return false;
                }
            } catch (NoSuchFileException gone) {
                return false;
            }
        }
        return true;
    }

    /** What is worth merging; segments that a receipt already replaces are left alone. */
    private Choice choose(String table) throws IOException {
        Set<String> replaced = new HashSet<>();
        Receipt.of(storage, table).forEach(receipt -> replaced.addAll(receipt.inputs()));
        List<TierStorage.TierFile> fresh = new ArrayList<>();
        List<List<TierStorage.TierFile>> runs = new ArrayList<>();
        IntStream.range(0, Buckets.COUNT).forEach(bucket -> runs.add(new ArrayList<>()));
        for (TierStorage.TierFile file : storage.list(table)) {
            if (!SegmentName.isSegment(file.path()) || replaced.contains(file.path()) || isDamaged(file)) {
                continue;
            }
            int bucket = SegmentName.bucket(file.path());
            (bucket == SegmentName.NO_BUCKET ? fresh : runs.get(bucket)).add(file);
        }
        Suppressions suppressions = SuppressionList.read(new MetaDocuments(storage));
        Set<String> forgotten = withForgottenRows(table, suppressions, fresh, runs);
        boolean crowded = runs.stream().anyMatch(files -> files.size() >= policy.runsOfABucket());
        boolean due = crowded || fresh.size() >= policy.freshSegments();
        List<TierStorage.TierFile> chosen = List.of();
        if (due || fresh.stream().anyMatch(file -> forgotten.contains(file.path()))) {
            fresh.sort(Comparator.comparing((TierStorage.TierFile file) -> !forgotten.contains(file.path()))
                    .thenComparing(TierStorage.TierFile::path));
            chosen = List.copyOf(fresh.subList(0, Math.min(MOST_FRESH, fresh.size())));
        }
        long share = chosen.stream().mapToLong(TierStorage.TierFile::bytes).sum() / Buckets.COUNT;
        List<List<TierStorage.TierFile>> chosenRuns = new ArrayList<>();
        for (List<TierStorage.TierFile> files : runs) {
            Set<TierStorage.TierFile> some = new LinkedHashSet<>();
            if (due || !chosen.isEmpty()) {
                some.addAll(tier(files, share));
            }
            files.stream().filter(file -> forgotten.contains(file.path())).forEach(some::add);
            chosenRuns.add(List.copyOf(some));
        }
        return new Choice(table, chosen, chosenRuns, suppressions, forgotten);
    }

    /** Segments that have rows of forgotten entities, whatever else would be compacted. */
    private Set<String> withForgottenRows(
            String table,
            Suppressions suppressions,
            List<TierStorage.TierFile> fresh,
            List<List<TierStorage.TierFile>> runs)
            throws IOException {
        List<TierStorage.TierFile> files = new ArrayList<>(fresh);
        runs.forEach(files::addAll);
        searched.keepOnly(files.stream().map(TierStorage.TierFile::path).toList());
        Set<String> found = new HashSet<>();
        for (TierStorage.TierFile file : files) {
            if (searched.isClean(file.path(), suppressions)) {
                continue;
            }
            try {
                TableSchema schema = schema(table, List.of(file));
                Segment segment = segment(schema, file);
                try {
                    if (new SuppressedRows(schema, suppressions).isIn(segment)) {
                        found.add(file.path());
                    } else {
                        searched.clean(file.path(), suppressions);
                    }
                } finally {
                    segment.retire();
                }
            } catch (NoSuchFileException gone) {
                LOG.debug("segment went before it was searched: file={}", file.path());
            }
        }
        return found;
    }

    private boolean isDamaged(TierStorage.TierFile file) throws IOException {
        if (quarantine.holds(file)) {
            return true;
        }
        try {
            String problem = FileCheck.problem(storage, file);
            if (problem != null) {
                quarantine.mark(file.path(), file.bytes(), problem);
            }
            return problem != null;
        } catch (NoSuchFileException gone) {
            return true;
        }
    }

    private List<TierStorage.TierFile> tier(List<TierStorage.TierFile> runs, long freshBytes) {
        List<TierStorage.TierFile> bySize = new ArrayList<>(runs);
        bySize.sort(Comparator.comparingLong(TierStorage.TierFile::bytes));
        List<TierStorage.TierFile> chosen = new ArrayList<>();
        long bytes = freshBytes;
        if (runs.size() >= policy.runsOfABucket()) { // too many: the smallest starts a merge of its own
            bytes = Math.max(bytes, bySize.get(0).bytes());
        }
        for (TierStorage.TierFile run : bySize) {
            if (policy.sizeTiered() && run.bytes() > Math.max(SMALL_RUN_BYTES, SIZE_RATIO * bytes)) {
                break;
            }
            chosen.add(run);
            bytes += run.bytes();
        }
        return chosen;
    }

    private TableSchema schema(String table, List<TierStorage.TierFile> files) throws IOException {
        @Nullable TableSchema schema = null;
        for (TierStorage.TierFile file : files) {
            try (ParquetColumns columns = ParquetColumns.open(file.path(), storage.input(file.path()))) {
                TableSchema found = SegmentSchema.table(table, columns.schema());
                schema = schema == null ? found : SegmentSchema.union(schema, found);
            } catch (GridException misfit) {
                quarantine.isolate(file.path(), file.bytes(), misfit.reason());
                throw ParquetColumns.damaged(file.path(), misfit);
            }
        }
        if (schema == null) {
            throw new IOException("no segments of table '" + table + "'");
        }
        return schema;
    }

    private Segment segment(TableSchema schema, TierStorage.TierFile file) {
        return segment(schema, new SegmentInfo(schema.name(), file.path(), 0, file.bytes()));
    }

    private Segment segment(TableSchema schema, SegmentInfo info) {
        return new Segment(storage, new PageCache(0), quarantine, schema, info);
    }

    private long nowMicros() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
    }

    /**
     * What a compaction did.
     *
     * @param inputs segments merged
     * @param outputs segments written instead
     * @param rowsRead rows of the inputs
     * @param rowsWritten rows of the outputs: without duplicates and what deletes hide
     */
    record Result(int inputs, int outputs, long rowsRead, long rowsWritten) {
        static final Result NOTHING = new Result(0, 0, 0, 0);

        Result plus(Result other) {
            return new Result(
                    inputs + other.inputs,
                    outputs + other.outputs,
                    rowsRead + other.rowsRead,
                    rowsWritten + other.rowsWritten);
        }
    }

    /**
     * Segments to merge.
     *
     * @param suppressions rows that are left out
     * @param forgotten those of the segments that have such rows, and are written anew for that alone
     */
    private record Choice(
            String table,
            List<TierStorage.TierFile> fresh,
            List<List<TierStorage.TierFile>> runs,
            Suppressions suppressions,
            Set<String> forgotten) {
        /** Nothing fresh and nowhere two runs: merging would only copy. */
        boolean isEmpty() {
            return fresh.isEmpty() && forgotten.isEmpty() && runs.stream().allMatch(files -> files.size() < 2);
        }

        boolean rewrites(String path) {
            return forgotten.contains(path);
        }

        List<TierStorage.TierFile> files() {
            List<TierStorage.TierFile> files = new ArrayList<>(fresh);
            for (List<TierStorage.TierFile> bucket : runs) {
                if (!fresh.isEmpty()
                        || bucket.size() > 1
                        || (bucket.size() == 1 && rewrites(bucket.get(0).path()))) {
                    files.addAll(bucket);
                }
            }
            return files;
        }

        SegmentCatalog.Snapshot open(Function<TierStorage.TierFile, Segment> opener) {
            return SegmentCatalog.Snapshot.of(files().stream().map(opener).toList());
        }
    }

    /** A run being written, started with its first batch. */
    private final class Output implements SurvivingRows.BatchConsumer, Finishing.Task, Closeable {
        private final TableSchema schema;
        private final SegmentFile file;
        private long digest;

        Output(TableSchema schema, int bucket) throws IOException {
            this.schema = schema;
            this.file = SegmentFile.create(
                    storage, SegmentName.bucketFolder(schema.name(), bucket), schema, policy.format());
        }

        @Override
        public void batch(RowBatch batch) throws IOException {
            pace.rows(batch.size());
            digest += batch.digest();
            file.add(batch, IntStream.range(0, batch.size()).toArray());
        }

        @Override
        public void run(Finishing finishing) throws IOException {
            SegmentInfo info;
            try (file) {
                info = file.publish();
            }
            finishing.published(info);
            verify(schema, info, digest);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
