package io.glucogrid.loaders;

import io.glucogrid.grid.Buckets;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.SegmentInfo;
import io.glucogrid.store.TableSchema;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Merges many segments into few.
 *
 * <p>A compaction takes fresh segments, which have rows of all buckets, and the smaller runs of each bucket, and writes one run
 * per bucket. Every output is read back and compared with what was written; only then a {@link Receipt} says which inputs it
 * replaces. An input is deleted by {@link Sweep}, a grace period after the receipt, if all outputs of the receipt are there and
 * sound at that moment. What is merged is the choice of {@link CompactionChooser}.
 *
 * <p>None of this needs to be alone. The argument: a file is deleted only when files with all its rows are there. Those are
 * younger and are deleted only for the same reason; so chains of replacements have no circles, and the last file of each exists.
 * Outputs without a receipt may always be deleted, for nothing was deleted on their account; so whatever fails before the
 * receipt takes them back at once, which needs no room on a full disk. Where the receipt itself fails nobody knows whether it
 * stands, and they stay. Two leaders at
 * once write the same rows twice, which no reader sees, for readers count equal rows once, and which the next compaction ends.
 * A leader that slept publishes rows that may have been replaced, compacted or deleted meanwhile: equal ones count once, and
 * deleted ones stay hidden because compactions keep every delete. A receipt whose outputs are gone (another compaction took
 * them) or damaged deletes nothing; its inputs then simply stay segments. A leader that finds an input gone before its receipt
 * takes its outputs back and chooses again, so a table that was dropped meanwhile stays empty. A crash leaves unfinished files,
 * which nobody reads, outputs without a receipt, which are segments like others, or a receipt that the next sweep, by whomever,
 * carries out.
 *
 * <p>Rows of forgotten entities are the exception: they are in no output, and a segment that has some is written anew for that
 * alone, however large it is. A leader that finds before its receipt that somebody was forgotten or allowed again meanwhile takes
 * its outputs back too: its rows are in them, and where the entity is allowed again by then, nothing would hide them any more.
 * While entities are forgotten more often than a merge lasts, nothing is merged.
 *
 * <p>Columns are those of the segments themselves, not of today's definitions, so that no column is ever lost.
 */
final class Compactor {
    /** Pages of an output that are read back at once. */
    private static final int VERIFIED_PAGES = 16;

    /** Damaged segments left out before a compaction gives up. */
    private static final int MOST_DAMAGED = 100;

    /** Others may be faster; more often than this in a row they are not. */
    private static final int ATTEMPTS = 10;

    private static final Logger LOG = LoggerFactory.getLogger(Compactor.class);

    private final TierStorage storage;
    private final SegmentBoard board;
    private final InstantSource clock;
    private final CompactionPolicy policy;
    private final Pace pace;
    private final CompactionChooser chooser;

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
        this.chooser = new CompactionChooser(storage, policy, quarantine);
    }

    /**
     * Compacts until nothing is left to merge under the policy; what is replaced is deleted by a later {@link #sweep}. While rows
     * come faster than they are merged, that may be never.
     */
    Result compact(String table) throws IOException {
        Result total = Result.NOTHING;
        while (true) {
            Result merged = compactOnce(table);
            if (merged.inputs() == 0) {
                return total;
            }
            total = total.plus(merged);
        }
    }

    /**
     * Merges once, or not at all where nothing is left to merge. A merge that others have overtaken is given up, and chosen anew; an
     * {@link IOException} where that does not end.
     */
    Result compactOnce(String table) throws IOException {
        int damaged = 0;
        int overtaken = 0;
        while (true) {
            try {
                CompactionChoice choice = chooser.choose(table);
                return choice.isEmpty() ? Result.NOTHING : round(choice);
            } catch (NoSuchFileException | OvertakenException others) {
                LOG.info("compaction given up, others were faster: table={} reason={}", table, others.getMessage());
                if (++overtaken == ATTEMPTS) {
                    throw others;
                }
            } catch (GridException failure) { // the damaged segment is left out from now on
                if (failure.code() != ErrorCode.DAMAGED_DATA || ++damaged > MOST_DAMAGED) {
                    throw failure;
                }
            }
        }
    }

    private Result round(CompactionChoice choice) throws IOException {
        TableSchema schema = chooser.schema(choice.table(), choice.files());
        SegmentCatalog.Snapshot chosen = choice.open(path -> chooser.segment(schema, path));
        try {
            for (Segment segment : chosen.all()) {
                segment.index(); // checks the whole file before anything is written
            }
            return replace(choice.table(), merged(schema, choice, chosen));
        } finally {
            for (Segment segment : chosen.all()) {
                segment.retire();
            }
        }
    }

    /** Until here a failure takes the outputs back; from here on they stay, whatever fails. */
    private Merged merged(TableSchema schema, CompactionChoice choice, SegmentCatalog.Snapshot chosen)
            throws IOException {
        Finishing finishing = new Finishing();
        try (finishing) {
            Merged merged = merge(schema, choice, chosen, finishing);
            finishing.await();
            requireUnchanged(choice, merged.inputs);
            return merged.withOutputs(finishing.published());
        } catch (IOException | RuntimeException | Error failure) { // by now nothing is under way any more
            takeBack(choice, finishing.published(), failure);
            throw failure;
        }
    }

    /**
     * An input that is gone was merged by another leader, or the table was dropped after these outputs were begun: its rows are in
     * other segments or nowhere. One in quarantine is not gone: nobody else has its rows.
     */
    private void requireUnchanged(CompactionChoice choice, List<String> inputs) throws IOException {
        Set<String> gone = missing(choice.table(), inputs);
        gone.removeAll(quarantined(choice.table()));
        if (!gone.isEmpty()) {
            throw new OvertakenException(gone.size() + " of " + inputs.size() + " inputs went meanwhile");
        }
        long listed = SuppressionList.read(new MetaDocuments(storage)).version();
        if (listed != choice.suppressions().version()) { // the outputs may have rows that nobody purges any more
            throw new OvertakenException("entities were forgotten or allowed again meanwhile");
        }
    }

    private Set<String> missing(String table, List<String> paths) throws IOException {
        Set<String> missing = new HashSet<>(paths);
        storage.list(table).forEach(file -> missing.remove(file.path()));
        return missing;
    }

    private Set<String> quarantined(String table) throws IOException {
        String folder = Quarantine.FOLDER + "/";
        Set<String> paths = new HashSet<>();
        storage.list(folder + table).forEach(file -> paths.add(file.path().substring(folder.length())));
        return paths;
    }

    /** Deletes outputs, but not where an input is in quarantine by now, for they have what was still sound of it. */
    private void takeBack(CompactionChoice choice, List<SegmentInfo> outputs, Throwable failure) {
        try {
            List<String> inputs =
                    choice.files().stream().map(TierStorage.TierFile::path).toList();
            Set<String> missing = missing(choice.table(), inputs);
            if (!missing.isEmpty() && quarantined(choice.table()).containsAll(missing)) {
                return;
            }
            for (SegmentInfo output : outputs) {
                storage.delete(output.path());
            }
        } catch (IOException | RuntimeException stay) { // segments like others
            failure.addSuppressed(stay);
        }
    }

    private Merged merge(
            TableSchema schema, CompactionChoice choice, SegmentCatalog.Snapshot chosen, Finishing finishing)
            throws IOException {
        List<String> inputs = new ArrayList<>();
        long expected = 0;
        for (Segment segment : chosen.fresh()) {
            inputs.add(segment.path());
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
        read += suppressed.found();
        if (read != expected) { // a segment that is not in the order of the tier would lose rows
            throw new IOException(read + " rows merged instead of " + expected + ": a segment of table '"
                    + schema.name() + "' is not in order; `glucogrid offline verify` names it");
        }
        return new Merged(inputs, List.of(), read, written);
    }

    /** Says that the inputs are not needed any more. */
    private Result replace(String table, Merged merged) throws IOException {
        List<String> paths = merged.outputs.stream().map(SegmentInfo::path).toList();
        Receipt.publish(storage, table, nowMicros(), policy.graceMicros(), merged.inputs, paths);
        board.invalidate(table); // so that every node goes over to the outputs
        LOG.info(
                "compacted: table={} inputs={} outputs={} rows_read={} rows_written={}",
                table,
                merged.inputs.size(),
                paths.size(),
                merged.read,
                merged.written);
        return new Result(merged.inputs.size(), paths.size(), merged.read, merged.written);
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

    /** The output as it is on disk must have the rows that were written, in order. */
    private void verify(TableSchema schema, SegmentInfo info, long expected) throws IOException {
        Segment segment = chooser.segment(schema, info);
        try {
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
            if (rows != info.rows() || digest != expected) {
                throw ParquetColumns.damaged(
                        info.path(), new IOException("the file does not hold what was written to it"));
            }
        } finally {
            segment.retire();
        }
    }

    /**
     * Deletes what was replaced at least a grace period ago.
     *
     * @return how many segments were deleted
     */
    int sweep(String table) throws IOException {
        return new Sweep(storage, board, clock, policy.graceMicros()).run(table);
    }

    /** Deletes what crashes left unfinished long ago, in all of the tier. */
    void sweepUnfinished() throws IOException {
        new Sweep(storage, board, clock, policy.graceMicros()).unfinished();
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
     * @param rowsWritten rows of the outputs: without exact duplicates and rows of forgotten entities
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

    /** Somebody has changed what a merge was chosen from. */
    private static final class OvertakenException extends IOException {
        private static final long serialVersionUID = 1L;

        OvertakenException(String message) {
            super(message);
        }
    }

    /**
     * What a merge has made.
     *
     * @param outputs segments that have the rows of the inputs, published and read back
     */
    private record Merged(List<String> inputs, List<SegmentInfo> outputs, long read, long written) {
        Merged withOutputs(List<SegmentInfo> published) {
            return new Merged(inputs, published, read, written);
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
