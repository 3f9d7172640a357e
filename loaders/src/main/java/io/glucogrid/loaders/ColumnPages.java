package io.glucogrid.loaders;

import java.io.IOException;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageWriter;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.column.values.ValuesWriter;
import org.apache.parquet.column.values.rle.RunLengthBitPackingHybridEncoder;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;

/** The pages of one flat column of one row group, encoded as values come; all pages but the last have the same number of rows. */
final class ColumnPages {
    private final ColumnDescriptor descriptor;
    private final PageWriter pages;
    private final ValuesWriter values;
    private final RunLengthBitPackingHybridEncoder levels;
    private final boolean version1;
    private final int rowsPerPage;
    private Statistics<?> statistics;
    private int rows;
    private int nulls;

    ColumnPages(ColumnDescriptor descriptor, ParquetProperties properties, PageWriter pages, int rowsPerPage) {
        this.descriptor = descriptor;
        this.pages = pages;
        this.values = PackedNumbers.of(descriptor, properties, rowsPerPage);
        this.levels = properties.newDefinitionLevelEncoder(descriptor);
        this.version1 = properties.getWriterVersion() == ParquetProperties.WriterVersion.PARQUET_1_0;
        this.rowsPerPage = rowsPerPage;
        this.statistics = Statistics.createStats(descriptor.getPrimitiveType());
    }

    /** Adds the column's values of rows {@code order[first]} to {@code order[end - 1]}. */
    void add(Column column, int[] order, int first, int end) throws IOException {
        int from = first;
        while (from < end) {
            int to = Math.min(end, from + rowsPerPage - rows);
            int present = levels(column, order, from, to);
            if (present == to - from && values instanceof PackedNumbers numbers) {
                whole(numbers, column, order, from, to);
            } else {
                for (int i = from; i < to; i++) {
                    if (!column.isNull(order[i])) {
                        cell(column, order[i]);
                    }
                }
            }
            rows += to - from;
            nulls += to - from - present;
            if (rows == rowsPerPage) {
                page();
            }
            from = to;
        }
    }

    /** Says which rows have a value, where the column may lack some; how many have. */
    private int levels(Column column, int[] order, int from, int to) throws IOException {
        int most = descriptor.getMaxDefinitionLevel();
        if (most == 0) {
            return to - from;
        }
        int present = 0;
        for (int i = from; i < to; i++) {
            boolean there = !column.isNull(order[i]);
            levels.writeInt(there ? most : most - 1);
            present += there ? 1 : 0;
        }
        return present;
    }

    /** Whole numbers without nulls, all at once. */
    private void whole(PackedNumbers numbers, Column column, int[] order, int from, int to) {
        numbers.add(column.fixed(), order, from, to);
        long least = numbers.least(to - from);
        long greatest = numbers.greatest(to - from);
        if (statistics.type().getPrimitiveTypeName() == PrimitiveTypeName.INT64) {
            statistics.updateStats(least);
            statistics.updateStats(greatest);
        } else {
            statistics.updateStats((int) least);
            statistics.updateStats((int) greatest);
        }
    }

    private void cell(Column column, int row) {
        switch (column.type()) {
            case INT32 -> {
                int value = (int) column.fixed(row);
                values.writeInteger(value);
                statistics.updateStats(value);
            }
            case INT64, UNIX_TIMESTAMP -> {
                values.writeLong(column.fixed(row));
                statistics.updateStats(column.fixed(row));
            }
            case FLOAT -> {
                float value = Float.intBitsToFloat((int) column.fixed(row));
                values.writeFloat(value);
                statistics.updateStats(value);
            }
            case DOUBLE -> {
                double value = Double.longBitsToDouble(column.fixed(row));
                values.writeDouble(value);
                statistics.updateStats(value);
            }
            case BOOL -> {
                boolean value = column.fixed(row) != 0;
                values.writeBoolean(value);
                statistics.updateStats(value);
            }
            case STRING -> binary(Binary.fromString(column.string(row)));
            case BYTES -> binary(Binary.fromConstantByteArray(column.bytes(row)));
        }
    }

    private void binary(Binary value) {
        values.writeBytes(value);
        statistics.updateStats(value);
    }

    private void page() throws IOException {
        statistics.incrementNumNulls(nulls);
        BytesInput encoded = values.getBytes();
        Encoding encoding = values.getEncoding(); // known only then
        if (version1) {
            BytesInput body = BytesInput.concat(levelsOfVersion1(), encoded);
            pages.writePage(body, rows, rows, statistics, Encoding.RLE, Encoding.RLE, encoding);
        } else {
            pages.writePageV2(rows, nulls, rows, BytesInput.empty(), levels.toBytes(), encoding, encoded, statistics);
        }
        values.reset();
        levels.reset();
        statistics = Statistics.createStats(descriptor.getPrimitiveType());
        rows = 0;
        nulls = 0;
    }

    /** Version 1 has the levels in front of the values, after their length, and nothing where no value can be missing. */
    private BytesInput levelsOfVersion1() throws IOException {
        if (descriptor.getMaxDefinitionLevel() == 0) {
            return BytesInput.empty();
        }
        BytesInput bytes = levels.toBytes();
        return BytesInput.concat(BytesInput.fromInt((int) bytes.size()), bytes);
    }

    /** Ends the last page, and the column. */
    void end() throws IOException {
        if (rows > 0) {
            page();
        }
        DictionaryPage dictionary = values.toDictPageAndClose();
        if (dictionary != null) {
            pages.writeDictionaryPage(dictionary);
            values.resetDictionary();
        }
        values.close();
        levels.close();
    }
}
