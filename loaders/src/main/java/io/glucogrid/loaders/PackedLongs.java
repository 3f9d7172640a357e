package io.glucogrid.loaders;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Decodes whole pages of the encodings that segments are written in, without a call for each value: DELTA_BINARY_PACKED, the
 * hybrid of runs and bit-packed values that dictionary ids are stored in, and PLAIN (Parquet format, Encodings.md). Parquet's own
 * readers do the same at a fifth of the speed. Every position is checked against the page, so that a damaged one ends in an
 * {@link IOException}.
 */
final class PackedLongs {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    /** Widest value that lies in the eight bytes from its first one on, wherever in that byte it starts. */
    private static final int WIDEST_IN_A_WORD = 57;

    private final byte[] bytes;
    private final int end;
    private int at;

    /** Values from {@code offset} on; the array may be longer than the page. */
    PackedLongs(byte[] bytes, int offset, int length) {
        this.bytes = bytes;
        this.at = offset;
        this.end = offset + length;
    }

    /** PLAIN INT64 or DOUBLE. */
    void plainLongs(long[] target, int from, int count) throws IOException {
        require((long) count * Long.BYTES);
        for (int i = 0; i < count; i++) {
            target[from + i] = (long) LONG.get(bytes, at + i * Long.BYTES);
        }
    }

    /** PLAIN INT32 or FLOAT, the sign extended. */
    void plainInts(long[] target, int from, int count) throws IOException {
        require((long) count * Integer.BYTES);
        for (int i = 0; i < count; i++) {
            target[from + i] = (int) INT.get(bytes, at + i * Integer.BYTES);
        }
    }

    /** DELTA_BINARY_PACKED; of INT32 the caller takes the low half. */
    void deltas(long[] target, int from, int count) throws IOException {
        int blockSize = (int) unsigned();
        int miniBlocks = (int) unsigned();
        long total = unsigned();
        long value = zigZag();
        if (miniBlocks <= 0 || blockSize <= 0 || blockSize % miniBlocks != 0 || total != count) {
            throw new IOException("a delta page of " + total + " values in blocks of " + blockSize + ", not " + count);
        }
        if (count == 0) {
            return;
        }
        int perMiniBlock = blockSize / miniBlocks;
        if (perMiniBlock % Byte.SIZE != 0) {
            throw new IOException("a delta page in parts of " + perMiniBlock);
        }
        target[from] = value;
        int next = from + 1;
        int last = from + count;
        while (next < last) {
            long least = zigZag();
            require(miniBlocks);
            int widths = at;
            at += miniBlocks;
            for (int i = 0; i < miniBlocks && next < last; i++) {
                int width = bytes[widths + i];
                int values = Math.min(perMiniBlock, last - next);
                value = miniBlock(target, next, values, width, perMiniBlock, least, value);
                next += values;
            }
        }
    }

    private long miniBlock(long[] target, int from, int count, int width, int stored, long least, long before)
            throws IOException {
        long value = before;
        if (width == 0) {
            for (int i = 0; i < count; i++) {
                value += least;
                target[from + i] = value;
            }
            return value;
        }
        if (width < 0 || width > Long.SIZE) {
            throw new IOException("values of " + width + " bits");
        }
        int size = stored / Byte.SIZE * width;
        unpack(target, from, count, width, size);
        for (int i = from; i < from + count; i++) {
            value += least + target[i];
            target[i] = value;
        }
        return value;
    }

    /** Ids in the hybrid encoding, looked up in a dictionary. */
    void dictionary(long[] dictionary, long[] target, int from, int count) throws IOException {
        require(1);
        int width = bytes[at++];
        if (width < 0 || width > Integer.SIZE) {
            throw new IOException("dictionary ids of " + width + " bits");
        }
        int next = from;
        int last = from + count;
        while (next < last) {
            int header = (int) unsigned();
            int length = header >>> 1;
            if ((header & 1) == 0) {
                long value = entry(dictionary, runValue(width));
                int run = Math.min(length, last - next);
                if (run == 0) {
                    throw new IOException("an empty run");
                }
                Arrays.fill(target, next, next + run, value);
                next += run;
            } else {
                int values = Math.min(Math.multiplyExact(length, Byte.SIZE), last - next);
                if (values == 0) {
                    throw new IOException("an empty run");
                }
                unpack(target, next, values, width, Math.min(Math.multiplyExact(length, width), end - at));
                for (int i = next; i < next + values; i++) {
                    target[i] = entry(dictionary, target[i]);
                }
                next += values;
            }
        }
    }

    private static long entry(long[] dictionary, long id) throws IOException {
        if (id < 0 || id >= dictionary.length) {
            throw new IOException("no entry " + id + " in a dictionary of " + dictionary.length);
        }
        return dictionary[(int) id];
    }

    private long runValue(int width) throws IOException {
        int size = (width + Byte.SIZE - 1) / Byte.SIZE;
        require(size);
        long value = 0;
        for (int i = 0; i < size; i++) {
            value |= (bytes[at++] & 0xFFL) << (i * Byte.SIZE);
        }
        return value;
    }

    /** Reads bit-packed values, the least significant bit first, and goes on after all of {@code size} bytes. */
    private void unpack(long[] target, int from, int count, int width, int size) throws IOException {
        require(((long) count * width + Byte.SIZE - 1) / Byte.SIZE);
        require(size);
        if (width == 0) {
            Arrays.fill(target, from, from + count, 0);
            return;
        }
        byte[] source = bytes;
        int start = at;
        if (start + size + Long.BYTES + 1 > source.length) { // the last word is read beyond the end of the values
            source = Arrays.copyOfRange(bytes, at, at + size + Long.BYTES + 1);
            start = 0;
        }
        at += size;
        long mask = width == Long.SIZE ? -1 : (1L << width) - 1;
        long bit = (long) start * Byte.SIZE;
        if (width <= WIDEST_IN_A_WORD) {
            for (int i = 0; i < count; i++, bit += width) {
                target[from + i] = ((long) LONG.get(source, (int) (bit >>> 3)) >>> (bit & 7)) & mask;
            }
        } else {
            for (int i = 0; i < count; i++, bit += width) {
                int position = (int) (bit >>> 3);
                int shift = (int) (bit & 7);
                long low = (long) LONG.get(source, position) >>> shift;
                long high = shift == 0 ? 0 : (source[position + Long.BYTES] & 0xFFL) << (Long.SIZE - shift);
                target[from + i] = (low | high) & mask;
            }
        }
    }

    private long unsigned() throws IOException {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            require(1);
            byte next = bytes[at++];
            value |= (next & 0x7FL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IOException("a number of more than 64 bits");
    }

    private long zigZag() throws IOException {
        long value = unsigned();
        return (value >>> 1) ^ -(value & 1);
    }

    private void require(long size) throws IOException {
        if (size < 0 || size > end - at) {
            throw new IOException("a page ends " + (size - (end - at)) + " bytes too early");
        }
    }
}
