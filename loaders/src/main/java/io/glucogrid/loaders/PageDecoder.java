package io.glucogrid.loaders;

import io.glucogrid.feature.ValueType;
import java.io.IOException;
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
        Dictionary dictionary = dictionaryPage == null
                ? null
                : dictionaryPage.getEncoding().initDictionary(plan.descriptor(), dictionaryPage);
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

    private void page(DataPage page, @Nullable Dictionary dictionary, int skip, int end) throws IOException {
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
        ValuesReader values;
        if (encoding.usesDictionary()) {
            if (dictionary == null) {
                throw new IOException("a page needs a dictionary that is not there");
            }
            values = encoding.getDictionaryBasedValuesReader(descriptor, ValuesType.VALUES, dictionary);
        } else {
            values = encoding.getValuesReader(descriptor, ValuesType.VALUES);
        }
        values.initFromPage(rows, data);
        for (int i = 0; i < skip; i++) {
            if (present == null || present[i]) {
                values.skip();
            }
        }
        if (stored == PrimitiveTypeName.INT64 && present == null) {
            longs(values, end - skip);
        } else {
            for (int i = skip; i < end; i++) {
                if (present == null || present[i]) {
                    cell(values);
                } else {
                    out.addNull();
                }
            }
        }
    }

    private void longs(ValuesReader values, int count) {
        if (plan.type() == ValueType.UNIX_TIMESTAMP && !plan.raw()) {
            ParquetColumns.TimeScale scale = plan.scale();
            for (int i = 0; i < count; i++) {
                out.addFixed(scale.micros(values.readLong()));
            }
        } else {
            for (int i = 0; i < count; i++) {
                out.addFixed(values.readLong());
            }
        }
    }

    private void cell(ValuesReader values) {
        switch (stored) {
            case INT64 -> longs(values, 1);
            case INT32 -> out.addFixed(values.readInteger());
            case BOOLEAN -> out.addFixed(values.readBoolean() ? 1 : 0);
            case FLOAT -> {
                float value = values.readFloat();
                out.addFixed(
                        plan.type() == ValueType.FLOAT
                                ? Float.floatToRawIntBits(value)
                                : Double.doubleToRawLongBits(value));
            }
            case DOUBLE -> out.addFixed(Double.doubleToRawLongBits(values.readDouble()));
            case BINARY ->
                out.addObject(
                        plan.type() == ValueType.STRING
                                ? values.readBytes().toStringUsingUTF8()
                                : values.readBytes().getBytes());
            default -> throw new IllegalStateException("no values of type " + stored);
        }
    }
}
