package io.glucogrid.frames;

import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.frame.FrameWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;
import org.jspecify.annotations.Nullable;

/**
 * Rows as Parquet that everybody reads: optional columns, times as TIMESTAMP in UTC microseconds, version 1 pages with Zstandard,
 * row groups small enough for bounded memory.
 */
final class ParquetFrameWriter implements FrameWriter {
    private static final int ROWS_PER_ROW_GROUP = 250_000;
    private static final long ROW_GROUP_BYTES = 32L << 20;

    private final ParquetWriter<@Nullable Object[]> file;
    private boolean finished;

    private ParquetFrameWriter(ParquetWriter<@Nullable Object[]> file) {
        this.file = file;
    }

    static ParquetFrameWriter create(Path path, List<Field> columns) throws IOException {
        Files.deleteIfExists(path);
        return new ParquetFrameWriter(new Builder(new LocalOutputFile(path), columns)
                .withConf(new PlainParquetConfiguration())
                .withCompressionCodec(CompressionCodecName.ZSTD)
                .withRowGroupSize(ROW_GROUP_BYTES)
                .withRowGroupRowCountLimit(ROWS_PER_ROW_GROUP)
                .withPageWriteChecksumEnabled(true)
                .build());
    }

    @Override
    public void write(List<@Nullable Object[]> rows) throws IOException {
        for (@Nullable Object[] row : rows) {
            file.write(row);
        }
    }

    @Override
    public void finish() throws IOException {
        finished = true;
        file.close();
    }

    /** Parquet's writer knows no other end than a footer; whoever did not finish removes the file. */
    @Override
    public void close() throws IOException {
        if (!finished) {
            finish();
        }
    }

    private static MessageType schema(List<Field> columns) {
        Types.MessageTypeBuilder message = Types.buildMessage();
        for (Field column : columns) {
            message.addField(type(column.type()).named(column.name()));
        }
        return message.named("frame");
    }

    private static Types.PrimitiveBuilder<PrimitiveType> type(ValueType type) {
        return switch (type) {
            case INT32 -> Types.optional(PrimitiveTypeName.INT32);
            case INT64 -> Types.optional(PrimitiveTypeName.INT64);
            case FLOAT -> Types.optional(PrimitiveTypeName.FLOAT);
            case DOUBLE -> Types.optional(PrimitiveTypeName.DOUBLE);
            case BOOL -> Types.optional(PrimitiveTypeName.BOOLEAN);
            case STRING -> Types.optional(PrimitiveTypeName.BINARY).as(LogicalTypeAnnotation.stringType());
            case BYTES -> Types.optional(PrimitiveTypeName.BINARY);
            case UNIX_TIMESTAMP ->
                Types.optional(PrimitiveTypeName.INT64).as(LogicalTypeAnnotation.timestampType(true, TimeUnit.MICROS));
        };
    }

    private static final class Builder extends ParquetWriter.Builder<@Nullable Object[], Builder> {
        private final List<Field> columns;

        Builder(OutputFile file, List<Field> columns) {
            super(file);
            this.columns = columns;
        }

        @Override
        protected Builder self() {
            return this;
        }

        @Override
        protected WriteSupport<@Nullable Object[]> getWriteSupport(ParquetConfiguration configuration) {
            return new Rows(columns);
        }

        @Override
        @SuppressWarnings("deprecation") // abstract still
        protected WriteSupport<@Nullable Object[]> getWriteSupport(org.apache.hadoop.conf.Configuration configuration) {
            return new Rows(columns);
        }
    }

    /** Hands the values of a row to Parquet's columns. */
    private static final class Rows extends WriteSupport<@Nullable Object[]> {
        private final List<Field> columns;
        private @Nullable RecordConsumer consumer;

        Rows(List<Field> columns) {
            this.columns = columns;
        }

        @Override
        @SuppressWarnings("deprecation") // abstract still
        public WriteContext init(org.apache.hadoop.conf.Configuration configuration) {
            return new WriteContext(schema(columns), Map.of());
        }

        @Override
        public WriteContext init(ParquetConfiguration configuration) {
            return new WriteContext(schema(columns), Map.of());
        }

        @Override
        public void prepareForWrite(RecordConsumer columnsOfTheFile) {
            consumer = columnsOfTheFile;
        }

        @Override
        public void write(@Nullable Object[] row) {
            RecordConsumer out = consumer;
            if (out == null) {
                throw new IllegalStateException("not prepared");
            }
            out.startMessage();
            for (int i = 0; i < row.length; i++) {
                Object value = row[i];
                if (value != null) {
                    out.startField(columns.get(i).name(), i);
                    add(out, columns.get(i).type(), value);
                    out.endField(columns.get(i).name(), i);
                }
            }
            out.endMessage();
        }

        private static void add(RecordConsumer out, ValueType type, Object value) {
            switch (type) {
                case INT32 -> out.addInteger((Integer) value);
                case INT64, UNIX_TIMESTAMP -> out.addLong((Long) value);
                case FLOAT -> out.addFloat((Float) value);
                case DOUBLE -> out.addDouble((Double) value);
                case BOOL -> out.addBoolean((Boolean) value);
                case STRING -> out.addBinary(Binary.fromString((String) value));
                case BYTES -> out.addBinary(Binary.fromConstantByteArray((byte[]) value));
            }
        }
    }
}
