package io.glucogrid.loaders;

import static org.assertj.core.api.Assertions.assertThat;

import io.glucogrid.store.HistoryRow;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
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
