package io.glucogrid.loaders;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/** Writes rows of {@link Column}s to one Parquet file: version 2 pages with checksums, compressed with Zstandard. */
public final class ColumnWriter implements Closeable {
    private static final int ROWS_PER_ROW_GROUP = 250_000;

    /** Small enough to find one row fast, large enough to compress. */
    static final int ROWS_PER_PAGE = 4096;

    private final ParquetWriter<Row> writer;

    private ColumnWriter(ParquetWriter<Row> writer) {
        this.writer = writer;
    }

    /** Starts a file. */
    public static ColumnWriter open(OutputFile file, MessageType schema, Map<String, String> metadata)
            throws IOException {
        Builder builder = new Builder(file, schema, metadata)
                .withConf(new PlainParquetConfiguration())
                .withCompressionCodec(CompressionCodecName.ZSTD)
                .withCodecFactory(new PageCodecs())
                .withWriterVersion(WriterVersion.PARQUET_2_0)
                .withRowGroupRowCountLimit(ROWS_PER_ROW_GROUP)
                .withPageRowCountLimit(ROWS_PER_PAGE)
                .withPageWriteChecksumEnabled(true);
        for (Type field : schema.getFields()) {
            if (field.getLogicalTypeAnnotation() instanceof TimestampLogicalTypeAnnotation) {
                // nearly all distinct: a dictionary costs and saves nothing
                builder.withDictionaryEncoding(field.getName(), false);
            }
        }
        return new ColumnWriter(builder.build());
    }

    /** Writes the given rows of columns that stand in the order of the schema. */
    public void write(Column[] columns, int[] rows) throws IOException {
        Row next = new Row(columns);
        for (int row : rows) {
            next.row = row;
            writer.write(next);
        }
    }

    @Override
    public void close() throws IOException {
        writer.close();
    }

    /** The row that is written next. */
    private static final class Row {
        private final Column[] columns;
        private int row;

        Row(Column[] columns) {
            this.columns = columns;
        }
    }

    private static final class Builder extends ParquetWriter.Builder<Row, Builder> {
        private final MessageType schema;
        private final Map<String, String> metadata;

        Builder(OutputFile file, MessageType schema, Map<String, String> metadata) {
            super(file);
            this.schema = schema;
            this.metadata = metadata;
        }

        @Override
        protected Builder self() {
            return this;
        }

        @Override
        @SuppressWarnings("deprecation") // abstract, so it must be there
        protected WriteSupport<Row> getWriteSupport(Configuration configuration) {
            return new RowSupport(schema, metadata);
        }

        @Override
        protected WriteSupport<Row> getWriteSupport(ParquetConfiguration configuration) {
            return new RowSupport(schema, metadata);
        }
    }

    /** Hands a row's cells to Parquet. */
    private static final class RowSupport extends WriteSupport<Row> {
        private final MessageType schema;
        private final Map<String, String> metadata;
        private final List<String> names;

        @SuppressWarnings("NullAway.Init") // Parquet calls prepareForWrite before the first write
        private RecordConsumer consumer;

        RowSupport(MessageType schema, Map<String, String> metadata) {
            this.schema = schema;
            this.metadata = metadata;
            this.names = schema.getFields().stream().map(Type::getName).toList();
        }

        @Override
        @SuppressWarnings("deprecation") // abstract, so it must be there
        public WriteContext init(Configuration configuration) {
            return new WriteContext(schema, metadata);
        }

        @Override
        public WriteContext init(ParquetConfiguration configuration) {
            return new WriteContext(schema, metadata);
        }

        @Override
        public void prepareForWrite(RecordConsumer recordConsumer) {
            this.consumer = recordConsumer;
        }

        @Override
        public void write(Row next) {
            int row = next.row;
            consumer.startMessage();
            for (int i = 0; i < next.columns.length; i++) {
                Column column = next.columns[i];
                if (!column.isNull(row)) {
                    consumer.startField(names.get(i), i);
                    cell(column, row);
                    consumer.endField(names.get(i), i);
                }
            }
            consumer.endMessage();
        }

        private void cell(Column column, int row) {
            switch (column.type()) {
                case INT32 -> consumer.addInteger((int) column.fixed(row));
                case INT64, UNIX_TIMESTAMP -> consumer.addLong(column.fixed(row));
                case FLOAT -> consumer.addFloat(Float.intBitsToFloat((int) column.fixed(row)));
                case DOUBLE -> consumer.addDouble(Double.longBitsToDouble(column.fixed(row)));
                case BOOL -> consumer.addBoolean(column.fixed(row) != 0);
                case STRING -> consumer.addBinary(Binary.fromString(column.string(row)));
                case BYTES -> consumer.addBinary(Binary.fromConstantByteArray(column.bytes(row)));
            }
        }
    }
}
