package io.glucogrid.loaders;

import static org.apache.parquet.schema.LogicalTypeAnnotation.timestampType;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type.Repetition;
import org.apache.parquet.schema.Types;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that others wrote: every page version, encoding, unit and codec that the declared columns may come in. */
class ForeignParquetTest {
    private static final int ROWS = 20_011;
    private static final List<Field> FIELDS = List.of(
            new Field("key", ValueType.INT64),
            new Field("small", ValueType.INT64),
            new Field("at", ValueType.UNIX_TIMESTAMP),
            new Field("count", ValueType.INT32),
            new Field("ratio", ValueType.DOUBLE),
            new Field("part", ValueType.DOUBLE),
            new Field("single", ValueType.FLOAT),
            new Field("flag", ValueType.BOOL),
            new Field("name", ValueType.STRING));

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "PARQUET_1_0, true, false, MICROS, ZSTD",
        "PARQUET_1_0, false, false, MILLIS, SNAPPY",
        "PARQUET_2_0, true, false, NANOS, GZIP",
        "PARQUET_2_0, false, false, MICROS, UNCOMPRESSED",
        "PARQUET_1_0, true, true, NANOS, SNAPPY",
        "PARQUET_1_0, false, true, MICROS, LZ4_RAW",
        "PARQUET_2_0, true, true, MILLIS, ZSTD",
        "PARQUET_2_0, false, true, NANOS, ZSTD"
    })
    void pagesOfAnyKindAreReadAsTheyWereWritten(
            WriterVersion version,
            boolean dictionary,
            boolean nulls,
            LogicalTypeAnnotation.TimeUnit unit,
            CompressionCodecName codec)
            throws Exception {
        Random random = new Random(7);
        MessageType schema = schema(nulls ? Repetition.OPTIONAL : Repetition.REQUIRED, unit);
        Path file = folder.resolve("foreign.parquet");
        Object[][] expected = new Object[ROWS][];
        try (ParquetWriter<Group> writer = ExampleParquetWriter.builder(new LocalOutputFile(file))
                .withType(schema)
                .withConf(new PlainParquetConfiguration())
                .withWriterVersion(version)
                .withDictionaryEncoding(dictionary)
                .withCompressionCodec(codec)
                .withPageRowCountLimit(1_000)
                .withRowGroupRowCountLimit(7_000)
                .build()) {
            for (int row = 0; row < ROWS; row++) {
                Object[] cells = cells(random, row);
                for (int i = 0; nulls && i < cells.length; i++) {
                    cells[i] = random.nextInt(5) == 0 ? null : cells[i];
                }
                expected[row] = cells;
                writer.write(group(schema, cells, unit));
            }
        }

        assertThat(read(file, FIELDS))
                .isEqualTo(Arrays.stream(expected).map(Arrays::toString).toList());
    }

    @ParameterizedTest
    @CsvSource({"PARQUET_1_0, true", "PARQUET_1_0, false", "PARQUET_2_0, true", "PARQUET_2_0, false"})
    void pagesAndWholeColumnsOfNullsAreRead(WriterVersion version, boolean dictionary) throws Exception {
        LogicalTypeAnnotation.TimeUnit unit = LogicalTypeAnnotation.TimeUnit.MICROS;
        MessageType schema = schema(Repetition.OPTIONAL, unit);
        Path file = folder.resolve("nulls.parquet");
        List<String> expected = new ArrayList<>();
        Random random = new Random(7);
        try (ParquetWriter<Group> writer = ExampleParquetWriter.builder(new LocalOutputFile(file))
                .withType(schema)
                .withConf(new PlainParquetConfiguration())
                .withWriterVersion(version)
                .withDictionaryEncoding(dictionary)
                .withPageRowCountLimit(1_000)
                .withRowGroupRowCountLimit(4_000)
                .build()) {
            for (int row = 0; row < 8_000; row++) {
                Object[] cells = row / 1_000 % 2 == 0 || row >= 4_000 ? new Object[FIELDS.size()] : cells(random, row);
                expected.add(Arrays.toString(cells));
                writer.write(group(schema, cells, unit));
            }
        }

        assertThat(read(file, FIELDS)).isEqualTo(expected);
    }

    /** DuckDB leaves the values of such pages out altogether. */
    @ParameterizedTest
    @ValueSource(strings = {"V1", "V2"})
    void columnsOfNullsByDuckDbAreRead(String version) throws Exception {
        Path file = folder.resolve("duck.parquet");
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "COPY (SELECT i AS key, NULL::BIGINT AS small, NULL::VARCHAR AS name, NULL::DOUBLE AS ratio"
                            + " FROM range(3000) t(i)) TO '" + file + "' (FORMAT parquet, PARQUET_VERSION " + version
                            + ")");
        }
        List<Field> fields = List.of(
                new Field("key", ValueType.INT64),
                new Field("small", ValueType.INT64),
                new Field("name", ValueType.STRING),
                new Field("ratio", ValueType.DOUBLE));
        List<String> expected = new ArrayList<>();
        for (long i = 0; i < 3_000; i++) {
            expected.add(Arrays.asList(i, null, null, null).toString());
        }
        assertThat(read(file, fields)).isEqualTo(expected);
    }

    private static MessageType schema(Repetition repetition, LogicalTypeAnnotation.TimeUnit unit) {
        return Types.buildMessage()
                .addField(Types.primitive(PrimitiveTypeName.INT64, repetition).named("key"))
                .addField(Types.primitive(PrimitiveTypeName.INT32, repetition).named("small"))
                .addField(Types.primitive(PrimitiveTypeName.INT64, repetition)
                        .as(timestampType(true, unit))
                        .named("at"))
                .addField(Types.primitive(PrimitiveTypeName.INT32, repetition).named("count"))
                .addField(Types.primitive(PrimitiveTypeName.DOUBLE, repetition).named("ratio"))
                .addField(Types.primitive(PrimitiveTypeName.FLOAT, repetition).named("part"))
                .addField(Types.primitive(PrimitiveTypeName.FLOAT, repetition).named("single"))
                .addField(Types.primitive(PrimitiveTypeName.BOOLEAN, repetition).named("flag"))
                .addField(Types.primitive(PrimitiveTypeName.BINARY, repetition)
                        .as(LogicalTypeAnnotation.stringType())
                        .named("name"))
                .named("foreign");
    }

    /** Whole milliseconds, negative numbers, values of every width and runs of equal ones. */
    private static Object[] cells(Random random, int row) {
        long wide = random.nextLong() >> random.nextInt(Long.SIZE);
        return new Object[] {
            row % 900 < 300 ? 42L : wide,
            (long) (random.nextInt(50) - 25),
            (row * 300_000L + random.nextInt(3) - 2_000_000_000L) * 1_000,
            random.nextInt() >> random.nextInt(Integer.SIZE),
            random.nextGaussian(),
            (double) (float) random.nextGaussian(),
            random.nextInt(8) / 8f,
            random.nextInt(9) == 0,
            "n" + random.nextInt(row % 2 == 0 ? 10 : 1_000_000)
        };
    }

    private static Group group(MessageType schema, Object[] cells, LogicalTypeAnnotation.TimeUnit unit) {
        Group group = new SimpleGroup(schema);
        for (int i = 0; i < cells.length; i++) {
            Object cell = cells[i];
            if (cell == null) {
                continue;
            }
            switch (schema.getType(i).asPrimitiveType().getPrimitiveTypeName()) {
                case INT64 -> group.add(i, i == 2 ? stored((Long) cell, unit) : (Long) cell);
                case INT32 -> group.add(i, ((Number) cell).intValue());
                case DOUBLE -> group.add(i, (Double) cell);
                case FLOAT -> group.add(i, ((Number) cell).floatValue());
                case BOOLEAN -> group.add(i, (Boolean) cell);
                default -> group.add(i, Binary.fromString((String) cell));
            }
        }
        return group;
    }

    private static long stored(long micros, LogicalTypeAnnotation.TimeUnit unit) {
        return switch (unit) {
            case MILLIS -> micros / 1_000;
            case MICROS -> micros;
            case NANOS -> micros * 1_000 + 999; // what is below a microsecond is cut off
        };
    }

    private static List<String> read(Path file, List<Field> fields) throws Exception {
        List<String> rows = new ArrayList<>();
        try (ParquetColumns columns = ParquetColumns.open("foreign", new LocalInput(file))) {
            List<ParquetColumns.Plan> plans = fields.stream().map(columns::plan).toList();
            for (int group = 0; group < columns.rowGroups(); group++) {
                List<Column> read = columns.read(group, plans);
                List<Column> part = columns.read(group, 1_500, 3, plans);
                for (int row = 0; row < columns.rows(group); row++) {
                    rows.add(text(read, row));
                }
                for (int row = 0; row < 3; row++) {
                    assertThat(text(part, row)).isEqualTo(text(read, 1_500 + row));
                }
            }
        }
        return rows;
    }

    private static String text(List<Column> columns, int row) {
        return columns.stream().map(column -> column.value(row)).toList().toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"V1", "V2"})
    void duckDbsFilesAreReadToo(String version) throws Exception {
        Path file = folder.resolve("duck.parquet");
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("COPY (SELECT i * i - 5000 AS key, (i % 7)::INTEGER AS small,"
                    + " make_timestamptz(i * 300000001 + 7) AS at, CASE WHEN i % 3 = 0 THEN NULL ELSE 'n' || i % 20 END"
                    + " AS name FROM range(20000) t(i)) TO '" + file + "' (FORMAT parquet, PARQUET_VERSION " + version
                    + ", ROW_GROUP_SIZE 4096)");
        }
        List<Field> fields = List.of(
                new Field("key", ValueType.INT64),
                new Field("small", ValueType.INT64),
                new Field("at", ValueType.UNIX_TIMESTAMP),
                new Field("name", ValueType.STRING));
        List<String> expected = new ArrayList<>();
        for (long i = 0; i < 20_000; i++) {
            expected.add(Arrays.asList(i * i - 5000, i % 7, i * 300_000_001 + 7, i % 3 == 0 ? null : "n" + i % 20)
                    .toString());
        }

        assertThat(read(file, fields)).isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource(WriterVersion.class)
    void aPageThatWasChangedIsNeverBelieved(WriterVersion version) throws Exception {
        Path file = folder.resolve("changed.parquet");
        MessageType schema = schema(Repetition.REQUIRED, LogicalTypeAnnotation.TimeUnit.MICROS);
        Random random = new Random(3);
        try (ParquetWriter<Group> writer = ExampleParquetWriter.builder(new LocalOutputFile(file))
                .withType(schema)
                .withConf(new PlainParquetConfiguration())
                .withWriterVersion(version)
                .withCompressionCodec(CompressionCodecName.UNCOMPRESSED)
                .build()) {
            for (int row = 0; row < 5_000; row++) {
                writer.write(group(schema, cells(random, row), LogicalTypeAnnotation.TimeUnit.MICROS));
            }
        }
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 3] ^= 4;
        Files.write(file, bytes);

        assertThatThrownBy(() -> read(file, FIELDS))
                .isInstanceOfSatisfying(GridException.class, failure -> assertThat(failure.code())
                        .isEqualTo(ErrorCode.DAMAGED_DATA));
    }
}
