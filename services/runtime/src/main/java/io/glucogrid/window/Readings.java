package io.glucogrid.window;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Readings of one entity by rising event time, one per event time: of several the one of greatest creation time, and of equal
 * ones the one that came later.
 *
 * <p>Because that choice and {@link #keep} depend only on the readings, not on their order, adding them late, twice or out of
 * order ends in the same readings. At most {@value #MOST} are kept, the latest ones.
 *
 * <p>Encoded, a reading takes the bytes that its differences need: times as whole seconds where all of them are, event times as
 * steps, creation times relative to the event, whole values as variable-length numbers. A null value is held as NaN. Not
 * thread-safe.
 */
final class Readings {
    /** More readings than this are not kept, nor looked at, in any window of an entity. */
    static final int MOST = 4_096;

    private static final byte VERSION = 1;
    private static final long SECOND = 1_000_000;
    private static final int LEAST_CAPACITY = 16;
    private static final int LONGEST_NUMBER = 10;
    private static final double GREATEST_WHOLE = 1L << 53;

    private final int columns;
    private int size;
    private long[] event;
    private long[] created;
    private double[] values;

    private Readings(int columns, int capacity) {
        this.columns = columns;
        this.event = new long[capacity];
        this.created = new long[capacity];
        this.values = new double[capacity * columns];
    }

    static Readings empty(int columns) {
        return new Readings(columns, LEAST_CAPACITY);
    }

    int size() {
        return size;
    }

    long event(int index) {
        return event[index];
    }

    /** NaN for null. */
    double value(int index, int column) {
        return values[index * columns + column];
    }

    /** Index of the first reading after a time. */
    int firstAfter(long micros) {
        int found = Arrays.binarySearch(event, 0, size, micros);
        return found >= 0 ? found + 1 : -found - 1;
    }

    /** Adds a reading; {@code reading} has one value per column, NaN for null. */
    void add(long eventMicros, long createdMicros, double[] reading) {
        int at = size == 0 || eventMicros > event[size - 1]
                ? -size - 1
                : Arrays.binarySearch(event, 0, size, eventMicros);
        if (at < 0) {
            at = -at - 1;
            open(at);
            event[at] = eventMicros;
        } else if (createdMicros < created[at]) {
            return;
        }
        created[at] = createdMicros;
        System.arraycopy(reading, 0, values, at * columns, columns);
    }

    void addAll(Readings others) {
        double[] reading = new double[columns];
        for (int i = 0; i < others.size; i++) {
            System.arraycopy(others.values, i * columns, reading, 0, columns);
            add(others.event[i], others.created[i], reading);
        }
    }

    /** Drops what no window of the latest reading reaches. */
    void keep(long longestWindowMicros) {
        if (size == 0) {
            return;
        }
        int from = Math.max(firstAfter(event[size - 1] - longestWindowMicros), size - MOST);
        if (from > 0) {
            size -= from;
            System.arraycopy(event, from, event, 0, size);
            System.arraycopy(created, from, created, 0, size);
            System.arraycopy(values, from * columns, values, 0, size * columns);
        }
    }

    private void open(int at) {
        if (size == event.length) {
            event = Arrays.copyOf(event, 2 * size);
            created = Arrays.copyOf(created, 2 * size);
            values = Arrays.copyOf(values, 2 * size * columns);
        }
        System.arraycopy(event, at, event, at + 1, size - at);
        System.arraycopy(created, at, created, at + 1, size - at);
        System.arraycopy(values, at * columns, values, (at + 1) * columns, (size - at) * columns);
        size++;
    }

    /**
     * The readings as bytes; equal readings are equal bytes.
     *
     * @param layout tells readings of other columns apart
     */
    byte[] encode(int layout) {
        long unit = SECOND;
        for (int i = 0; i < size && unit == SECOND; i++) {
            unit = event[i] % SECOND == 0 && created[i] % SECOND == 0 ? SECOND : 1;
        }
        ByteBuffer out = ByteBuffer.allocate(
                2 + Integer.BYTES + LONGEST_NUMBER + size * (2 * LONGEST_NUMBER + columns * LONGEST_NUMBER));
        out.put(VERSION).putInt(layout).put((byte) (unit == SECOND ? 1 : 0));
        putNumber(out, size);
        long before = 0;
        for (int i = 0; i < size; i++) {
            long at = event[i] / unit;
            putNumber(out, zigzag(at - before));
            putNumber(out, zigzag(created[i] / unit - at));
            before = at;
            for (int column = 0; column < columns; column++) {
                putValue(out, values[i * columns + column]);
            }
        }
        return Arrays.copyOf(out.array(), out.position());
    }

    /**
     * What {@link #encode} wrote, with room for one more; null where it was written with another layout.
     *
     * @throws GridException DAMAGED_DATA where it is something else
     */
    static @Nullable Readings decode(byte[] bytes, int layout, int columns) {
        try {
            ByteBuffer in = ByteBuffer.wrap(bytes);
            if (in.get() != VERSION || in.getInt() != layout) {
                return null;
            }
            long unit = in.get() == 1 ? SECOND : 1;
            long size = number(in);
            if (size < 0 || size > MOST) {
                throw new BufferUnderflowException();
            }
            Readings readings = new Readings(columns, Math.max(LEAST_CAPACITY, (int) size + 1));
            long before = 0;
            for (int i = 0; i < size; i++) {
                long at = before + unzigzag(number(in));
                readings.event[i] = at * unit;
                readings.created[i] = (at + unzigzag(number(in))) * unit;
                before = at;
                for (int column = 0; column < columns; column++) {
                    readings.values[i * columns + column] = value(in);
                }
            }
            readings.size = (int) size;
            return readings;
        } catch (BufferUnderflowException | IndexOutOfBoundsException damage) {
            throw new GridException(ErrorCode.DAMAGED_DATA, "the recent readings of an entity cannot be read", damage);
        }
    }

    /** 0 for null, 1 before the eight bytes of any number, else a whole number. */
    private static void putValue(ByteBuffer out, double value) {
        if (Double.isNaN(value)) {
            out.put((byte) 0);
        } else if (value == Math.rint(value)
                && Math.abs(value) <= GREATEST_WHOLE
                && Double.doubleToRawLongBits(value) != Double.doubleToRawLongBits(-0.0)) {
            putNumber(out, zigzag((long) value) + 2);
        } else {
            out.put((byte) 1).putDouble(value);
        }
    }

    private static double value(ByteBuffer in) {
        long number = number(in);
        if (number == 0) {
            return Double.NaN;
        }
        return number == 1 ? in.getDouble() : unzigzag(number - 2);
    }

    private static long zigzag(long number) {
        return number << 1 ^ number >> 63;
    }

    private static long unzigzag(long number) {
        return number >>> 1 ^ -(number & 1);
    }

    /** Seven bits a byte, low ones first, the eighth set where more follow. */
    private static void putNumber(ByteBuffer out, long number) {
        long rest = number;
        while ((rest & ~0x7FL) != 0) {
            out.put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        out.put((byte) rest);
    }

    private static long number(ByteBuffer in) {
        long number = 0;
        for (int shift = 0; ; shift += 7) {
            byte part = in.get();
            number |= (part & 0x7FL) << shift;
            if (part >= 0) {
                return number;
            }
        }
    }
}
