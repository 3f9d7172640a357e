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
 * steps, creation times relative to the event, whole values as variable-length numbers. A reading that is newer than all others,
 * as nearly every one is, is written behind the bytes of the others without reading them ({@link #append}); what no window
 * reaches any more is then dropped now and then only, and may be there meanwhile. A null value is held as NaN. The bytes name
 * their columns, so readings outlive a change of the view: they are read with the columns that are wanted now, as nulls where
 * they have no such column. Not thread-safe.
 */
final class Readings {
    /** More readings than this are not kept, nor looked at, in any window of an entity. */
    static final int MOST = 4_096;

    private static final byte VERSION = 2;
    private static final long SECOND = 1_000_000;
    private static final int LEAST_CAPACITY = 16;
    private static final int LONGEST_NUMBER = 10;
    private static final int UNIT_AT = 1;
    private static final int SIZE_AT = 2;
    private static final int FIRST_AT = 6;
    private static final int COLUMNS_AT = 14;

    /** Readings may outlive the longest window by this part of it. */
    private static final int SLACK_PART = 8;

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

    /** Adds a reading; {@code reading} has one value per column, NaN for null. Answers whether that changed anything. */
    boolean add(long eventMicros, long createdMicros, double[] reading) {
        int at = size == 0 || eventMicros > event[size - 1]
                ? -size - 1
                : Arrays.binarySearch(event, 0, size, eventMicros);
        if (at < 0) {
            at = -at - 1;
            open(at);
            event[at] = eventMicros;
        } else if (createdMicros < created[at] || (createdMicros == created[at] && has(at, reading))) {
            return false;
        }
        created[at] = createdMicros;
        System.arraycopy(reading, 0, values, at * columns, columns);
        return true;
    }

    private boolean has(int at, double[] reading) {
        return Arrays.equals(values, at * columns, (at + 1) * columns, reading, 0, columns);
    }

    /** Adds readings; answers whether that changed anything. */
    boolean addAll(Readings others) {
        double[] reading = new double[columns];
        boolean changed = false;
        for (int i = 0; i < others.size; i++) {
            System.arraycopy(others.values, i * columns, reading, 0, columns);
            changed |= add(others.event[i], others.created[i], reading);
        }
        return changed;
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
     * The readings as bytes.
     *
     * @param ids of the columns; tell them from others
     */
    byte[] encode(int[] ids) {
        boolean whole = true;
        for (int i = 0; i < size && whole; i++) {
            whole = isWhole(event[i], created[i]);
        }
        long unit = whole ? SECOND : 1;
        ByteBuffer out = ByteBuffer.allocate(header(columns) + size * longestEntry(columns));
        out.put(VERSION).put((byte) (whole ? 1 : 0)).putInt(size).putLong(size == 0 ? 0 : event[0]);
        putColumns(out, ids);
        double[] reading = new double[columns];
        for (int i = 0; i < size; i++) {
            System.arraycopy(values, i * columns, reading, 0, columns);
            putEntry(out, unit, event[Math.max(0, i - 1)], event[i], created[i], reading);
        }
        return Arrays.copyOf(out.array(), out.position());
    }

    /**
     * Encoded readings with one more that is newer than all of them; null where that takes more than writing it behind them:
     * other columns, finer times, too many readings, or too many that no window reaches any more.
     *
     * @param lastMicros event time of the last encoded reading, before {@code eventMicros}
     */
    static byte @Nullable [] append(
            byte[] encoded,
            int[] ids,
            long longestWindowMicros,
            long lastMicros,
            long eventMicros,
            long createdMicros,
            double[] reading) {
        ByteBuffer in = ByteBuffer.wrap(encoded);
        if (encoded.length < header(ids.length) || in.get(0) != VERSION || !hasColumns(in, ids)) {
            return null;
        }
        boolean whole = in.get(UNIT_AT) == 1;
        int size = in.getInt(SIZE_AT);
        long reached = eventMicros - longestWindowMicros - longestWindowMicros / SLACK_PART;
        if (size >= MOST || in.getLong(FIRST_AT) <= reached || (whole && !isWhole(eventMicros, createdMicros))) {
            return null;
        }
        ByteBuffer entry = ByteBuffer.allocate(longestEntry(reading.length));
        putEntry(entry, whole ? SECOND : 1, lastMicros, eventMicros, createdMicros, reading);
        byte[] longer = Arrays.copyOf(encoded, encoded.length + entry.position());
        System.arraycopy(entry.array(), 0, longer, encoded.length, entry.position());
        ByteBuffer.wrap(longer).putInt(SIZE_AT, size + 1);
        return longer;
    }

    /**
     * What {@link #encode} wrote, with room for one more; null where it has none of the columns.
     *
     * @param ids of the columns to read; one that was not written is null in all readings
     * @throws GridException DAMAGED_DATA where it is something else
     */
    static @Nullable Readings decode(byte[] bytes, int[] ids) {
        try {
            ByteBuffer in = ByteBuffer.wrap(bytes);
            if (in.get() != VERSION) {
                return null;
            }
            long unit = in.get() == 1 ? SECOND : 1;
            int size = in.getInt();
            if (size < 0 || size > MOST) {
                throw new BufferUnderflowException();
            }
            long at = in.getLong() / unit;
            int[] places = places(in, ids);
            if (Arrays.stream(places).allMatch(place -> place < 0)) {
                return null;
            }
            Readings readings = new Readings(ids.length, Math.max(LEAST_CAPACITY, size + 1));
            Arrays.fill(readings.values, 0, size * ids.length, Double.NaN);
            for (int i = 0; i < size; i++) {
                at += number(in);
                readings.event[i] = at * unit;
                readings.created[i] = (at + unzigzag(number(in))) * unit;
                for (int place : places) {
                    double value = value(in);
                    if (place >= 0) {
                        readings.values[i * ids.length + place] = value;
                    }
                }
            }
            readings.size = size;
            return readings;
        } catch (BufferUnderflowException damage) {
            throw new GridException(ErrorCode.DAMAGED_DATA, "the recent readings of an entity cannot be read", damage);
        }
    }

    private static int header(int columns) {
        return COLUMNS_AT + 1 + Integer.BYTES * columns;
    }

    private static void putColumns(ByteBuffer out, int[] ids) {
        out.put((byte) ids.length);
        for (int id : ids) {
            out.putInt(id);
        }
    }

    private static boolean hasColumns(ByteBuffer in, int[] ids) {
        boolean same = in.get(COLUMNS_AT) == ids.length;
        for (int i = 0; i < ids.length && same; i++) {
            same = in.getInt(COLUMNS_AT + 1 + Integer.BYTES * i) == ids[i];
        }
        return same;
    }

    /** For each written column, its place among the wanted ones; -1 where it is not wanted. */
    private static int[] places(ByteBuffer in, int[] ids) {
        int[] places = new int[Math.max(0, in.get())];
        for (int i = 0; i < places.length; i++) {
            int id = in.getInt();
            places[i] = -1;
            for (int place = 0; place < ids.length; place++) {
                if (ids[place] == id) {
                    places[i] = place;
                }
            }
        }
        return places;
    }

    private static boolean isWhole(long eventMicros, long createdMicros) {
        return eventMicros % SECOND == 0 && createdMicros % SECOND == 0;
    }

    private static int longestEntry(int columns) {
        return (2 + columns) * LONGEST_NUMBER;
    }

    private static void putEntry(
            ByteBuffer out, long unit, long beforeMicros, long eventMicros, long createdMicros, double[] reading) {
        putNumber(out, (eventMicros - beforeMicros) / unit);
        putNumber(out, zigzag((createdMicros - eventMicros) / unit));
        for (double value : reading) {
            putValue(out, value);
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
