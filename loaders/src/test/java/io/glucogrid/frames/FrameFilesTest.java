package io.glucogrid.frames;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.frame.FrameFile;
import io.glucogrid.frame.FrameReader;
import io.glucogrid.frame.FrameWriter;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Frames as files: what is written is read back, by others too, and what cannot be read says where. */
class FrameFilesTest {
    private static final List<Field> COLUMNS = List.of(
            new Field("small", ValueType.INT32),
            new Field("large", ValueType.INT64),
            new Field("single", ValueType.FLOAT),
            new Field("real", ValueType.DOUBLE),
            new Field("flag", ValueType.BOOL),
            new Field("text, \"quoted\"", ValueType.STRING),
            new Field("bytes", ValueType.BYTES),
            new Field("at", ValueType.UNIX_TIMESTAMP));

    @TempDir
    Path folder;

    private static Object[] row(int i) {
        return i % 5 == 4
                ? new Object[COLUMNS.size()]
                : new Object[] {
                    -i,
                    Long.MAX_VALUE - i,
                    i / 8f,
                    i / 3.0,
                    i % 2 == 0,
                    List.of("", "a,b", "say \"x\"", "two\r\nlines").get(i % 5),
                    new byte[] {(byte) i, 0},
                    1_391_581_982_000_000L + i
                };
    }

    private Path written(FrameFile format, String name, int rows) throws IOException {
        Path file = folder.resolve(name);
        try (FrameWriter writer = format.write(file, COLUMNS)) {
            for (int i = 0; i < rows; i++) {
                writer.write(List.<Object[]>of(row(i)));
            }
            writer.finish();
        }
        return file;
    }

    private static List<Object[]> all(FrameFile format, Path file, int most) throws IOException {
        List<Object[]> rows = new ArrayList<>();
        try (FrameReader reader = format.read(file)) {
            for (List<Object[]> part = reader.next(most); !part.isEmpty(); part = reader.next(most)) {
                assertThat(part).hasSizeLessThanOrEqualTo(most);
                rows.addAll(part);
            }
        }
        return rows;
    }

    @Test
    void bothFormatsAreFound() {
        assertThat(ServiceLoader.load(FrameFile.class).stream()
                        .map(ServiceLoader.Provider::type)
                        .toList())
                .containsExactly(ParquetFrameFile.class, CsvFrameFile.class);
    }

    @Test
    void parquetIsReadBackWithItsTypesAndNulls() throws Exception {
        ParquetFrameFile format = new ParquetFrameFile();
        Path file = written(format, "frame.parquet", 1_003);

        try (FrameReader reader = format.read(file)) {
            assertThat(reader.columns()).isEqualTo(COLUMNS);
        }
        List<Object[]> rows = all(format, file, 100);
        assertThat(rows).hasSize(1_003);
        for (int i = 0; i < rows.size(); i++) {
            assertThat(Arrays.deepEquals(rows.get(i), row(i))).as("row " + i).isTrue();
        }
    }

    @Test
    void duckDbReadsWhatIsWrittenAndIsReadItself() throws Exception {
        Path file = written(new ParquetFrameFile(), "ours.parquet", 4);
        Path theirs = folder.resolve("theirs.parquet");
        try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duck.createStatement()) {
            try (ResultSet read = statement.executeQuery(
                    "SELECT epoch_us(\"at\"), typeof(\"at\"), large, \"text, \"\"quoted\"\"\" FROM '" + file + "'")) {
                assertThat(read.next()).isTrue();
                assertThat(read.getLong(1)).isEqualTo(1_391_581_982_000_000L);
                assertThat(read.getString(2)).isEqualTo("TIMESTAMP WITH TIME ZONE");
                assertThat(read.getLong(3)).isEqualTo(Long.MAX_VALUE);
                assertThat(read.getString(4)).isEmpty();
            }
            statement.execute(
                    "COPY (SELECT 7::BIGINT AS subject_id, TIMESTAMP '2014-02-05 06:33:02' AS event_timestamp,"
                            + " 'x' AS label, 1.5::DOUBLE AS w) TO '" + theirs + "' (FORMAT PARQUET)");
            statement.execute("COPY (SELECT DATE '2014-02-05' AS day) TO '" + folder.resolve("day.parquet")
                    + "' (FORMAT PARQUET)");
            statement.execute("COPY (SELECT 1.5::DECIMAL(9, 2) AS price) TO '" + folder.resolve("price.parquet")
                    + "' (FORMAT PARQUET)");
        }

        assertThat(all(new ParquetFrameFile(), theirs, 10).get(0))
                .containsExactly(7L, 1_391_581_982_000_000L, "x", 1.5);
        assertThat(all(new ParquetFrameFile(), folder.resolve("day.parquet"), 10)
                        .get(0))
                .containsExactly(1_391_558_400_000_000L);
        assertThatThrownBy(() -> new ParquetFrameFile().read(folder.resolve("price.parquet")))
                .isInstanceOf(GridException.class)
                .hasMessageContaining("column 'price' is INT32 DECIMAL")
                .hasMessageContaining("cast it");
    }

    @Test
    void csvIsReadBackAsText() throws Exception {
        Path file = written(new CsvFrameFile(), "frame.csv", 5);

        List<Object[]> rows = all(new CsvFrameFile(), file, 2);

        assertThat(rows).hasSize(5);
        assertThat(rows.get(1))
                .containsExactly(
                        "-1",
                        "9223372036854775806",
                        "0.125",
                        "0.3333333333333333",
                        "false",
                        "a,b",
                        "AQA=",
                        "2014-02-05T06:33:02.000001+00:00");
        assertThat(rows.get(0)[5]).isEqualTo("");
        assertThat(rows.get(2)[5]).isEqualTo("say \"x\"");
        assertThat(rows.get(3)[5]).isEqualTo("two\r\nlines");
        assertThat(rows.get(4)).containsOnlyNulls();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a,b~1,2~3|line 3: 1 cells, but the header has 2",
                "a,b~1,'x~y'~1,2,3|line 4: 3 cells",
                "a,b~1,'x|line 2, column 3: a quote that is never closed",
                "a,b~1,x'y|line 2, column 4: a quote within a cell",
                "a,b~'1'2,3|line 2, column 4: text behind a closing quote",
                "a,a~1,2|the header has 'a' twice",
                "a,~1,2|the header has no name for column 2"
            })
    void aCsvThatCannotBeReadSaysWhere(String text, String reason) throws Exception {
        Path file = Files.writeString(
                folder.resolve("bad.csv"), text.replace('~', '\n').replace('\'', '"'));

        assertThatThrownBy(() -> all(new CsvFrameFile(), file, 10))
                .isInstanceOfSatisfying(
                        GridException.class, bad -> assertThat(bad.code()).isEqualTo(ErrorCode.INVALID_REQUEST))
                .hasMessageContaining(reason);
    }

    @Test
    void whatIsNoFrameIsRefused() throws Exception {
        Path empty = Files.createFile(folder.resolve("empty.csv"));
        Path binary = Files.write(folder.resolve("binary.csv"), new byte[] {'a', '\n', (byte) 0xC3, '\n'});
        Path text = Files.writeString(folder.resolve("text.parquet"), "subject_id\n1\n", StandardCharsets.UTF_8);

        assertThatThrownBy(() -> new CsvFrameFile().read(empty)).hasMessageContaining("needs a header");
        assertThatThrownBy(() -> all(new CsvFrameFile(), binary, 10)).hasMessageContaining("is not UTF-8 text");
        assertThatThrownBy(() -> new ParquetFrameFile().read(text))
                .isInstanceOf(GridException.class)
                .hasMessageContaining("text.parquet");
    }
}
