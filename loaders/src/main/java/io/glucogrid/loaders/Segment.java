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
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One immutable file of a table, opened at first use.
 *
 * <p>The whole file is checked against the checksum in its name before its footer is believed; from then on its page
 * directory stays in memory and pages are read one by one, each with its own checksum. Thread-safe.
 *
 * <p>Every read fails with {@link NoSuchFileException} where the file is gone, with {@link StorageException} where the storage
 * failed or the reading thread was interrupted, and with DAMAGED_DATA where a second look too finds it not what was written.
 */
final class Segment {
    private static final int IDLE_READERS = 2;

    private final TierStorage storage;
    private final PageCache cache;
    private final Quarantine quarantine;
    private final TableSchema schema;
    private final SegmentInfo info;
    private final int bucket;
    private final ConcurrentLinkedDeque<ParquetColumns> idle = new ConcurrentLinkedDeque<>();
    private volatile @Nullable SegmentIndex index;
    private volatile boolean retired;

    Segment(TierStorage storage, PageCache cache, Quarantine quarantine, TableSchema schema, SegmentInfo info) {
        this.storage = storage;
        this.cache = cache;
        this.quarantine = quarantine;
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

    long bytes() {
        return info.bytes();
    }

    /** Its number of rows; 0 where it was neither written nor opened here yet. */
    long knownRows() {
        SegmentIndex known = index;
        return known == null ? info.rows() : known.totalRows();
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

    /** Hands over all known rows of the probe's key between its times, versions and deletes too. */
    void range(Probe probe, Consumer<Hit> hits) throws IOException {
        SegmentIndex directory = index();
        if (directory.latestEvent() < probe.from()) {
            return;
        }
        for (int page = 0; page < directory.pages(); page++) {
            if (directory.mayHave(page, probe, probe.from(), probe.at())) {
                RowBatch rows = page(page);
                for (int row = probe.floor(rows, probe.at());
                        row >= 0 && probe.matches(rows, row) && rows.event().fixed(row) >= probe.from();
                        row--) {
                    if (probe.isKnown(rows, row)) {
                        hits.accept(new Hit(this, rows, row));
                    }
                }
            }
        }
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
        SegmentIndex read = twice(this::openChecked, this::openChecked);
        index = read;
        return read;
    }

    private SegmentIndex openChecked() throws IOException {
        if (!FileCheck.matchesName(storage, path())) {
            throw damaged("the file does not match the checksum in its name");
        }
        return openFile();
    }

    private <T> T twice(SecondLook.Reading<T> first, SecondLook.Reading<T> again) throws IOException {
        return SecondLook.twice(path(), first, again, this::leftOut);
    }

    private SegmentIndex openFile() throws IOException {
        ParquetColumns file = ParquetColumns.open(path(), storage.input(path()));
        try {
            checkMetadata(file);
            if (file.rowGroups() == 1 && file.rows(0) <= ColumnWriter.ROWS_PER_PAGE) {
                List<Field> fields = SegmentSchema.fields(schema);
                RowBatch only = RowBatch.of(schema, decode(file, 0, 0, (int) file.rows(0), fields));
                cache.put(this, 0, only);
                return SegmentIndex.of(only);
            }
            Field key = schema.joinKeys().get(0);
            return SegmentIndex.read(file, key.name(), key.type(), schema.eventTime(), schema.created());
        } catch (GridException understood) {
            throw understood;
        } catch (IOException | RuntimeException damage) {
            throw ParquetColumns.damaged(path(), damage);
        } finally {
            release(file);
        }
    }

    private GridException damaged(String what) {
        return ParquetColumns.damaged(path(), new IOException(what));
    }

    /** Sees to it that the file is left out from now on; not where it was read before and still matches its checksum. */
    private GridException leftOut(GridException damage) throws IOException {
        try {
            boolean readBefore = index != null;
            if (!readBefore || !FileCheck.matchesName(storage, path())) {
                quarantine.isolate(path(), info.bytes(), damage.reason());
            }
        } catch (NoSuchFileException | StorageException unknown) {
            unknown.addSuppressed(damage);
            throw unknown;
        } catch (IOException unmoved) {
            damage.addSuppressed(unmoved);
        }
        return damage;
    }

    private void checkMetadata(ParquetColumns file) {
        String version = file.metadata().get(SegmentSchema.VERSION_KEY);
        String table = file.metadata().get(SegmentSchema.TABLE_KEY);
        String bucketing = file.metadata().get(SegmentSchema.BUCKETING_KEY);
        if (!SegmentSchema.VERSION.equals(version)
                || !schema.name().equals(table)
                || !SegmentSchema.BUCKETING.equals(bucketing)) {
            throw damaged(
                    "not a segment of version " + SegmentSchema.VERSION + " of table '" + schema.name() + "' with "
                            + SegmentSchema.BUCKETING + ": version " + version + ", table " + table + ", " + bucketing);
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

    /** How many pages a read of {@code count} brings: those of one row group. */
    int pagesOf(int page, int count) throws IOException {
        SegmentIndex directory = index();
        int end = page;
        while (end < page + count && end < directory.pages() && directory.rowGroup(end) == directory.rowGroup(page)) {
            end++;
        }
        return end - page;
    }

    /** Some columns of pages that are all in one row group; not kept in memory. */
    Column[] columns(int page, int count, List<Field> fields) throws IOException {
        RowBatch cached = count == 1 ? cache.get(this, page) : null;
        if (cached == null) {
            return read(page, count, fields).toArray(Column[]::new);
        }
        List<Field> all = SegmentSchema.fields(schema);
        Column[] columns = cached.columns();
        return fields.stream().map(field -> columns[all.indexOf(field)]).toArray(Column[]::new);
    }

    private RowBatch read(int page, int count) throws IOException {
        return RowBatch.of(schema, read(page, count, SegmentSchema.fields(schema)));
    }

    private List<Column> read(int page, int pages, List<Field> fields) throws IOException {
        SegmentIndex directory = index();
        int rows = 0;
        int end = page + pagesOf(page, pages);
        for (int i = page; i < end; i++) {
            rows += directory.rows(i);
        }
        int count = rows;
        return twice(
                () -> read(idle.poll(), directory, page, count, fields),
                () -> read(null, directory, page, count, fields));
    }

    private List<Column> read(
            @Nullable ParquetColumns open, SegmentIndex directory, int page, int rows, List<Field> fields)
            throws IOException {
        ParquetColumns reader = open;
        if (reader == null) {
            reader = ParquetColumns.open(path(), storage.input(path()));
        }
        boolean sound = false;
        try {
            List<Column> columns = decode(reader, directory.rowGroup(page), directory.firstRow(page), rows, fields);
            sound = true;
            return columns;
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

    /** Values that the file lacks are null; it must have keys, times and what the tier adds. */
    private List<Column> decode(ParquetColumns file, int rowGroup, long first, int count, List<Field> fields) {
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
        return columns;
    }

    private Column absent(Field field, int count) {
        boolean value = schema.valueIndex(field.name()) >= 0;
        if (!value) {
            throw damaged("no column '" + field.name() + "'");
        }
        Column column = new Column(field.type(), field.type() == ValueType.BYTES ? 0 : count);
        for (int row = 0; row < count; row++) {
            column.addNull();
        }
        return column;
    }

    /** Closes what is open, and forgets what is in memory, once nobody shall use the segment any more. */
    void retire() throws IOException {
        retired = true;
        SegmentIndex known = index;
        cache.drop(this, known == null ? 0 : known.pages());
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
            return order != 0 ? order > 0 : rows.compareValues(row, other.rows, other.row) > 0;
        }

        @Override
        public String toString() {
            return Objects.toString(rows.row(row));
        }
    }
}
