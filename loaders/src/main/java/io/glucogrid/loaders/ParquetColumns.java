package io.glucogrid.loaders;

import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.filter2.columnindex.RowRanges;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/**
 * An open Parquet file with flat columns, read page by page into {@link Column}s. Page checksums are always verified.
 *
 * <p>Not thread-safe. What cannot be parsed or does not match its checksum is a {@link GridException} DAMAGED_DATA that names
 * the file; a file that is not there is a {@link NoSuchFileException}.
 */
public final class ParquetColumns implements Closeable {
    private final String name;
    private final ParquetFileReader reader;
    private final MessageType schema;

    private ParquetColumns(String name, ParquetFileReader reader) {
        this.name = name;
        this.reader = reader;
        this.schema = reader.getFileMetaData().getSchema();
    }

    /**
     * Opens a file.
     *
     * @param name how errors call it
     */
    public static ParquetColumns open(String name, InputFile file) throws IOException {
        SeekableInputStream stream = file.newStream();
        ParquetReadOptions options = ParquetReadOptions.builder(new PlainParquetConfiguration())
                .usePageChecksumVerification(true)
                .withCodecFactory(new PageCodecs())
                .build();
        try {
            return new ParquetColumns(name, ParquetFileReader.open(file, options, stream));
        } catch (IOException | RuntimeException damage) {
            stream.close();
            StorageException.rethrow(damage);
            throw damaged(name, damage);
        }
    }

    static GridException damaged(String name, @Nullable Exception damage) {
        String reason = damage == null ? "" : ": " + damage.getMessage();
        return new GridException(ErrorCode.DAMAGED_DATA, "damaged file " + name + reason, damage);
    }

    public Map<String, String> metadata() {
        return reader.getFileMetaData().getKeyValueMetaData();
    }

    MessageType schema() {
        return schema;
    }

    public int rowGroups() {
        return reader.getRowGroups().size();
    }

    public long rows(int rowGroup) {
        return block(rowGroup).getRowCount();
    }

    BlockMetaData block(int rowGroup) {
        return reader.getRowGroups().get(rowGroup);
    }

    ParquetFileReader reader() {
        return reader;
    }

    ColumnChunkMetaData chunk(int rowGroup, String column) {
        return block(rowGroup).getColumns().stream()
                .filter(chunk -> chunk.getPath().size() == 1
                        && chunk.getPath().toArray()[0].equals(column))
                .findFirst()
                .orElseThrow(() -> damaged(name, new IOException("no column '" + column + "'")));
    }

    /**
     * The wanted columns as the value types that hold them; times of every unit, and days, as UNIX_TIMESTAMP.
     *
     * @param wanted judges columns by name
     * @throws GridException INVALID_REQUEST that names a column which no value type holds
     */
    public List<Field> fields(Predicate<String> wanted) {
        return schema.getFields().stream()
                .filter(type -> wanted.test(type.getName()))
                .map(type -> new Field(type.getName(), valueType(type)))
                .toList();
    }

    private ValueType valueType(Type type) {
        LogicalTypeAnnotation logical = type.getLogicalTypeAnnotation();
        if (type.isPrimitive() && !type.isRepetition(Type.Repetition.REPEATED)) {
            PrimitiveTypeName stored = type.asPrimitiveType().getPrimitiveTypeName();
            if (logical == null || plainNumber(logical)) {
                ValueType plain = plain(stored);
                if (plain != null) {
                    return plain;
                }
            } else if (logical instanceof TimestampLogicalTypeAnnotation && stored == PrimitiveTypeName.INT64) {
                return ValueType.UNIX_TIMESTAMP;
            } else if (isDay(stored, logical)) {
                return ValueType.UNIX_TIMESTAMP;
            } else if (logical instanceof LogicalTypeAnnotation.StringLogicalTypeAnnotation) {
                return ValueType.STRING;
            }
        }
        throw new GridException(
                ErrorCode.INVALID_REQUEST,
                name + ": column '" + type.getName() + "' is "
                        + (type.isPrimitive()
                                ? type.asPrimitiveType().getPrimitiveTypeName() + (logical == null ? "" : " " + logical)
                                : "nested")
                        + ", which no feature type holds; leave it out or cast it");
    }

    private static boolean isDay(PrimitiveTypeName stored, @Nullable LogicalTypeAnnotation logical) {
        return stored == PrimitiveTypeName.INT32 && logical instanceof LogicalTypeAnnotation.DateLogicalTypeAnnotation;
    }

    private static @Nullable ValueType plain(PrimitiveTypeName stored) {
        return switch (stored) {
            case INT32 -> ValueType.INT32;
            case INT64 -> ValueType.INT64;
            case FLOAT -> ValueType.FLOAT;
            case DOUBLE -> ValueType.DOUBLE;
            case BOOLEAN -> ValueType.BOOL;
            case BINARY -> ValueType.BYTES;
            default -> null;
        };
    }

    /** How a column is read; null where the file has no such column. */
    public @Nullable Plan plan(Field field) {
        return plan(field, false);
    }

    /** As {@link #plan}, but a timestamp column is read as the numbers that the file holds. */
    public @Nullable Plan rawTime(String column) {
        return plan(new Field(column, ValueType.UNIX_TIMESTAMP), true);
    }

    private @Nullable Plan plan(Field field, boolean raw) {
        if (!schema.containsField(field.name())) {
            return null;
        }
        Type type = schema.getType(field.name());
        if (!type.isPrimitive() || type.isRepetition(Type.Repetition.REPEATED)) {
            throw misfit(field, type.isPrimitive() ? "repeated" : "nested");
        }
        PrimitiveTypeName stored = type.asPrimitiveType().getPrimitiveTypeName();
        LogicalTypeAnnotation logical = type.getLogicalTypeAnnotation();
        TimestampLogicalTypeAnnotation time =
                logical instanceof TimestampLogicalTypeAnnotation timestamp ? timestamp : null;
        boolean fits =
                switch (field.type()) {
                    case INT32 -> stored == PrimitiveTypeName.INT32 && plainNumber(logical);
                    case INT64 ->
                        (stored == PrimitiveTypeName.INT64 || stored == PrimitiveTypeName.INT32)
                                && plainNumber(logical);
                    case FLOAT -> stored == PrimitiveTypeName.FLOAT;
                    case DOUBLE -> stored == PrimitiveTypeName.DOUBLE || stored == PrimitiveTypeName.FLOAT;
                    case BOOL -> stored == PrimitiveTypeName.BOOLEAN;
                    case STRING, BYTES -> stored == PrimitiveTypeName.BINARY;
                    case UNIX_TIMESTAMP ->
                        (stored == PrimitiveTypeName.INT64 && time != null) || isDay(stored, logical);
                };
        if (!fits) {
            throw misfit(field, stored + (logical == null ? "" : " " + logical));
        }
        ColumnDescriptor descriptor = schema.getColumnDescription(new String[] {field.name()});
        TimeScale scale = isDay(stored, logical)
                ? TimeScale.DAYS
                : time == null ? TimeScale.MICROS : TimeScale.of(time.getUnit());
        return new Plan(descriptor, field.type(), scale, raw);
    }

    private static boolean plainNumber(@Nullable LogicalTypeAnnotation logical) {
        return logical == null
                || (logical instanceof LogicalTypeAnnotation.IntLogicalTypeAnnotation number && number.isSigned());
    }

    private GridException misfit(Field field, String found) {
        String expected =
                switch (field.type()) {
                    case INT64 -> "a whole number (INT64 or INT32)";
                    case UNIX_TIMESTAMP -> "a timestamp (INT64 with TIMESTAMP)";
                    default -> field.type().toString();
                };
        return new GridException(
                ErrorCode.INVALID_REQUEST, name + ": column '" + field.name() + "' is " + found + ", not " + expected);
    }

    /** All rows of a row group. */
    public List<Column> read(int rowGroup, List<Plan> plans) {
        return read(rowGroup, 0, (int) rows(rowGroup), plans);
    }

    /** Rows {@code first} to {@code first + count - 1} of a row group, one column per plan. */
    List<Column> read(int rowGroup, long first, int count, List<Plan> plans) {
        try {
            boolean part = count < rows(rowGroup) && hasPageIndex(rowGroup);
            if (part) { // the reader keeps the page directory of the columns it is first asked for
                reader.setRequestedSchema(schema.getColumns());
                reader.getColumnIndexStore(rowGroup);
            }
            reader.setRequestedSchema(plans.stream().map(Plan::descriptor).toList());
            List<Column> columns = new ArrayList<>(plans.size());
            try (PageReadStore pages = pages(rowGroup, first, count, part)) {
                for (Plan plan : plans) {
                    Column column = new Column(plan.type(), count);
                    PageDecoder.decode(pages, plan, first, count, column);
                    if (column.size() != count) {
                        throw new IOException("column '" + plan.descriptor().getPath()[0] + "' has " + column.size()
                                + " rows instead of " + count);
                    }
                    columns.add(column);
                }
            }
            return columns;
        } catch (IOException | RuntimeException damage) {
            throw damaged(name, damage);
        }
    }

    private boolean hasPageIndex(int rowGroup) {
        return block(rowGroup).getColumns().stream().allMatch(chunk -> chunk.getOffsetIndexReference() != null);
    }

    private PageReadStore pages(int rowGroup, long first, int count, boolean part) throws IOException {
        return part
                ? reader.readFilteredRowGroup(
                        rowGroup,
                        RowRanges.builder()
                                .addSelectedRange(first, first + count - 1)
                                .build())
                : reader.readRowGroup(rowGroup);
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }

    /** How to read one column of one file. */
    public record Plan(ColumnDescriptor descriptor, ValueType type, TimeScale scale, boolean raw) {}

    /** Unit in which a file holds a timestamp. */
    public enum TimeScale {
        DAYS(86_400_000_000L, 1),
        MILLIS(1_000, 1),
        MICROS(1, 1),
        NANOS(1, 1_000);

        private final long multiplier;
        private final long divisor;

        TimeScale(long multiplier, long divisor) {
            this.multiplier = multiplier;
            this.divisor = divisor;
        }

        static TimeScale of(LogicalTypeAnnotation.TimeUnit unit) {
            return switch (unit) {
                case MILLIS -> MILLIS;
                case MICROS -> MICROS;
                case NANOS -> NANOS;
            };
        }

        /** Microseconds since the epoch, towards the past where that is not exact; beyond all that a long holds its bounds. */
        public long micros(long stored) {
            if (divisor != 1) {
                return Math.floorDiv(stored, divisor);
            }
            if (Math.abs(stored / 2) > Long.MAX_VALUE / 2 / multiplier) {
                return stored > 0 ? Long.MAX_VALUE : Long.MIN_VALUE;
            }
            return stored * multiplier;
        }
    }
}
