package io.glucogrid.loaders;

import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.Buckets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Values of one column of several rows.
 *
 * <p>Types of fixed width are longs (floating-point ones their raw bits), the others objects. Filled by one thread, then only
 * read.
 */
public final class Column {
    private final ValueType type;
    private long[] fixed;
    private @Nullable Object[] objects;
    private boolean @Nullable [] nulls;
    private int size;

    /** An empty column that has room for {@code capacity} rows and grows where that is not enough. */
    public Column(ValueType type, int capacity) {
        this.type = type;
        this.fixed = isFixed(type) ? new long[capacity] : new long[0];
        this.objects = isFixed(type) ? new Object[0] : new Object[capacity];
    }

    /** A column of whole numbers around an array that nobody changes. */
    static Column of(long[] numbers) {
        Column column = new Column(ValueType.INT64, 0);
        column.fixed = numbers;
        column.size = numbers.length;
        return column;
    }

    static boolean isFixed(ValueType type) {
        return type != ValueType.STRING && type != ValueType.BYTES;
    }

    public ValueType type() {
        return type;
    }

    public int size() {
        return size;
    }

    public boolean isNull(int row) {
        boolean[] known = nulls;
        return known != null && row < known.length && known[row];
    }

    /** The value of a fixed-width type: a whole number, microseconds, 0 or 1, or the raw bits of a FLOAT or DOUBLE. */
    public long fixed(int row) {
        return fixed[row];
    }

    /** All values of a fixed-width type, as long as the column or longer; to be read only. */
    long[] fixed() {
        return fixed;
    }

    /** The bucket of a first join key. */
    int bucket(int row) {
        return type == ValueType.INT64 ? Buckets.of(fixed[row]) : Buckets.of(Objects.requireNonNull(value(row)));
    }

    /** The value as rows hold it in memory. */
    public @Nullable Object value(int row) {
        if (isNull(row)) {
            return null;
        }
        return switch (type) {
            case INT32 -> (int) fixed[row];
            case INT64, UNIX_TIMESTAMP -> fixed[row];
            case FLOAT -> Float.intBitsToFloat((int) fixed[row]);
            case DOUBLE -> Double.longBitsToDouble(fixed[row]);
            case BOOL -> fixed[row] != 0;
            case STRING -> objects[row];
            case BYTES -> bytes(row).clone();
        };
    }

    String string(int row) {
        return (String) Objects.requireNonNull(objects[row]);
    }

    byte[] bytes(int row) {
        return (byte[]) Objects.requireNonNull(objects[row]);
    }

    /** Adds the value of a fixed-width type, in the form of {@link #fixed}. */
    public void addFixed(long value) {
        if (size == fixed.length) {
            fixed = Arrays.copyOf(fixed, grown());
        }
        fixed[size++] = value;
    }

    /** Adds rows of a fixed-width type, which the caller writes into the array from the size before on. */
    long[] extend(int rows) {
        int needed = size + rows;
        if (needed > fixed.length) {
            fixed = Arrays.copyOf(fixed, Math.max(needed, grown()));
        }
        size = needed;
        return fixed;
    }

    /** Adds a value as rows hold it in memory. */
    void add(@Nullable Object value) {
        if (value == null) {
            addNull();
            return;
        }
        switch (type) {
            case INT32 -> addFixed((Integer) value);
            case INT64, UNIX_TIMESTAMP -> addFixed((Long) value);
            case FLOAT -> addFixed(Float.floatToRawIntBits((Float) value));
            case DOUBLE -> addFixed(Double.doubleToRawLongBits((Double) value));
            case BOOL -> addFixed((Boolean) value ? 1 : 0);
            case STRING, BYTES -> addObject(value);
        }
    }

    /** Adds a value of a column of the same type. */
    void add(Column other, int row) {
        if (other.isNull(row)) {
            addNull();
        } else if (isFixed(type)) {
            addFixed(other.fixed[row]);
        } else {
            addObject(Objects.requireNonNull(other.objects[row]));
        }
    }

    void addObject(Object value) {
        if (size == objects.length) {
            objects = Arrays.copyOf(objects, grown());
        }
        objects[size++] = value;
    }

    /** Adds a row without a value. */
    public void addMissing() {
        addNull();
    }

    void addNull() {
        boolean[] known = nulls == null ? new boolean[Math.max(size + 1, capacity())] : nulls;
        if (size >= known.length) {
            known = Arrays.copyOf(known, Math.max(grown(), size + 1));
        }
        known[size] = true;
        nulls = known;
        if (isFixed(type)) {
            addFixed(0);
        } else {
            if (size == objects.length) {
                objects = Arrays.copyOf(objects, grown());
            }
            objects[size++] = null;
        }
    }

    /** Replaces the value of a fixed-width type that is not null. */
    void setFixed(int row, long value) {
        fixed[row] = value;
    }

    /** Forgets all rows from {@code rows} on. */
    void truncate(int rows) {
        if (nulls != null && rows < nulls.length) {
            Arrays.fill(nulls, rows, Math.min(size, nulls.length), false);
        }
        if (objects.length > 0) {
            Arrays.fill(objects, rows, size, null);
        }
        size = rows;
    }

    /** Orders two values of which any may be null; nulls come first. */
    int compareNullable(int row, Column other, int otherRow) {
        boolean isNull = isNull(row);
        if (isNull || other.isNull(otherRow)) {
            return Boolean.compare(other.isNull(otherRow), isNull);
        }
        return compare(row, other, otherRow);
    }

    /** Adds rows {@code from} to {@code to - 1} of a column of the same type. */
    void add(Column other, int from, int to) {
        if (isFixed(type) && other.nulls == null) {
            int at = size;
            System.arraycopy(other.fixed, from, extend(to - from), at, to - from);
            return;
        }
        for (int row = from; row < to; row++) {
            add(other, row);
        }
    }

    /** Mixes each row's value into the row's number. */
    void addTo(long[] hashes) {
        if (isFixed(type) && nulls == null) {
            for (int row = 0; row < hashes.length; row++) {
                hashes[row] = mixed(hashes[row], fixed[row]);
            }
        } else {
            for (int row = 0; row < hashes.length; row++) {
                hashes[row] = mixed(hashes[row], hash(row));
            }
        }
    }

    private static long mixed(long hash, long value) {
        long mixed = (hash ^ value) * 0x9E37_79B9_7F4A_7C15L;
        return mixed ^ (mixed >>> 32);
    }

    /** Of equal values equal, whatever batch they are in. */
    long hash(int row) {
        if (isNull(row)) {
            return 1;
        }
        return switch (type) {
            case STRING -> string(row).hashCode();
            case BYTES -> Arrays.hashCode(bytes(row));
            default -> fixed[row];
        };
    }

    private int capacity() {
        return Math.max(fixed.length, objects.length);
    }

    private int grown() {
        return Math.max(16, size + (size >> 1));
    }

    /** Orders two non-null values; strings as their UTF-8 bytes, like Parquet's own statistics. */
    int compare(int row, Column other, int otherRow) {
        return switch (type) {
            case STRING -> compareText(string(row), other.string(otherRow));
            case BYTES -> Arrays.compareUnsigned(bytes(row), other.bytes(otherRow));
            default -> Long.compare(fixed[row], other.fixed[otherRow]);
        };
    }

    boolean same(int row, Column other, int otherRow) {
        boolean isNull = isNull(row);
        if (isNull || other.isNull(otherRow)) {
            return isNull && other.isNull(otherRow);
        }
        return compare(row, other, otherRow) == 0;
    }

    /** Code-point order, which is the order of the UTF-8 bytes; {@link String#compareTo} differs beyond the basic plane. */
    static int compareText(String left, String right) {
        int length = Math.min(left.length(), right.length());
        for (int i = 0; i < length; i++) {
            char a = left.charAt(i);
            char b = right.charAt(i);
            if (a != b) {
                boolean aSurrogate = Character.isSurrogate(a);
                return aSurrogate == Character.isSurrogate(b) ? Character.compare(a, b) : aSurrogate ? 1 : -1;
            }
        }
        return Integer.compare(left.length(), right.length());
    }

    /** The sum of a fixed-width type's values, modulo 2^64. */
    long sum() {
        long sum = 0;
        for (int row = 0; row < size; row++) {
            sum += fixed[row];
        }
        return sum;
    }

    /** Heap that the column holds, about. */
    long heapBytes() {
        long bytes = 64 + 8L * fixed.length + 4L * objects.length + (nulls == null ? 0 : nulls.length);
        for (Object object : objects) {
            if (object instanceof String text) {
                bytes += 56 + text.length();
            } else if (object instanceof byte[] array) {
                bytes += 16 + array.length;
            }
        }
        return bytes;
    }
}
