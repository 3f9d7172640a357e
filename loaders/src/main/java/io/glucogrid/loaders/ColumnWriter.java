package io.glucogrid.loaders;

import java.io.Closeable;
import java.io.IOException;
import java.util.Map;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.hadoop.ColumnChunkPageWriteStore;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/**
 * Writes rows of {@link Column}s to one Parquet file, its pages with checksums.
 *
 * <p>Column by column: a value takes one call to the encoder of its column, where Parquet's record writer takes five. Encoders,
 * pages and footer are Parquet's own.
 */
public final class ColumnWriter implements Closeable {
    private static final int ROWS_PER_ROW_GROUP = 250_000;

    /** Small enough to find one row fast, large enough to compress. */
    static final int ROWS_PER_PAGE = 4096;

    private final ParquetFileWriter file;
    private final ParquetProperties properties;
    private final SegmentFormat format;
    private final PageCodecs codecs;
    private final MessageType schema;
    private final Map<String, String> metadata;
    private @Nullable RowGroup group;
    private boolean broken;
    private boolean closed;

    private ColumnWriter(
            ParquetFileWriter file,
            ParquetProperties properties,
            SegmentFormat format,
            PageCodecs codecs,
            MessageType schema,
            Map<String, String> metadata) {
        this.file = file;
        this.properties = properties;
        this.format = format;
        this.codecs = codecs;
        this.schema = schema;
        this.metadata = metadata;
    }

    /** Starts a file. */
    public static ColumnWriter open(
            OutputFile output, MessageType schema, Map<String, String> metadata, SegmentFormat format)
            throws IOException {
        ParquetProperties.Builder properties = ParquetProperties.builder().withWriterVersion(format.pages());
        for (Type field : schema.getFields()) {
            if (field.getLogicalTypeAnnotation() instanceof TimestampLogicalTypeAnnotation) {
                // nearly all distinct: a dictionary costs and saves nothing
                properties.withDictionaryEncoding(field.getName(), false);
            }
        }
        ParquetFileWriter file = new ParquetFileWriter(
                output,
                schema,
                ParquetFileWriter.Mode.CREATE,
                0, // neither alignment nor padding: files are no larger than a block of HDFS
                0,
                ParquetProperties.DEFAULT_COLUMN_INDEX_TRUNCATE_LENGTH,
                ParquetProperties.DEFAULT_STATISTICS_TRUNCATE_LENGTH,
                true);
        try {
            file.start();
        } catch (IOException | RuntimeException failure) {
            file.close();
            throw failure;
        }
        return new ColumnWriter(file, properties.build(), format, new PageCodecs(format.level()), schema, metadata);
    }

    /** Writes the given rows of columns that stand in the order of the schema. */
    public void write(Column[] columns, int[] rows) throws IOException {
        broken = true; // until it went well
        int from = 0;
        while (from < rows.length) {
            RowGroup open = group;
            if (open == null) {
                open = new RowGroup();
                group = open;
            }
            int to = Math.min(rows.length, from + ROWS_PER_ROW_GROUP - open.rows);
            open.add(columns, rows, from, to);
            if (open.rows == ROWS_PER_ROW_GROUP) {
                open.end();
                group = null;
            }
            from = to;
        }
        broken = false;
    }

    /** Ends the file; one that a failed write left half done gets no footer. */
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try (file) {
            RowGroup open = group;
            if (open != null && !broken) {
                open.end();
            } else if (open != null) {
                open.pages.close();
            }
            if (!broken) {
                file.end(metadata);
            }
        } finally {
            codecs.release();
        }
    }

    /** The row group that is being filled: its pages are encoded and compressed as they become full. */
    private final class RowGroup {
        private final ColumnChunkPageWriteStore pages;
        private final ColumnPages[] columns;
        private int rows;

        RowGroup() {
            this.pages = new ColumnChunkPageWriteStore(
                    codecs.getCompressor(format.codec()),
                    schema,
                    new HeapByteBufferAllocator(),
                    ParquetProperties.DEFAULT_COLUMN_INDEX_TRUNCATE_LENGTH,
                    true);
            this.columns = new ColumnPages[schema.getFieldCount()];
            for (int i = 0; i < columns.length; i++) {
                ColumnDescriptor descriptor = schema.getColumns().get(i);
                columns[i] = new ColumnPages(descriptor, properties, pages.getPageWriter(descriptor), ROWS_PER_PAGE);
            }
        }

        void add(Column[] from, int[] order, int first, int end) throws IOException {
            for (int i = 0; i < columns.length; i++) {
                columns[i].add(from[i], order, first, end);
            }
            rows += end - first;
        }

        void end() throws IOException {
            for (ColumnPages column : columns) {
                column.end();
            }
            file.startBlock(rows);
            pages.flushToFileWriter(file);
            pages.close();
            file.endBlock();
        }
    }
}
