package io.glucogrid.loaders;

import io.glucogrid.grid.Buckets;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.SegmentInfo;
import io.glucogrid.store.Suppressions;
import io.glucogrid.store.TableSchema;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads every byte of a table's files and says what is wrong with them. Changes nothing.
 *
 * <p>Checked are the checksum in each name, footer and metadata, every page with its own checksum, the order of the rows, that a
 * run has only rows of its bucket, rows that are in more than one segment, rows of forgotten entities, and files that belong to
 * nothing.
 */
final class TierCheck {
    /** A compaction may delete what was listed; more often than this without a step forward it does not. */
    private static final int ATTEMPTS = 5;

    private static final String UNFINISHED = "never finished by its writer";

    private final TierStorage storage;
    private final LongConsumer progress;

    /** {@code progress} is told of each number of rows read. */
    TierCheck(TierStorage storage, LongConsumer progress) {
        this.storage = storage;
        this.progress = progress;
    }

    /**
     * A segment that goes while it is looked at is no damage: then the table is listed again, what is new in it checked, and counting
     * goes on at the bucket it had come to. What is counted is so much as each bucket had when its turn came.
     */
    Report check(String table) throws IOException {
        Map<String, Sound> sound = new TreeMap<>();
        Map<String, String> damaged = new TreeMap<>();
        Counts counts = new Counts();
        int attempts = 0;
        int checked = 0;
        int steps = 0;
        while (true) {
            Map<String, String> orphans = new TreeMap<>();
            Map<String, TierStorage.TierFile> segments = segments(table, orphans);
            sound.keySet().retainAll(segments.keySet());
            damaged.keySet().retainAll(segments.keySet());
            try {
                for (TierStorage.TierFile file : segments.values()) {
                    if (!sound.containsKey(file.path()) && !damaged.containsKey(file.path())) {
                        check(table, file, sound, damaged);
                        checked++;
                    }
                }
                Set<String> replaced = replaced(table, segments.keySet(), orphans);
                count(List.copyOf(sound.values()), replaced, counts);
                for (TierStorage.TierFile file : storage.list(Quarantine.FOLDER + "/" + table)) {
                    damaged.put(file.path(), "in quarantine");
                }
                return new Report(
                        table,
                        segments.size(),
                        sound.values().stream().mapToLong(Sound::rows).sum(),
                        counts.repeated,
                        replaced.size(),
                        counts.forgotten,
                        counts.exposed,
                        damaged,
                        orphans);
            } catch (NoSuchFileException gone) { // a compaction deleted it since it was listed; its rows are elsewhere
                attempts = checked + counts.bucket > steps ? 0 : attempts + 1;
                steps = checked + counts.bucket;
                if (attempts == ATTEMPTS) {
                    throw gone;
                }
            }
        }
    }

    /** Why they belong to nothing, by file: what crashes left unfinished outside of tables. */
    Map<String, String> orphans() throws IOException {
        Map<String, String> orphans = new TreeMap<>();
        for (TierStorage.TierFile file : storage.list("")) {
            int slash = file.path().indexOf('/');
            boolean ofTable = slash >= 0 && TierFolders.isTable(file.path().substring(0, slash));
            if (!ofTable && SegmentName.isUnfinished(file.path())) {
                orphans.put(file.path(), UNFINISHED);
            }
        }
        return orphans;
    }

    private Map<String, TierStorage.TierFile> segments(String table, Map<String, String> orphans) throws IOException {
        Map<String, TierStorage.TierFile> segments = new TreeMap<>();
        for (TierStorage.TierFile file : storage.list(table)) {
            String path = file.path();
            if (SegmentName.isSegment(path)) {
                segments.put(path, file);
            } else if (SegmentName.isUnfinished(path)) {
                orphans.put(path, UNFINISHED);
            } else if (!Receipt.isReceipt(path)) {
                orphans.put(path, "not a file of the tier");
            }
        }
        return segments;
    }

    private void check(String table, TierStorage.TierFile file, Map<String, Sound> sound, Map<String, String> damaged)
            throws IOException {
        try {
            TableSchema schema = schema(table, file);
            sound.put(file.path(), new Sound(file, schema, read(schema, file)));
        } catch (GridException problem) {
            StorageException.rethrow(problem);
            damaged.put(file.path(), problem.reason());
        }
    }

    /** Segments that wait for their deletion; a receipt that cannot be read is an orphan. */
    private Set<String> replaced(String table, Set<String> segments, Map<String, String> orphans) throws IOException {
        List<Receipt> receipts = Receipt.of(storage, table);
        Set<String> readable = new HashSet<>();
        receipts.forEach(receipt -> readable.add(receipt.path()));
        for (TierStorage.TierFile file : storage.list(Receipt.folder(table))) {
            if (Receipt.isReceipt(file.path()) && !readable.contains(file.path())) {
                orphans.put(file.path(), "receipt of a compaction that cannot be read");
            }
        }
        Set<String> replaced = Receipt.replaced(receipts, segments);
        replaced.retainAll(segments);
        return replaced;
    }

    private TableSchema schema(String table, TierStorage.TierFile file) throws IOException {
        String misshapen = FileCheck.problem(storage, file);
        if (misshapen == null && !FileCheck.matchesName(storage, file.path())) {
            misshapen = "the file does not match the checksum in its name";
        }
        if (misshapen != null) {
            throw ParquetColumns.damaged(file.path(), new IOException(misshapen));
        }
        try (ParquetColumns columns = ParquetColumns.open(file.path(), storage.input(file.path()))) {
            return SegmentSchema.table(table, columns.schema());
        }
    }

    /** Reads all rows; DAMAGED_DATA where they are not what a segment must hold. */
    private long read(TableSchema schema, TierStorage.TierFile file) throws IOException {
        Segment segment = segment(schema, file);
        try {
            SegmentIndex index = segment.index();
            @Nullable RowBatch before = null;
            long rows = 0;
            for (int page = 0; page < index.pages(); page++) {
                RowBatch batch = segment.pages(page, 1);
                checkOrder(segment, before, batch);
                rows += batch.size();
                progress.accept(batch.size());
                before = batch;
            }
            return rows;
        } finally {
            segment.retire();
        }
    }

    private static void checkOrder(Segment segment, @Nullable RowBatch before, RowBatch batch) {
        for (int row = 0; row < batch.size(); row++) {
            int bucket = batch.bucket(row);
            if (segment.bucket() != SegmentName.NO_BUCKET && bucket != segment.bucket()) {
                throw ParquetColumns.damaged(segment.path(), new IOException("has rows of bucket " + bucket));
            }
            RowBatch last = row > 0 ? batch : before;
            if (last != null) {
                int lastRow = row > 0 ? row - 1 : last.size() - 1;
                int order = Integer.compare(last.bucket(lastRow), bucket);
                order = order != 0 ? order : last.compareEntry(lastRow, batch, row);
                if (order > 0 || (order == 0 && last.compareVersion(lastRow, batch, row) > 0)) {
                    throw ParquetColumns.damaged(segment.path(), new IOException("rows are out of order"));
                }
            }
        }
    }

    /**
     * Counts bucket by bucket, from the first that is not counted yet. Repeated rows are those of segments that are not to be deleted
     * anyway; rows of forgotten entities count wherever they are, for a segment that waits for its deletion still has them.
     */
    private void count(List<Sound> all, Set<String> replaced, Counts counts) throws IOException {
        if (all.isEmpty()) {
            return;
        }
        TableSchema schema = union(all);
        Suppressions list = SuppressionList.read(new MetaDocuments(storage));
        boolean anyForgotten = !list.filter(schema.joinKeys()).isEmpty();
        List<Sound> left = all.stream()
                .filter(segment -> !replaced.contains(segment.file.path()))
                .toList();
        try (Opened kept = open(schema, left);
                Opened searched = open(schema, anyForgotten ? all : List.of())) {
            BucketMerge keptRows = new BucketMerge(kept.segments);
            BucketMerge searchedRows = new BucketMerge(searched.segments);
            for (; counts.bucket < Buckets.COUNT; counts.bucket++) {
                Repeats repeats = new Repeats(schema);
                kept.walk(keptRows, counts.bucket, repeats);
                Forgotten forgotten = new Forgotten(schema, list);
                searched.walk(searchedRows, counts.bucket, forgotten);
                forgotten.finish();
                counts.repeated += repeats.count;
                counts.forgotten += forgotten.rows.found();
                counts.exposed += forgotten.exposed;
            }
        }
    }

    private static TableSchema union(List<Sound> segments) {
        TableSchema union = segments.get(0).schema;
        for (Sound segment : segments) {
            union = SegmentSchema.union(union, segment.schema);
        }
        return union;
    }

    private Opened open(TableSchema schema, List<Sound> files) {
        return new Opened(SegmentCatalog.Snapshot.of(
                files.stream().map(file -> segment(schema, file.file)).toList()));
    }

    private Segment segment(TableSchema schema, TierStorage.TierFile file) {
        SegmentInfo info = new SegmentInfo(schema.name(), file.path(), 0, file.bytes());
        return new Segment(storage, new PageCache(0), new Quarantine(storage, false), schema, info);
    }

    /** A segment that was read to its end. */
    private record Sound(TierStorage.TierFile file, TableSchema schema, long rows) {}

    /**
     * What is in a table's folder.
     *
     * @param repeated rows that are in the tier more than once, which readers count once and a compaction ends
     * @param replaced segments that a compaction has replaced and that wait for their deletion
     * @param forgotten rows of forgotten entities, deletes included, which the next compaction takes out
     * @param exposed those of them that no delete hides, so that other readers of the files see them
     * @param damaged what is wrong, by file
     * @param orphans why it belongs to nothing, by file; nobody reads these
     */
    record Report(
            String table,
            int segments,
            long rows,
            long repeated,
            int replaced,
            long forgotten,
            long exposed,
            Map<String, String> damaged,
            Map<String, String> orphans) {}

    /** What is counted of the rows of all segments together, in the buckets before one. */
    private static final class Counts {
        private int bucket;
        private long repeated;
        private long forgotten;
        private long exposed;
    }

    /** Segments to walk over bucket by bucket; a run is open until its bucket is over, the others until the end. */
    private record Opened(SegmentCatalog.Snapshot segments) implements Closeable {
        void walk(BucketMerge merge, int bucket, BucketMerge.RowConsumer consumer) throws IOException {
            merge.forEach(each -> each == bucket, consumer);
            for (Segment run : segments.runs()[bucket]) {
                run.retire();
            }
        }

        @Override
        public void close() throws IOException {
            for (Segment segment : segments.all()) {
                segment.retire();
            }
        }
    }

    /** Counts rows of forgotten entities, and which of them are alive. */
    private static final class Forgotten implements BucketMerge.RowConsumer {
        private final SuppressedRows rows;
        private final LiveVersions versions = new LiveVersions(row -> this.exposed++);
        private long exposed;

        Forgotten(TableSchema schema, Suppressions list) {
            this.rows = new SuppressedRows(schema, list);
        }

        @Override
        public void row(RowBatch batch, int row) {
            if (rows.has(batch, row)) {
                versions.row(batch, row);
            }
        }

        void finish() {
            versions.finish();
        }
    }

    /** Counts exact duplicates. */
    private static final class Repeats implements BucketMerge.RowConsumer {
        private final RowBatch group;
        private long count;

        Repeats(TableSchema schema) {
            this.group = RowBatch.empty(schema, 16);
        }

        @Override
        public void row(RowBatch batch, int row) {
            if (group.size() > 0 && group.compareEntry(0, batch, row) != 0) {
                group.truncate(0);
            }
            for (int at = 0; at < group.size(); at++) {
                if (group.same(at, batch, row)) {
                    count++;
                    return;
                }
            }
            group.add(batch, row);
        }
    }
}
