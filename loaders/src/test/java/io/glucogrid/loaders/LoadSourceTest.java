package io.glucogrid.loaders;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.glucogrid.importers.LoadVerb;
import io.glucogrid.store.AsOfBatch;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Files that others wrote, of a source that was declared: loaded, joined and compared with another reader of the same files. */
class LoadSourceTest {
    private static final int ROWS = 20_000;
    private static final int DEVICES = 37;
    private static final int QUESTIONS = 3_000;

    /** Nanoseconds, nulls, values of many lengths, versions, and rows in no order; the columns in another order than declared. */
    private static final String ROWS_SQL =
            "SELECT make_timestamp_ns(1700000000000000000 + (i // 2 * 61) * 1000000007 + i % 2"
                    + " * 61000000000 * (1 - i // 10 % 2)) AS at, [i, i] AS other, CASE WHEN i % 500 = 3 THEN NULL ELSE 'dév-' || (i // 2 % 37)"
                    + " END AS device, CASE WHEN i % 7 = 0 THEN NULL ELSE sin(i) * 40 END AS temperature, (i % 64) / 8.0::DOUBLE AS level,"
                    + " CASE WHEN i % 1000 = 9 THEN 3000000000 ELSE i - 500 END AS battery, i % 3 = 0 AS faulty,"
                    + " CASE WHEN i % 11 = 0 THEN NULL ELSE 'v' || (i % 5) || ', \"stable\"' END AS firmware,"
                    + " CASE WHEN i % 4 = 0 THEN NULL ELSE DATE '2020-02-28' + (i % 5)::INTEGER END AS serviced,"
                    + " TIMESTAMPTZ '2024-01-01 00:00:00+00' + INTERVAL (i) MILLISECOND AS received"
                    + " FROM range(20000) t(i) ORDER BY hash(i)";

    @TempDir
    private Path folder;

    private Path tier;
    private String output = "";
    private String errors = "";

    @BeforeEach
    void applyDefinitions() {
        tier = folder.resolve("tier");
        new MetaDocuments(LocalTier.open(tier)).publish("registry", 1, "");
    }

    private int load(Object... arguments) {
        List<String> all = new ArrayList<>(List.of("--tier", tier.toString(), "--api", "http://127.0.0.1:1"));
        Arrays.stream(arguments).forEach(argument -> all.add(argument.toString()));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = new CommandLine(new LoadVerb())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(all.toArray(String[]::new));
        output = out.toString();
        errors = err.toString();
        return code;
    }

    private JsonNode loaded(Object... arguments) throws Exception {
        List<Object> all = new ArrayList<>(List.of("--json", "--source", "device_files"));
        all.addAll(List.of(arguments));
        assertThat(load(all.toArray())).as(errors).isZero();
        return new ObjectMapper().readTree(output).get("files").get(0);
    }

    private static void duck(String... statements) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("SET TimeZone = 'UTC'");
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private Path parquet(String version) throws Exception {
        Path file = folder.resolve("devices.parquet");
        duck("COPY (" + ROWS_SQL + ") TO '" + file + "' (FORMAT parquet, ROW_GROUP_SIZE 4096, PARQUET_VERSION "
                + version + ")");
        return file;
    }

    @Test
    void aFileOfDuckDbIsLoadedOnceAndJoinedAsDuckDbJoinsIt() throws Exception {
        Path file = parquet("V1");

        JsonNode tried = loaded(file, "--dry-run");
        assertThat(tried.get("added").asInt()).isEqualTo(ROWS - 60);
        assertThat(LocalTier.open(tier).list("devices")).isEmpty();

        JsonNode first = loaded(file);
        assertThat(first.get("rows").asInt()).isEqualTo(ROWS);
        assertThat(first.get("rejected").asInt()).isEqualTo(60);
        assertThat(first.get("reasons").findValuesAsText("reason"))
                .containsExactlyInAnyOrder("no 'device'", "'battery' is no INT32, or not without a loss");
        assertThat(first.get("added").asInt()).isEqualTo(ROWS - 60);
        assertSameJoin(file);

        JsonNode again = loaded(file);
        assertThat(again.get("added").asInt()).isZero();
        assertThat(again.get("present").asInt()).isEqualTo(ROWS - 60);
        assertThat(again.get("segments").asInt()).isZero();
        assertSameJoin(file);
    }

    @Test
    void theSameRowsAsCsvOrInPagesOfVersionTwoAreTheSameRows() throws Exception {
        Path file = parquet("V2");
        Path text = Files.createDirectories(folder.resolve("text/part=1")).resolve("devices.csv");
        duck("COPY (SELECT * EXCLUDE (other) FROM '" + file + "') TO '" + text + "' (FORMAT csv, HEADER)");
        Files.writeString(folder.resolve("text/_SUCCESS.csv"), "nothing");

        assertThat(loaded(folder.resolve("text")).get("added").asInt()).isEqualTo(ROWS - 60);
        assertSameJoin(file);
        assertThat(loaded(file).get("present").asInt()).isEqualTo(ROWS - 60);
    }

    /** Every column of every answer, in the order of the questions. */
    private void assertSameJoin(Path file) throws Exception {
        long seed = 5;
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        List<Object[]> keys = new ArrayList<>();
        long[] at = new long[QUESTIONS];
        StringBuilder values = new StringBuilder();
        for (int i = 0; i < QUESTIONS; i++) {
            String device = "dév-" + random.nextInt(DEVICES + 1);
            at[i] = 1_700_000_000_000_000L + random.nextLong(620_000_000_000L) - 1_000_000;
            keys.add(new Object[] {device});
            values.append(i == 0 ? "" : ", ").append("(" + i + ", '" + device + "', " + at[i] + ")");
        }
        List<String> expected = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement();
                ResultSet found =
                        statement.executeQuery("SELECT n, epoch_ns(f.\"at\") // 1000 AS event, epoch_us(received),"
                                + " temperature, level::FLOAT, battery::INTEGER, faulty, firmware, epoch_us(serviced::TIMESTAMP)"
                                + " FROM (VALUES " + values
                                + ") q(n, device, t) ASOF LEFT JOIN (SELECT *, epoch_ns(\"at\") // 1000 AS us"
                                + " FROM '" + file + "' WHERE device IS NOT NULL AND battery < 2147483648"
                                + " QUALIFY row_number() OVER (PARTITION BY device, us ORDER BY received DESC) = 1) f"
                                + " ON q.device = f.device AND q.t >= f.us ORDER BY n")) {
            while (found.next()) {
                List<Object> row = new ArrayList<>();
                for (int i = 2; i <= 9; i++) {
                    row.add(found.getObject(i));
                }
                expected.add(row.get(0) == null ? "none" : row.toString());
            }
        }
        List<String> answers = new ArrayList<>(Collections.nCopies(QUESTIONS, "none"));
        try (ParquetOfflineStore store = Tiers.store(tier)) {
            store.join(DeviceDefinitions.DEVICES, AsOfBatch.of(keys, at), (question, row) -> {
                List<Object> cells = new ArrayList<>(List.of(row.eventMicros(), row.createdMicros()));
                for (int i = 0; i < 6; i++) {
                    cells.add(row.value(i));
                }
                answers.set(question, cells.toString());
            });
        }
        assertThat(answers).isEqualTo(expected);
        assertThat(answers).filteredOn("none"::equals).hasSizeBetween(1, QUESTIONS / 2);
    }

    @Test
    void withoutAFileThePathOfTheDefinitionIsLoaded() throws Exception {
        assertThat(load("--source", "device_files")).isEqualTo(1);
        assertThat(errors).contains("declared without a path");
        Path files = Files.createDirectories(folder.resolve("lake"));
        new MetaDocuments(LocalTier.open(tier)).publish("registry", 2, files.toString());
        assertThat(load("--source", "device_files")).isEqualTo(1);
        assertThat(errors).contains("has no Parquet or CSV file");
        String header = "device,at,received,temperature,level,battery,faulty,firmware,serviced\n";
        Files.writeString(files.resolve("a.csv"), header + "x,1700000000,,21.5,,80,TRUE,\"\",2020-02-29\n");
        Files.writeString(
                files.resolve("b.csv"), "device,at,received\ny,2023-11-14T22:13:20Z,2023-11-15 00:00:00+01\n");

        assertThat(load("--source", "device_files")).as(errors).isZero();
        assertThat(errors).contains("not every file has the column 'battery'");
        assertThat(load("--source", "device_files", "--json")).isZero();
        assertThat(output).doesNotContain("\"added\":1").contains("\"table\":\"devices\"");
        try (ParquetOfflineStore store = Tiers.store(tier)) {
            List<String> rows = new ArrayList<>();
            store.scan(DeviceDefinitions.DEVICES, bucket -> true, row -> rows.add(row.joinKeys()[0] + " " + row.row()));
            assertThat(rows)
                    .hasSize(2)
                    .anyMatch(row -> row.startsWith("x") && row.contains("[21.5, null, 80, true, , 1582934400000000]"));
        }
    }

    @Test
    void aRowThatDoesNotFitIsCountedWithItsReasonAndTheOthersAreLoaded() throws Exception {
        Path file = folder.resolve("some.csv");
        Files.writeString(
                file,
                "device,at,received,temperature,level,battery,faulty,firmware,serviced\n"
                        + "a,1700000000,,,,,,,\n"
                        + "a,,,,,,,,\n"
                        + "b,yesterday,,,,,,,\n"
                        + "b,yesterday,,,,,,,\n"
                        + "c,1700000000,,warm,,,,,\n"
                        + "d,1700000000,,1e999,,,,,\n"
                        + "e,1700000000,,,,7.5,,,\n"
                        + ",1700000000,,,,,,,\n"
                        + "a,1700000000,,,,,,,\n");
        assertThat(load(file, "--source", "device_files")).as(errors).isZero();
        assertThat(output)
                .contains("9  read")
                .contains("1  rejected: no 'at' (first: row 2)")
                .contains("2  rejected: 'at' is no UNIX_TIMESTAMP, or not without a loss (first: row 3)")
                .contains("2  rejected: 'temperature' is no DOUBLE")
                .contains("1  rejected: 'battery' is no INT32")
                .contains("1  rejected: no 'device' (first: row 8)")
                .contains("1  already in the tier, or twice in the file")
                .contains("1  added");
    }

    @Test
    void whatCannotBeLoadedAtAllIsSaidBeforeAnythingIsWritten() throws Exception {
        Path good = Files.createDirectories(folder.resolve("mixed")).resolve("a.csv");
        Files.writeString(good, "device,at,received,temperature,level,battery,faulty,firmware,serviced\na,1,1,,,,,,\n");
        Files.writeString(folder.resolve("mixed/b.csv"), "devise,at,received\na,1,1\n");
        assertThat(load("--source", "device_files", folder.resolve("mixed"))).isEqualTo(1);
        assertThat(errors)
                .contains("b.csv: column 'device' of source 'device_files' is missing (did you mean 'devise'?)");
        assertThat(LocalTier.open(tier).list("devices")).isEmpty();
        assertThat(load("--source", "divice_files", good)).isEqualTo(1);
        assertThat(errors).contains("no parquet source 'divice_files' is applied (did you mean 'device_files'?)");
        assertThat(load()).isEqualTo(2);
        assertThat(load("--source", "device_files", folder)).isEqualTo(1);
        assertThat(errors).contains("has in it, the tier to load into");

        assertThat(load("--source", "device_files", good)).isZero();
        Path copy = Files.copy(
                TestTier.files(tier).stream()
                        .filter(path -> path.toString().endsWith(".parquet"))
                        .findFirst()
                        .orElseThrow(),
                folder.resolve("copy.parquet"));
        assertThat(load("--source", "device_files", copy)).isEqualTo(1);
        assertThat(errors).contains("is a segment of a tier");
    }

    @Test
    void readingsAreRepairedThoughTheirSourceIsNamed() throws Exception {
        Path file = folder.resolve("cgm.parquet");
        duck(
                "COPY (SELECT 7::BIGINT AS subject_id, make_timestamp_ns(1400000000000000000 + i * 300000000000) AS event_timestamp,"
                        + " 100 + i % 9 AS glucose, make_timestamp_ns(1400000000) AS created FROM range(300) t(i)) TO '"
                        + file
                        + "' (FORMAT parquet)");
        assertThat(load(file, "--source", "reading_files")).as(errors).isZero();
        assertThat(output).contains("300  repaired: creation time was seconds stored in a finer unit");
        assertThat(load(file, "--source", "reading_files", "--raw")).as(errors).isZero();
        assertThat(output).contains("300  added");
    }
}
