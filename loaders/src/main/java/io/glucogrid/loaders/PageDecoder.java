package io.glucogrid.loaders;

import io.glucogrid.feature.ValueType;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.parquet.bytes.ByteBufferInputStream;
import org.apache.parquet.bytes.BytesUtils;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Dictionary;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.ValuesType;
import org.apache.parquet.column.page.DataPage;
import org.apache.parquet.column.page.DataPageV1;
import org.apache.parquet.column.page.DataPageV2;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.column.page.PageReader;
import org.apache.parquet.column.values.ValuesReader;
import org.apache.parquet.column.values.rle.RunLengthBitPackingHybridDecoder;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;

/**
 * Turns the pages of a flat column into a {@link Column}.
 *
 * <p>Pages rather than Parquet's {@code ColumnReader}, which is slower and misaligns silently when a value is consumed but not
 * read. Pages of different columns need not cover the same rows: each page says where it starts, and rows outside of the
 * wanted range are dropped.
 */
final class PageDecoder {
    private final ColumnDescriptor descriptor;
    private final PrimitiveTypeName stored;
    private final ParquetColumns.Plan plan;
    private final Column out;

    private PageDecoder(ParquetColumns.Plan plan, Column out) {
        this.descriptor = plan.descriptor();
        this.stored = descriptor.getPrimitiveType().getPrimitiveTypeName();
        this.plan = plan;
        this.out = out;
    }

    static void decode(PageReadStore store, ParquetColumns.Plan plan, long first, int count, Column out)
            throws IOException {
        PageDecoder decoder = new PageDecoder(plan, out);
        PageReader pages = store.getPageReader(plan.descriptor());
        DictionaryPage dictionaryPage = pages.readDictionaryPage();
        PageDictionary dictionary = dictionaryPage == null
                ? null
                : new PageDictionary(
                        dictionaryPage.getEncoding().initDictionary(plan.descriptor(), dictionaryPage), decoder.stored);
        long next = 0;
        for (DataPage page = pages.readPage(); page != null; page = pages.readPage()) {
            long start = page.getFirstRowIndex().orElse(next);
            int rows = page.getValueCount();
            int skip = (int) Math.max(0, Math.min(rows, first - start));
            int end = (int) Math.max(skip, Math.min(rows, first + count - start));
            if (skip < end && start + skip != first + out.size()) {
                throw new IOException("pages of column '" + plan.descriptor().getPath()[0] + "' are not contiguous");
            }
            decoder.page(page, dictionary, skip, end);
            next = start + rows;
        }
    }

    private void page(DataPage page, @Nullable PageDictionary dictionary, int skip, int end) throws IOException {
        int rows = page.getValueCount();
        ByteBufferInputStream data;
        Encoding encoding;
        boolean[] present = null;
        int maxLevel = descriptor.getMaxDefinitionLevel();
        if (page instanceof DataPageV2 v2) {
            encoding = v2.getDataEncoding();
            data = v2.getData().toInputStream();
            if (maxLevel > 0 && v2.getNullCount() > 0) {
                present = new boolean[rows];
                RunLengthBitPackingHybridDecoder levels = new RunLengthBitPackingHybridDecoder(
                        BytesUtils.getWidthFromMaxInt(maxLevel),
                        v2.getDefinitionLevels().toInputStream());
                for (int i = 0; i < rows; i++) {
                    present[i] = levels.readInt() == maxLevel;
                }
            }
        } else if (page instanceof DataPageV1 v1) {
            encoding = v1.getValueEncoding();
            data = v1.getBytes().toInputStream();
            ValuesReader repetition = v1.getRlEncoding().getValuesReader(descriptor, ValuesType.REPETITION_LEVEL);
            repetition.initFromPage(rows, data);
            ValuesReader levels = v1.getDlEncoding().getValuesReader(descriptor, ValuesType.DEFINITION_LEVEL);
            levels.initFromPage(rows, data);
            if (maxLevel > 0) {
                present = new boolean[rows];
                for (int i = 0; i < rows; i++) {
                    present[i] = levels.readInteger() == maxLevel;
                }
            }
        } else {
            throw new IOException("unknown kind of page " + page.getClass().getSimpleName());
        }
        if (present != null && count(present) == 0) { // some writers leave out the body, too
            for (int i = skip; i < end; i++) {
                out.addNull();
            }
        } else if (Column.isFixed(out.type())) {
            fixed(encoding, dictionary, data, rows, present, skip, end);
        } else {
            objects(values(encoding, dictionary, data, rows), present, skip, end);
        }
    }

    /** Fixed-width values: all of the page at once, straight into the column where its rows are wanted as they are. */
    private void fixed(
            Encoding encoding,
            @Nullable PageDictionary dictionary,
            ByteBufferInputStream data,
            int rows,
            boolean @Nullable [] present,
            int skip,
            int end)
            throws IOException {
        int stored = present == null ? rows : count(present);
        if (stored == rows && skip == 0 && end == rows) {
            int from = out.size();
            long[] target = out.extend(rows);
            read(encoding, dictionary, data, rows, rows, target, from);
            return;
        }
        long[] page = new long[stored];
        read(encoding, dictionary, data, rows, stored, page, 0);
        int next = 0;
        for (int i = 0; i < end; i++) {
            boolean there = present == null || present[i];
            if (i >= skip) {
                if (there) {
                    out.addFixed(page[next]);
                } else {
                    out.addNull();
                }
            }
            next += there ? 1 : 0;
        }
    }

    private static int count(boolean[] present) {
        int count = 0;
        for (boolean there : present) {
            count += there ? 1 : 0;
        }
        return count;
    }

    /** Reads the values of a page as a column holds them; encodings that segments are not written in by Parquet's own readers. */
    private void read(
            Encoding encoding,
            @Nullable PageDictionary dictionary,
            ByteBufferInputStream data,
            int rows,
            int count,
            long[] target,
            int from)
            throws IOException {
        boolean whole = stored == PrimitiveTypeName.INT32 || stored == PrimitiveTypeName.INT64;
        boolean known =
                switch (encoding) {
                    case PLAIN -> stored != PrimitiveTypeName.BOOLEAN;
                    case DELTA_BINARY_PACKED -> whole;
                    case RLE_DICTIONARY, PLAIN_DICTIONARY -> true;
                    default -> false;
                };
        if (known) {
            ByteBuffer rest = data.slice(data.available());
            byte[] bytes;
            int offset = 0;
            if (rest.hasArray()) {
                bytes = rest.array();
                offset = rest.arrayOffset() + rest.position();
            } else {
                bytes = new byte[rest.remaining()];
                rest.duplicate().get(bytes);
            }
            PackedLongs packed = new PackedLongs(bytes, offset, rest.remaining());
            switch (encoding) {
                case PLAIN -> {
                    if (stored == PrimitiveTypeName.INT64 || stored == PrimitiveTypeName.DOUBLE) {
                        packed.plainLongs(target, from, count);
                    } else {
                        packed.plainInts(target, from, count);
                    }
                }
                case DELTA_BINARY_PACKED -> packed.deltas(target, from, count);
                default -> packed.dictionary(required(dictionary).numbers(), target, from, count);
            }
        } else {
            ValuesReader values = values(encoding, dictionary, data, rows);
            for (int i = from; i < from + count; i++) {
                target[i] = cell(values);
            }
        }
        adjust(target, from, from + count);
    }

    /** From what is stored to what the column holds. */
    private void adjust(long[] values, int from, int to) {
        if (stored == PrimitiveTypeName.INT32) {
            for (int i = from; i < to; i++) {
                values[i] = (int) values[i];
            }
        }
        if (stored == PrimitiveTypeName.FLOAT && plan.type() == ValueType.DOUBLE) {
            for (int i = from; i < to; i++) {
                values[i] = Double.doubleToRawLongBits(Float.intBitsToFloat((int) values[i]));
            }
        } else if (plan.type() == ValueType.UNIX_TIMESTAMP
                && !plan.raw()
                && plan.scale() != ParquetColumns.TimeScale.MICROS) {
            for (int i = from; i < to; i++) {
                values[i] = plan.scale().micros(values[i]);
            }
        }
    }

    private ValuesReader values(
            Encoding encoding, @Nullable PageDictionary dictionary, ByteBufferInputStream data, int rows)
            throws IOException {
        ValuesReader values = encoding.usesDictionary()
                ? encoding.getDictionaryBasedValuesReader(
                        descriptor, ValuesType.VALUES, required(dictionary).dictionary())
                : encoding.getValuesReader(descriptor, ValuesType.VALUES);
        values.initFromPage(rows, data);
        return values;
    }

    private static PageDictionary required(@Nullable PageDictionary dictionary) throws IOException {
        if (dictionary == null) {
            throw new IOException("a page needs a dictionary that is not there");
        }
        return dictionary;
    }

    private void objects(ValuesReader values, boolean @Nullable [] present, int skip, int end) {
        for (int i = 0; i < end; i++) {
            if (present != null && !present[i]) {
                if (i >= skip) {
                    out.addNull();
                }
            } else if (i < skip) {
                values.skip();
            } else {
                Binary value = values.readBytes();
                out.addObject(plan.type() == ValueType.STRING ? value.toStringUsingUTF8() : value.getBytes());
            }
        }
    }

    private long cell(ValuesReader values) {
        return switch (stored) {
            case INT64 -> values.readLong();
            case INT32 -> values.readInteger();
            case BOOLEAN -> values.readBoolean() ? 1 : 0;
            case FLOAT -> Float.floatToRawIntBits(values.readFloat());
            case DOUBLE -> Double.doubleToRawLongBits(values.readDouble());
            default -> throw new IllegalStateException("no numbers of type " + stored);
        };
    }

    /** A dictionary, its numbers as an array once they are asked for. */
    private static final class PageDictionary {
        private final Dictionary dictionary;
        private final PrimitiveTypeName stored;
        private long @Nullable [] numbers;

        PageDictionary(Dictionary dictionary, PrimitiveTypeName stored) {
            this.dictionary = dictionary;
            this.stored = stored;
        }

        Dictionary dictionary() {
            return dictionary;
        }

        long[] numbers() {
            long[] known = numbers;
            if (known == null) {
                known = new long[dictionary.getMaxId() + 1];
                for (int id = 0; id < known.length; id++) {
                    known[id] = switch (stored) {
                        case INT64 -> dictionary.decodeToLong(id);
                        case INT32 -> dictionary.decodeToInt(id);
                        case BOOLEAN -> dictionary.decodeToBoolean(id) ? 1 : 0;
                        case FLOAT -> Float.floatToRawIntBits(dictionary.decodeToFloat(id));
                        case DOUBLE -> Double.doubleToRawLongBits(dictionary.decodeToDouble(id));
                        default -> throw new IllegalStateException("no numbers of type " + stored);
                    };
                }
                numbers = known;
            }
            return known;
        }
    }
}
