package io.glucogrid.loaders;

import io.glucogrid.store.SegmentInfo;
import io.glucogrid.store.Suppressions;
import io.glucogrid.store.TableSchema;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes many rows straight into the sorted runs of a tier, without any node.
 *
 * <p>Rows that the tier already has, values and creation time included, are left out, so loading the same file again writes
 * nothing. Not thread-safe.
 */
public final class BulkLoad {
    /** A file may go between listing and reading; more often than this in one bucket it does not. */
    private static final int ATTEMPTS = 5;

    private final TierStorage storage;
    private final TableSchema schema;
    private final SegmentFormat format;
    private final SegmentCatalog catalog;

    /** What the tier has, in a walk that came to the bucket before the next one; null before a new listing. */
    private @Nullable BucketMerge present;

    private BulkLoad(TierStorage storage, TableSchema schema, SegmentFormat format) {
        this.storage = storage;
        this.schema = schema;
        this.format = format;
        this.catalog = new SegmentCatalog(storage, new PageCache(0), new Quarantine(storage), schema, new LocalBoard());
    }

    /** Segments in the usual form; INVALID_CONFIG for a table that no segment can hold. */
    public static BulkLoad into(TierStorage storage, TableSchema schema) {
        return into(storage, schema, SegmentFormat.DEFAULT);
    }

    /** INVALID_CONFIG for a table that no segment can hold. */
    public static BulkLoad into(TierStorage storage, TableSchema schema, SegmentFormat format) {
        SegmentSchema.check(schema);
        return new BulkLoad(storage, schema, format);
    }

    /** Rows that the tier does not take, as of now. */
    public Suppressions.Filter suppressed() {
        return SuppressionList.read(new MetaDocuments(storage)).filter(schema.joinKeys());
    }

    /**
     * Adds rows, in any order.
     *
     * @param write false to find out what would be written
     */
    public Result add(RowBatch batch, boolean write) throws IOException {
        present = null;
        int[] order = batch.sorted();
        batch.sequence(order);
        List<SegmentInfo> segments = new ArrayList<>();
        int kept = 0;
        int start = 0;
        while (start < order.length) {
            int bucket = batch.bucket(order[start]);
            int end = start;
            while (end < order.length && batch.bucket(order[end]) == bucket) {
                end++;
            }
            int[] part = Arrays.copyOfRange(order, start, end);
            int[] fresh = missing(batch, part);
            kept += fresh.length;
            if (write && fresh.length > 0) {
                String folder = SegmentName.bucketFolder(schema.name(), bucket);
                segments.add(SegmentFile.write(storage, folder, schema, format, batch, fresh));
            }
            start = end;
        }
        return new Result(kept, order.length - kept, segments);
    }

    private int[] missing(RowBatch batch, int[] order) throws IOException {
        Column keys = batch.key(0);
        int least = order[0];
        int greatest = order[order.length - 1];
        for (int attempt = 1; ; attempt++) {
            try {
                BucketMerge walk = present;
                if (walk == null) {
                    walk = new BucketMerge(catalog.relist());
                    present = walk;
                }
                return missing(
                        batch,
                        order,
                        walk.bucket(batch.bucket(least), index -> index.mayHaveKeys(keys, least, greatest)));
            } catch (NoSuchFileException gone) { // compacted since it was listed
                if (attempt == ATTEMPTS) {
                    throw gone;
                }
                present = null;
            }
        }
    }

    /** Of sorted rows those that are neither in the tier nor before them in the batch. */
    private static int[] missing(RowBatch batch, int[] order, BucketMerge.Rows present) throws IOException {
        Group group = new Group();
        int[] fresh = new int[order.length];
        int count = 0;
        boolean more = present.next();
        for (int row : order) {
            if (!group.isOf(batch, row)) {
                group.clear();
                while (more && present.batch().compareEntry(present.row(), batch, row) < 0) {
                    more = present.next();
                }
                while (more && present.batch().compareEntry(present.row(), batch, row) == 0) {
                    group.add(present.batch(), present.row());
                    more = present.next();
                }
            }
            if (!group.has(batch, row)) {
                fresh[count++] = row;
            }
            group.add(batch, row);
        }
        return Arrays.copyOf(fresh, count);
    }

    /**
     * What became of the rows.
     *
     * @param added rows that were not there before
     * @param present rows that were there before, or twice in the batch
     * @param segments what was written
     */
    public record Result(int added, int present, List<SegmentInfo> segments) {}

    /** Known rows of one key and event time. */
    private static final class Group {
        private final List<RowBatch> batches = new ArrayList<>();
        private final List<Integer> rows = new ArrayList<>();
        private @Nullable RowBatch own;
        private int ownRow;

        /** Whether a row of the batch belongs to the group of the batch's row before it. */
        boolean isOf(RowBatch batch, int row) {
            return own != null && own.compareEntry(ownRow, batch, row) == 0;
        }

        void clear() {
            batches.clear();
            rows.clear();
            own = null;
        }

        void add(RowBatch batch, int row) {
            batches.add(batch);
            rows.add(row);
            own = batch;
            ownRow = row;
        }

        boolean has(RowBatch batch, int row) {
            for (int i = 0; i < rows.size(); i++) {
                if (batches.get(i).same(rows.get(i), batch, row)) {
                    return true;
                }
            }
            return false;
        }
    }
}
