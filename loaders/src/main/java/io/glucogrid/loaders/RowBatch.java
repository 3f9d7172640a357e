package io.glucogrid.loaders;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.TableSchema;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a history table, column by column: what segments are decoded into and written from.
 *
 * <p>The order of the tier is (bucket, join keys, event time, creation time, op, ingestion time), so that of rows with equal
 * keys and event time the last one holds: the greatest creation time wins, of equal ones a delete, and then the later arrival.
 */
public final class RowBatch {
    /** Rows that come almost in order are sorted faster by moving the few others. */
    private static final int MOVES_PER_ROW = 4;

    private final TableSchema schema;
    private final Column[] keys;
    private final Column event;
    private final Column[] values;
    private final Column created;
    private final Column ingested;
    private final Column op;

    private RowBatch(
            TableSchema schema,
            Column[] keys,
            Column event,
            Column[] values,
            Column created,
            Column ingested,
            Column op) {
        this.schema = schema;
        this.keys = keys;
        this.event = event;
        this.values = values;
        this.created = created;
        this.ingested = ingested;
        this.op = op;
    }

    /** Columns in the order of {@link SegmentSchema}. */
    static RowBatch of(TableSchema schema, List<Column> columns) {
        int keyCount = schema.joinKeys().size();
        int valueCount = schema.values().size();
        Column[] all = columns.toArray(Column[]::new);
        int afterValues = keyCount + 1 + valueCount;
        return new RowBatch(
                schema,
                Arrays.copyOfRange(all, 0, keyCount),
                all[keyCount],
                Arrays.copyOfRange(all, keyCount + 1, afterValues),
                all[afterValues],
                all[afterValues + 1],
                all[afterValues + 2]);
    }

    /** An empty batch with room for {@code capacity} rows. */
    public static RowBatch empty(TableSchema schema, int capacity) {
        return new RowBatch(
                schema,
                columns(schema.joinKeys(), capacity),
                new Column(ValueType.UNIX_TIMESTAMP, capacity),
                columns(schema.values(), capacity),
                new Column(ValueType.UNIX_TIMESTAMP, capacity),
                new Column(ValueType.UNIX_TIMESTAMP, capacity),
                new Column(ValueType.INT32, capacity));
    }

    private static Column[] columns(List<Field> fields, int capacity) {
        return fields.stream().map(field -> new Column(field.type(), capacity)).toArray(Column[]::new);
    }

    public int size() {
        return event.size();
    }

    Column key(int index) {
        return keys[index];
    }

    Column event() {
        return event;
    }

    Column created() {
        return created;
    }

    /** All columns, in the order of the file. */
    Column[] columns() {
        Column[] all = Arrays.copyOf(keys, keys.length + values.length + 4);
        int at = keys.length;
        all[at++] = event;
        for (Column value : values) {
            all[at++] = value;
        }
        all[at++] = created;
        all[at++] = ingested;
        all[at] = op;
        return all;
    }

    /** Adds a row that {@link #check} accepts. */
    public void add(HistoryRow row, long ingestedMicros) {
        Object[] joinKeys = row.joinKeys();
        for (int i = 0; i < keys.length; i++) {
            keys[i].add(joinKeys[i]);
        }
        boolean delete = row.op() == HistoryRow.Op.DELETE;
        for (int i = 0; i < values.length; i++) {
            values[i].add(delete ? null : row.row().value(i));
        }
        event.addFixed(row.row().eventMicros());
        created.addFixed(row.row().createdMicros());
        ingested.addFixed(ingestedMicros);
        op.addFixed(row.op().code());
    }

    /** INVALID_REQUEST that names the column, where a row does not fit the table. */
    static void check(TableSchema schema, List<HistoryRow> rows) {
        for (HistoryRow row : rows) {
            checkKeys(schema, row.joinKeys());
            boolean delete = row.op() == HistoryRow.Op.DELETE;
            if (!delete && row.row().size() != schema.values().size()) {
                throw misfit(
                        schema,
                        "has " + schema.values().size() + " value columns, not "
                                + row.row().size());
            }
            for (int i = 0; !delete && i < schema.values().size(); i++) {
                Object value = row.row().value(i);
                if (value != null) {
                    checkType(schema, schema.values().get(i), value);
                }
            }
        }
    }

    static void checkKeys(TableSchema schema, @Nullable Object[] joinKeys) {
        if (joinKeys.length != schema.joinKeys().size()) {
            throw misfit(schema, "has " + schema.joinKeys().size() + " join keys, not " + joinKeys.length);
        }
        for (int i = 0; i < joinKeys.length; i++) {
            checkType(schema, schema.joinKeys().get(i), joinKeys[i]);
        }
    }

    private static void checkType(TableSchema schema, Field field, @Nullable Object value) {
        if (value == null || value.getClass() != field.type().javaType()) {
            String found = value == null ? "null" : value.getClass().getSimpleName();
            throw misfit(schema, "needs a " + field.type() + " as '" + field.name() + "', not " + found);
        }
    }

    private static GridException misfit(TableSchema schema, String what) {
        return new GridException(ErrorCode.INVALID_REQUEST, "table '" + schema.name() + "' " + what);
    }

    /** Adds a row of a table with INT64 columns only: one join key and one value. */
    public void add(long key, long eventMicros, long value, long createdMicros, long ingestedMicros) {
        keys[0].addFixed(key);
        event.addFixed(eventMicros);
        values[0].addFixed(value);
        created.addFixed(createdMicros);
        ingested.addFixed(ingestedMicros);
        op.addFixed(HistoryRow.Op.UPSERT.code());
    }

    int bucket(int row) {
        return keys[0].bucket(row);
    }

    boolean isDelete(int row) {
        return op.fixed(row) == HistoryRow.Op.DELETE.code();
    }

    HistoryRow row(int row) {
        @Nullable Object[] cells = new Object[values.length];
        for (int i = 0; i < cells.length; i++) {
            cells[i] = values[i].value(row);
        }
        return new HistoryRow(
                joinKeys(row),
                new FeatureRow(event.fixed(row), created.fixed(row), cells),
                isDelete(row) ? HistoryRow.Op.DELETE : HistoryRow.Op.UPSERT);
    }

    private Object[] joinKeys(int row) {
        Object[] joinKeys = new Object[keys.length];
        for (int i = 0; i < keys.length; i++) {
            joinKeys[i] = Objects.requireNonNull(keys[i].value(row));
        }
        return joinKeys;
    }

    int compareKeys(int row, RowBatch other, int otherRow) {
        for (int i = 0; i < keys.length; i++) {
            int order = keys[i].compare(row, other.keys[i], otherRow);
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    /** Order of (join keys, event time); both rows are of one bucket. */
    int compareEntry(int row, RowBatch other, int otherRow) {
        int order = compareKeys(row, other, otherRow);
        return order != 0 ? order : Long.compare(event.fixed(row), other.event.fixed(otherRow));
    }

    /** Order of (creation time, op, ingestion time). */
    int compareVersion(int row, RowBatch other, int otherRow) {
        int order = Long.compare(created.fixed(row), other.created.fixed(otherRow));
        if (order == 0) {
            order = Long.compare(op.fixed(row), other.op.fixed(otherRow));
        }
        return order != 0 ? order : Long.compare(ingested.fixed(row), other.ingested.fixed(otherRow));
    }

    /** Order of the values, which decides where all else ties: two nodes may write in the same microsecond. */
    int compareValues(int row, RowBatch other, int otherRow) {
        for (int i = 0; i < values.length; i++) {
            int order = values[i].compareNullable(row, other.values[i], otherRow);
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    /** Adds a row of a batch of the same table. */
    void add(RowBatch other, int row) {
        for (int i = 0; i < keys.length; i++) {
            keys[i].add(other.keys[i], row);
        }
        event.addFixed(other.event.fixed(row));
        for (int i = 0; i < values.length; i++) {
            values[i].add(other.values[i], row);
        }
        created.addFixed(other.created.fixed(row));
        ingested.addFixed(other.ingested.fixed(row));
        op.addFixed(other.op.fixed(row));
    }

    /** Adds rows {@code from} to {@code to - 1} of a batch of the same table. */
    void add(RowBatch other, int from, int to) {
        Column[] columns = columns();
        Column[] others = other.columns();
        for (int i = 0; i < columns.length; i++) {
            columns[i].add(others[i], from, to);
        }
    }

    /** The first row after {@code from} that has the keys and event time of the row before it; {@code to} where none has. */
    int repeated(int from, int to) {
        int row = from + 1;
        while (row < to && (event.fixed(row) != event.fixed(row - 1) || compareKeys(row - 1, this, row) != 0)) {
            row++;
        }
        return Math.min(row, to);
    }

    /** Forgets all rows from {@code rows} on. */
    void truncate(int rows) {
        for (Column column : columns()) {
            column.truncate(rows);
        }
    }

    /**
     * Makes the ingestion times of rows that would otherwise tie ascend by a microsecond each, so that the order in which they
     * came is in the rows themselves and survives every merge.
     *
     * @param order numbers of the rows in the order of the tier
     * @return the greatest ingestion time
     */
    long sequence(int[] order) {
        long greatest = Long.MIN_VALUE;
        for (int i = 0; i < order.length; i++) {
            int row = order[i];
            int before = i == 0 ? row : order[i - 1];
            if (i > 0
                    && event.fixed(before) == event.fixed(row)
                    && compareEntry(before, this, row) == 0
                    && created.fixed(before) == created.fixed(row)
                    && op.fixed(before) == op.fixed(row)
                    && ingested.fixed(before) >= ingested.fixed(row)) {
                ingested.setFixed(row, ingested.fixed(before) + 1);
            }
            greatest = Math.max(greatest, ingested.fixed(row));
        }
        return greatest;
    }

    /** A number for each row that follows from all of its cells. */
    long[] hashes() {
        long[] hashes = new long[size()];
        for (Column column : columns()) {
            column.addTo(hashes);
        }
        return hashes;
    }

    /** The sum of all rows' {@link #hashes}. */
    long digest() {
        long sum = 0;
        for (long hash : hashes()) {
            sum += hash;
        }
        return sum;
    }

    long created(int row) {
        return created.fixed(row);
    }

    /** Whether two rows are the same but for their time of ingestion. */
    boolean same(int row, RowBatch other, int otherRow) {
        if (compareEntry(row, other, otherRow) != 0
                || created.fixed(row) != other.created.fixed(otherRow)
                || op.fixed(row) != other.op.fixed(otherRow)) {
            return false;
        }
        for (int i = 0; i < values.length; i++) {
            if (!values[i].same(row, other.values[i], otherRow)) {
                return false;
            }
        }
        return true;
    }

    /** A copy with the rows in the given order. */
    RowBatch reordered(int[] order) {
        RowBatch copy = empty(schema, order.length);
        Column[] from = columns();
        Column[] to = copy.columns();
        for (int i = 0; i < from.length; i++) {
            for (int row : order) {
                to[i].add(from[i], row);
            }
        }
        return copy;
    }

    /** Row numbers in the order of the tier; of rows that tie, the later one last. */
    int[] sorted() {
        int[] byKey = byKeys(RowOrder.asTheyCame(size()));
        if (sortTimes(byKey)) {
            return byKey;
        }
        RowOrder byTime =
                RowOrder.asTheyCame(size()).by(ingested).by(op).by(created).by(event);
        return byKeys(byTime);
    }

    private int[] byKeys(RowOrder order) {
        for (int i = keys.length - 1; i >= 0; i--) {
            order.by(keys[i]);
        }
        return order.byBucket(keys[0]).rows();
    }

    /** Sorts rows that are in order of keys by moving those that came late; gives up where that is most of them. */
    private boolean sortTimes(int[] order) {
        long moves = (long) MOVES_PER_ROW * order.length;
        for (int i = 1; i < order.length; i++) {
            int row = order[i];
            int at = i;
            while (at > 0 && comesBefore(row, order[at - 1])) {
                order[at] = order[at - 1];
                at--;
                if (--moves < 0) {
                    return false;
                }
            }
            order[at] = row;
        }
        return true;
    }

    /** Whether a row belongs before one that came earlier and whose keys are not greater. */
    private boolean comesBefore(int row, int other) {
        long time = event.fixed(row);
        long otherTime = event.fixed(other);
        if (time > otherTime || compareKeys(row, this, other) != 0) {
            return false;
        }
        return time < otherTime || compareVersion(row, this, other) < 0;
    }

    long heapBytes() {
        long bytes = 128;
        for (Column column : columns()) {
            bytes += column.heapBytes();
        }
        return bytes;
    }
}
