package io.glucogrid.loaders;

import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.SegmentInfo;
import io.glucogrid.store.TableSchema;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.zip.CRC32C;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;
import org.jspecify.annotations.Nullable;

/**
 * One immutable file of a table, opened at first use.
 *
 * <p>The whole file is checked against the checksum in its name before its footer is believed; from then on its page
 * directory stays in memory and pages are read one by one, each with its own checksum. Thread-safe.
 *
 * <p>Every read fails with {@link NoSuchFileException} where the file is gone, and with DAMAGED_DATA where it is
 * not what was written.
 */
final class Segment {
    private static final int IDLE_READERS = 2;
    private static final int CHECK_BUFFER = 1 << 16;
    private static final long UNKNOWN = Long.MIN_VALUE;

    private final TierStorage storage;
    private final PageCache cache;
    private final TableSchema schema;
    private final SegmentInfo info;
    private final int bucket;
    private final ConcurrentLinkedDeque<ParquetColumns> idle = new ConcurrentLinkedDeque<>();
    private volatile @Nullable SegmentIndex index;
    private volatile boolean retired;
    private volatile long latestIngested = UNKNOWN;

    Segment(TierStorage storage, PageCache cache, TableSchema schema, SegmentInfo info) {
        this.storage = storage;
        this.cache = cache;
        this.schema = schema;
        this.info = info;
        this.bucket = SegmentName.bucket(info.path());
    }

    /** The segment with its number of rows, for which its footer may have to be read. */
    SegmentInfo info() throws IOException {
        return new SegmentInfo(info.table(), info.path(), index().totalRows(), info.bytes());
    }

    String path() {
        return info.path();
    }

    /** {@link SegmentName#NO_BUCKET} for a fresh segment. */
    int bucket() {
        return bucket;
    }

    /** Spares the first read of a small segment that this node has just written. */
    void prime(RowBatch onlyPage) {
        cache.put(this, 0, onlyPage);
        index = SegmentIndex.of(onlyPage);
    }

    /** Of the rows of the probe's key with {@code from <= event <= at}, the last in tier order. */
    @Nullable
    Hit floor(Probe probe, long from, long at) throws IOException {
        SegmentIndex directory = index();
        if (directory.latestEvent() < from) {
            return null;
        }
        for (int page = directory.pages() - 1; page >= 0; page--) {
            if (directory.mayHave(page, probe, from, at)) {
                RowBatch rows = page(page);
                int last = probe.floor(rows, at);
                int row = last < 0 ? last : probe.known(rows, last);
                if (row >= 0) { // earlier pages have earlier rows of this key only
                    return rows.event().fixed(row) >= from ? new Hit(this, rows, row) : null;
                }
            }
        }
        return null;
    }

    /** The latest time of ingestion of any row, by the file's own statistics; the end of time where it has none. */
    long latestIngested() throws IOException {
        long known = latestIngested;
        if (known != UNKNOWN) {
            return known;
        }
        SegmentIndex directory = index();
        long latest = Long.MIN_VALUE;
        if (directory.pages() == 1) {
            Column ingested = page(0).ingested();
            for (int row = 0; row < ingested.size(); row++) {
                latest = Math.max(latest, ingested.fixed(row));
            }
        } else {
            try (ParquetColumns file = ParquetColumns.open(path(), storage.input(path()))) {
                for (int group = 0; group < file.rowGroups(); group++) {
                    latest = Math.max(latest, file.greatest(group, TableSchema.INGESTED_AT));
                }
            }
        }
        latestIngested = latest;
        return latest;
    }

    SegmentIndex index() throws IOException {
        SegmentIndex known = index;
        return known != null ? known : open();
    }

    private synchronized SegmentIndex open() throws IOException {
        SegmentIndex known = index;
        if (known != null) {
            return known;
        }
        verify();
        ParquetColumns file = ParquetColumns.open(path(), storage.input(path()));
        try {
            checkMetadata(file);
            SegmentIndex read;
            if (file.rowGroups() == 1 && file.rows(0) <= ColumnWriter.ROWS_PER_PAGE) {
                RowBatch only = decode(file, 0, 0, (int) file.rows(0));
                read = SegmentIndex.of(only);
                cache.put(this, 0, only);
            } else {
                Field key = schema.joinKeys().get(0);
                read = SegmentIndex.read(file, key.name(), key.type(), schema.eventTime());
            }
            index = read;
            return read;
        } catch (GridException understood) {
            throw understood;
        } catch (IOException | RuntimeException damage) {
            throw ParquetColumns.damaged(path(), damage);
        } finally {
            release(file);
        }
    }

    private void verify() throws IOException {
        OptionalInt expected = SegmentName.checksum(path());
        if (expected.isEmpty()) {
            return;
        }
        CRC32C checksum = new CRC32C();
        InputFile file = storage.input(path());
        byte[] buffer = new byte[CHECK_BUFFER];
        try (SeekableInputStream in = file.newStream()) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                checksum.update(buffer, 0, read);
            }
        }
        if ((int) checksum.getValue() != expected.getAsInt()) {
            throw ParquetColumns.damaged(path(), new IOException("the file does not match the checksum in its name"));
        }
    }

    private void checkMetadata(ParquetColumns file) {
        String version = file.metadata().get(SegmentSchema.VERSION_KEY);
        String table = file.metadata().get(SegmentSchema.TABLE_KEY);
        String bucketing = file.metadata().get(SegmentSchema.BUCKETING_KEY);
        if (!SegmentSchema.VERSION.equals(version)
                || !schema.name().equals(table)
                || !SegmentSchema.BUCKETING.equals(bucketing)) {
            throw ParquetColumns.damaged(
                    path(),
                    new IOException("not a segment of version " + SegmentSchema.VERSION + " of table '" + schema.name()
                            + "' with " + SegmentSchema.BUCKETING + ": version " + version + ", table " + table + ", "
                            + bucketing));
        }
    }

    /** A page, from memory where it is there; kept there. */
    RowBatch page(int page) throws IOException {
        RowBatch cached = cache.get(this, page);
        if (cached != null) {
            return cached;
        }
        RowBatch read = read(page, 1);
        cache.put(this, page, read);
        return read;
    }

    /** Up to {@code count} pages from {@code page} on, as far as they are in one row group; not kept in memory. */
    RowBatch pages(int page, int count) throws IOException {
        if (count == 1) {
            RowBatch cached = cache.get(this, page);
            if (cached != null) {
                return cached;
            }
        }
        return read(page, count);
    }

    private RowBatch read(int page, int count) throws IOException {
        SegmentIndex directory = index();
        int rows = 0;
        for (int i = page; i < page + count && i < directory.pages(); i++) {
            if (directory.rowGroup(i) == directory.rowGroup(page)) {
                rows += directory.rows(i);
            }
        }
        ParquetColumns reader = idle.poll();
        if (reader == null) {
            reader = ParquetColumns.open(path(), storage.input(path()));
        }
        boolean sound = false;
        try {
            RowBatch batch = decode(reader, directory.rowGroup(page), directory.firstRow(page), rows);
            sound = true;
            return batch;
        } finally {
            if (sound) {
                release(reader);
            } else {
                reader.close();
            }
        }
    }

    private void release(ParquetColumns reader) throws IOException {
        SegmentIndex known = index;
        boolean small = known == null || known.pages() == 1; // stays in memory, mostly
        if (retired || small || idle.size() >= IDLE_READERS) {
            reader.close();
        } else {
            idle.push(reader);
            if (retired) {
                retire();
            }
        }
    }

    /** Columns that the file lacks are null; a missing creation time is the event time. */
    private RowBatch decode(ParquetColumns file, int rowGroup, long first, int count) {
        List<Field> fields = SegmentSchema.fields(schema);
        List<ParquetColumns.@Nullable Plan> plans = new ArrayList<>();
        List<ParquetColumns.Plan> present = new ArrayList<>();
        for (Field field : fields) {
            ParquetColumns.Plan plan = file.plan(field);
            plans.add(plan);
            if (plan != null) {
                present.add(plan);
            }
        }
        List<Column> read = file.read(rowGroup, first, count, present);
        List<Column> columns = new ArrayList<>(fields.size());
        int next = 0;
        for (int i = 0; i < fields.size(); i++) {
            columns.add(plans.get(i) != null ? read.get(next++) : absent(fields.get(i), count));
        }
        return RowBatch.of(schema, columns);
    }

    private Column absent(Field field, int count) {
        boolean value = schema.valueIndex(field.name()) >= 0;
        if (!value) {
            throw ParquetColumns.damaged(path(), new IOException("no column '" + field.name() + "'"));
        }
        Column column = new Column(field.type(), field.type() == ValueType.BYTES ? 0 : count);
        for (int row = 0; row < count; row++) {
            column.addNull();
        }
        return column;
    }

    /** Closes what is open once nobody shall use the segment any more. */
    void retire() throws IOException {
        retired = true;
        for (ParquetColumns reader = idle.poll(); reader != null; reader = idle.poll()) {
            reader.close();
        }
    }

    /** A row that a segment has for a probe. */
    record Hit(Segment segment, RowBatch rows, int row) {
        long event() {
            return rows.event().fixed(row);
        }

        /** Whether this row wins over another of the same key. */
        boolean beats(Hit other) {
            int order = Long.compare(event(), other.event());
            if (order == 0) {
                order = rows.compareVersion(row, other.rows, other.row);
            }
            return order != 0 ? order > 0 : segment.path().compareTo(other.segment.path()) > 0;
        }

        @Override
        public String toString() {
            return Objects.toString(rows.row(row));
        }
    }
}
