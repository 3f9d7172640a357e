package io.glucogrid.loaders;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.bytes.BytesUtils;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.values.ValuesWriter;
import org.apache.parquet.column.values.rle.RunLengthBitPackingHybridEncoder;
import org.apache.parquet.io.ParquetEncodingException;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;

/**
 * Encodes the whole numbers of version 2 pages, a page at a time: what {@link PackedLongs} decodes.
 *
 * <p>As Parquet's own encoders do, a column begins with a dictionary, and goes over to DELTA_BINARY_PACKED for good where that
 * has become too long or saves nothing on the first page; a column for which dictionaries are off has deltas only. The numbers
 * of a page are first gathered, which lets their loads overlap, and runs of one number take one look into the dictionary:
 * Parquet's own spend half of a segment's time on these two.
 */
final class PackedNumbers extends ValuesWriter {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private static final int BLOCK = 128;
    private static final int MINI_BLOCKS = 4;
    private static final int MINI_BLOCK = BLOCK / MINI_BLOCKS;
    private static final int MOST_BYTES_OF_A_NUMBER = 10;
    private static final int MOST_BYTES_OF_A_BLOCK = MOST_BYTES_OF_A_NUMBER + MINI_BLOCKS + BLOCK * Long.BYTES;
    private static final int MOST_BYTES_OF_A_HEADER = 4 * MOST_BYTES_OF_A_NUMBER;

    private final int width;
    private final long[] numbers;
    private final int[] ids;
    private final long[] deltas = new long[BLOCK];
    private final byte[] bytes;
    private int count;
    private int at;
    private @Nullable Dictionary dictionary;
    private boolean growing;
    private boolean used;
    private boolean first = true;
    private Encoding encoding = Encoding.DELTA_BINARY_PACKED;

    private PackedNumbers(int width, boolean dictionary, int rowsPerPage) {
        this.width = width;
        this.numbers = new long[rowsPerPage];
        this.ids = new int[dictionary ? rowsPerPage : 0];
        this.bytes = new byte[MOST_BYTES_OF_A_HEADER + (rowsPerPage / BLOCK + 1) * MOST_BYTES_OF_A_BLOCK];
        this.dictionary = dictionary ? new Dictionary() : null;
        this.growing = dictionary;
    }

    /** An encoder of a column's values; Parquet's own where they are not whole numbers, or pages are of version 1. */
    static ValuesWriter of(ColumnDescriptor column, ParquetProperties properties, int rowsPerPage) {
        PrimitiveTypeName type = column.getPrimitiveType().getPrimitiveTypeName();
        boolean whole = type == PrimitiveTypeName.INT64 || type == PrimitiveTypeName.INT32;
        if (!whole || properties.getWriterVersion() != ParquetProperties.WriterVersion.PARQUET_2_0) {
            return properties.newValuesWriter(column);
        }
        int width = type == PrimitiveTypeName.INT64 ? Long.BYTES : Integer.BYTES;
        return new PackedNumbers(width, properties.isDictionaryEnabled(column), rowsPerPage);
    }

    /** Adds the numbers of rows {@code order[from]} to {@code order[to - 1]}; the page has room for them. */
    void add(long[] column, int[] order, int from, int to) {
        for (int i = from; i < to; i++) {
            numbers[count++] = column[order[i]];
        }
    }

    /** The least of the last numbers added. */
    long least(int last) {
        long least = numbers[count - 1];
        for (int i = count - last; i < count; i++) {
            least = Math.min(least, numbers[i]);
        }
        return least;
    }

    /** The greatest of the last numbers added. */
    long greatest(int last) {
        long greatest = numbers[count - 1];
        for (int i = count - last; i < count; i++) {
            greatest = Math.max(greatest, numbers[i]);
        }
        return greatest;
    }

    @Override
    public void writeLong(long value) {
        numbers[count++] = value;
    }

    @Override
    public void writeInteger(int value) {
        numbers[count++] = value;
    }

    /** The page; its bytes are good until the next one is asked for. */
    @Override
    public BytesInput getBytes() {
        Dictionary known = dictionary;
        if (known != null && growing && count > 0) {
            BytesInput page = inDictionary(known);
            if (page != null) {
                return page;
            }
            growing = false;
        }
        encoding = Encoding.DELTA_BINARY_PACKED;
        return inDeltas();
    }

    private @Nullable BytesInput inDictionary(Dictionary known) {
        long last = 0;
        int id = -1;
        for (int i = 0; i < count; i++) {
            long number = numbers[i];
            if (id < 0 || number != last) {
                id = known.id(number);
                last = number;
                if (id < 0) {
                    return null;
                }
            }
            ids[i] = id;
        }
        int bits = BytesUtils.getWidthFromMaxInt(Math.max(0, known.size - 1));
        long encoded = (long) known.size * width + (long) count * bits / Byte.SIZE;
        if (first && encoded >= (long) count * width) {
            return null;
        }
        first = false;
        used = true;
        encoding = Encoding.RLE_DICTIONARY;
        try (RunLengthBitPackingHybridEncoder runs = new RunLengthBitPackingHybridEncoder(
                bits, count / 2 + BLOCK, numbers.length * Integer.BYTES + BLOCK, new HeapByteBufferAllocator())) {
            for (int i = 0; i < count; i++) {
                runs.writeInt(ids[i]);
            }
            BytesInput encodedIds = runs.toBytes();
            ByteArrayOutputStream page = new ByteArrayOutputStream((int) encodedIds.size() + 1);
            page.write(bits);
            encodedIds.writeAllTo(page); // copied, for the encoder takes its memory back
            return BytesInput.from(page);
        } catch (IOException impossible) {
            throw new ParquetEncodingException(impossible);
        }
    }

    private BytesInput inDeltas() {
        at = 0;
        unsigned(BLOCK);
        unsigned(MINI_BLOCKS);
        unsigned(count);
        long before = count == 0 ? 0 : numbers[0];
        zigZag(before);
        for (int next = 1; next < count; next += BLOCK) {
            block(next, Math.min(BLOCK, count - next));
        }
        return BytesInput.from(bytes, 0, at);
    }

    /** Differences of up to 128 numbers to the ones before them, in four parts with a width of their own. */
    private void block(int next, int size) {
        boolean narrow = width == Integer.BYTES;
        long least = Long.MAX_VALUE;
        for (int i = 0; i < size; i++) {
            long delta = numbers[next + i] - numbers[next + i - 1];
            delta = narrow ? (int) delta : delta; // wraps around, as readers do
            deltas[i] = delta;
            least = Math.min(least, delta);
        }
        zigZag(least);
        int widths = at;
        at += MINI_BLOCKS;
        for (int part = 0; part < MINI_BLOCKS; part++) {
            int from = part * MINI_BLOCK;
            if (from >= size) {
                bytes[widths + part] = 0;
                continue;
            }
            int to = Math.min(size, from + MINI_BLOCK);
            long all = 0;
            for (int i = from; i < to; i++) {
                deltas[i] -= least;
                all |= deltas[i];
            }
            Arrays.fill(deltas, to, from + MINI_BLOCK, 0);
            int bits = Long.SIZE - Long.numberOfLeadingZeros(all);
            bytes[widths + part] = (byte) bits;
            pack(from, bits);
        }
    }

    /** Thirty-two differences of a width, the least significant bit first. */
    private void pack(int from, int bits) {
        long word = 0;
        int filled = 0;
        for (int i = from; i < from + MINI_BLOCK && bits > 0; i++) {
            long value = deltas[i];
            word |= value << filled;
            filled += bits;
            if (filled >= Long.SIZE) {
                LONG.set(bytes, at, word);
                at += Long.BYTES;
                filled -= Long.SIZE;
                word = filled == 0 ? 0 : value >>> (bits - filled);
            }
        }
        if (filled > 0) { // half a word: 32 values of an odd width
            INT.set(bytes, at, (int) word);
            at += Integer.BYTES;
        }
    }

    private void unsigned(long number) {
        long rest = number;
        while ((rest & ~0x7FL) != 0) {
            bytes[at++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[at++] = (byte) rest;
    }

    private void zigZag(long number) {
        unsigned((number << 1) ^ (number >> 63));
    }

    @Override
    public Encoding getEncoding() {
        return encoding;
    }

    @Override
    public void reset() {
        count = 0;
    }

    @Override
    public @Nullable DictionaryPage toDictPageAndClose() {
        Dictionary known = dictionary;
        if (known == null || !used) {
            return null;
        }
        byte[] plain = new byte[known.size * width];
        for (int id = 0; id < known.size; id++) {
            if (width == Long.BYTES) {
                LONG.set(plain, id * Long.BYTES, known.numbers[id]);
            } else {
                INT.set(plain, id * Integer.BYTES, (int) known.numbers[id]);
            }
        }
        return new DictionaryPage(BytesInput.from(plain), known.size, Encoding.PLAIN);
    }

    @Override
    public void resetDictionary() {
        dictionary = null;
    }

    @Override
    public long getBufferedSize() {
        return (long) count * width;
    }

    @Override
    public long getAllocatedSize() {
        return (long) numbers.length * Long.BYTES + (long) ids.length * Integer.BYTES + bytes.length;
    }

    @Override
    public String memUsageString(String prefix) {
        return prefix + " " + getAllocatedSize() + " bytes of a page";
    }

    /** Different numbers in the order in which they came, found by open addressing. */
    private static final class Dictionary {
        private static final int MOST = ParquetProperties.DEFAULT_DICTIONARY_PAGE_SIZE / Long.BYTES;

        private long[] numbers = new long[64];
        private int[] slots = new int[128]; // id + 1; 0 for empty
        private int size;

        /** The number's id; -1 where it is new and the dictionary full. */
        int id(long number) {
            int mask = slots.length - 1;
            int slot = spread(number) & mask;
            while (slots[slot] != 0) {
                int id = slots[slot] - 1;
                if (numbers[id] == number) {
                    return id;
                }
                slot = (slot + 1) & mask;
            }
            if (size == MOST) {
                return -1;
            }
            if (size == numbers.length) {
                grow();
                return id(number);
            }
            numbers[size] = number;
            slots[slot] = ++size;
            return size - 1;
        }

        private void grow() {
            numbers = Arrays.copyOf(numbers, 2 * size);
            slots = new int[4 * size];
            int mask = slots.length - 1;
            for (int id = 0; id < size; id++) {
                int slot = spread(numbers[id]) & mask;
                while (slots[slot] != 0) {
                    slot = (slot + 1) & mask;
                }
                slots[slot] = id + 1;
            }
        }

        private static int spread(long number) {
            return (int) ((number * 0x9E37_79B9_7F4A_7C15L) >>> Integer.SIZE);
        }
    }
}
