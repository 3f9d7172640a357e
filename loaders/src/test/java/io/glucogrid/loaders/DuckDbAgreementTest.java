package io.glucogrid.loaders;

import static org.assertj.core.api.Assertions.assertThat;

import io.glucogrid.store.HistoryRow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** DuckDB reads the tier without us. */
class DuckDbAgreementTest {
    @TempDir
    private Path folder;

    @Test
    void anotherReaderSeesTheSameRowsAndColumns() throws Exception {
        long seed = 3;
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        List<String> ours = new ArrayList<>();
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            for (int segment = 0; segment < 5; segment++) {
                List<HistoryRow> rows = new ArrayList<>();
                for (int i = 0; i < 5000; i++) {
                    rows.add(Tiers.reading(random.nextInt(50), random.nextLong() >> 20, random.nextLong() >> 20, i));
                }
                store.append(Tiers.READINGS, rows).get(20, TimeUnit.SECONDS);
            }
            RowBatch batch = RowBatch.empty(Tiers.READINGS, 1000);
            for (int i = 0; i < 1000; i++) {
                batch.add(random.nextInt(50), random.nextLong() >> 20, i, 0, 0);
            }
            BulkLoad.into(LocalTier.open(folder), Tiers.READINGS).add(batch, true);
            store.relist();
            store.scan(
                    Tiers.READINGS,
                    bucket -> true,
                    row -> ours.add(row.joinKeys()[0] + " "
                            + row.row().eventMicros() + " " + row.row().value(0) + " "
                            + row.row().createdMicros()));
        }
        List<String> theirs = query("SELECT subject_id || ' ' || epoch_us(event_timestamp) || ' ' || glucose || ' '"
                + " || epoch_us(created) FROM '" + folder + "/readings/**/*.parquet' WHERE _op = 0");

        assertThat(ours).hasSize(26_000);
        Collections.sort(ours);
        Collections.sort(theirs);
        assertThat(theirs).isEqualTo(ours);
        assertThat(query("SELECT name || ' ' || coalesce(type, '') || ' ' || coalesce(field_id::VARCHAR, '') || ' '"
                        + " || coalesce(logical_type, '') FROM parquet_schema('"
                        + folder
                        + "/readings/l0/**/*.parquet') WHERE type IS NOT NULL GROUP BY ALL ORDER BY min(field_id)"))
                .containsExactly(
                        "subject_id INT64 1 ",
                        "event_timestamp INT64 101 TimestampType(isAdjustedToUTC=1, unit=TimeUnit(MILLIS=<null>, MICROS=MicroSeconds(), NANOS=<null>))",
                        "created INT64 102 TimestampType(isAdjustedToUTC=1, unit=TimeUnit(MILLIS=<null>, MICROS=MicroSeconds(), NANOS=<null>))",
                        "_ingested_at INT64 103 TimestampType(isAdjustedToUTC=1, unit=TimeUnit(MILLIS=<null>, MICROS=MicroSeconds(), NANOS=<null>))",
                        "_op INT32 104 ",
                        "glucose INT64 1001 ");
        assertThat(query("SELECT DISTINCT decode(key) || '=' || decode(value) FROM parquet_kv_metadata('" + folder
                        + "/readings/**/*.parquet') ORDER BY 1"))
                .contains(
                        "bucketing=ignite-rendezvous,parts=64",
                        "glucogrid.segment.version=1",
                        "glucogrid.table=readings");
    }

    /** What the README of the project tells people to run, to the letter. */
    @Test
    void theQueryOfTheReadmeGivesExactlyOurRowsBeforeAndAfterACompaction() throws Exception {
        String readme = Files.readString(Path.of("..", "README.md"));
        Matcher block = Pattern.compile("```sql\\R-- DuckDB\\R(.*?);\\R```", Pattern.DOTALL)
                .matcher(readme);
        assertThat(block.find()).isTrue();
        String sql =
                "SELECT subject_id || ' ' || epoch_us(event_timestamp) || ' ' || glucose || ' ' || epoch_us(created)"
                        + " FROM (" + block.group(1).replace(".glucogrid/offline", folder.toString()) + ")";
        long seed = 5;
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            for (int segment = 0; segment < 6; segment++) {
                List<HistoryRow> rows = new ArrayList<>();
                for (int i = 0; i < 300; i++) { // versions, ties of all kinds, duplicates, deletes before and after
                    long subject = random.nextInt(4);
                    long event = random.nextInt(40);
                    long created = random.nextInt(6);
                    rows.add(
                            random.nextInt(4) == 0
                                    ? Tiers.tombstone(subject, event, created)
                                    : Tiers.reading(subject, event, created, random.nextInt(3)));
                }
                store.append(Tiers.READINGS, rows).get(20, TimeUnit.SECONDS);
            }
            assertThat(sorted(query(sql))).isEqualTo(current(store));
            Compactor compactor = Tiers.compactor(
                    LocalTier.open(folder), new LocalBoard(), CompactionPolicy.everything(Duration.ZERO));
            compactor.compact("readings");
            assertThat(sorted(query(sql))).isEqualTo(current(store)); // inputs and outputs lie side by side
            compactor.sweep("readings");
            store.relist();
            assertThat(sorted(query(sql))).isEqualTo(current(store)).hasSizeGreaterThan(50);
        }
    }

    private static List<String> sorted(List<String> lines) {
        return lines.stream().sorted().toList();
    }

    /** Of each event time the row that counts. */
    private static List<String> current(ParquetOfflineStore store) {
        Map<String, String> newest = new TreeMap<>(); // a scan brings the newest version last
        store.scan(Tiers.READINGS, bucket -> true, row -> {
            String place = row.joinKeys()[0] + " " + row.row().eventMicros();
            newest.put(place, place + " " + row.row().value(0) + " " + row.row().createdMicros());
        });
        return sorted(List.copyOf(newest.values()));
    }

    private static List<String> query(String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                rows.add(result.getString(1));
            }
        }
        return rows;
    }
}
