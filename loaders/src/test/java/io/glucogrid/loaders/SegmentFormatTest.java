package io.glucogrid.loaders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.HistoryRow;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Segments in every form that the settings allow, read by the tier and by DuckDB. */
class SegmentFormatTest {
    private static final int ROWS = 10_000;

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "1, zstd, ZSTD",
        "2, zstd:1, ZSTD",
        "2, zstd:19, ZSTD",
        "1, snappy, SNAPPY",
        "2, gzip, GZIP",
        "1, lz4, LZ4_RAW",
        "2, lz4, LZ4_RAW",
        "1, none, UNCOMPRESSED",
        "2, none, UNCOMPRESSED"
    })
    void everyFormIsWrittenMergedAndReadByUsAndByOthers(int version, String codec, String stored) throws Exception {
        SegmentFormat format = SegmentFormat.parse(version, codec);
        RowBatch batch = RowBatch.empty(Tiers.READINGS, ROWS);
        Random random = new Random(5);
        for (int i = 0; i < ROWS; i++) {
            Object glucose = random.nextInt(10) == 0 ? null : 40 + (long) random.nextInt(300);
            Object[] key = {(long) random.nextInt(20)};
            FeatureRow reading = new FeatureRow(i * 300_000_000L, random.nextLong() >> 12, new Object[] {glucose});
            batch.add(HistoryRow.upsert(key, reading), i);
        }
        write(format, batch);
        List<String> fresh = ours();
        assertThat(fresh).hasSize(ROWS).isEqualTo(theirs());

        CompactionPolicy policy = CompactionPolicy.everything(Duration.ZERO).in(format);
        Compactor compactor = Tiers.compactor(LocalTier.open(folder), new LocalBoard(), policy);
        compactor.compact("readings");
        compactor.sweep("readings");

        assertThat(ours()).isEqualTo(fresh);
        assertThat(theirs()).isEqualTo(fresh);
        assertThat(query("SELECT DISTINCT compression FROM parquet_metadata('" + folder + "/readings/**/*.parquet')"))
                .containsExactly(stored);
        assertThat(query("SELECT DISTINCT list_contains(string_split(encodings, ', '), 'DELTA_BINARY_PACKED')"
                        + " FROM parquet_metadata('" + folder
                        + "/readings/**/*.parquet') WHERE path_in_schema = 'event_timestamp'"))
                .containsExactly(String.valueOf(version == 2));
    }

    @ParameterizedTest
    @CsvSource({"3, zstd", "2, zstd:0", "2, zstd:20", "2, zstd:", "2, brotli", "2, ''", "0, snappy"})
    void anythingElseIsNamed(int version, String codec) {
        assertThatThrownBy(() -> SegmentFormat.parse(version, codec))
                .isInstanceOf(GridException.class)
                .hasMessageContaining("GRID_PARQUET_");
    }

    @Test
    void theDefaultIsVersionTwoWithZstandardAtLevelThree() {
        assertThat(SegmentFormat.parse(2, "zstd")).isEqualTo(SegmentFormat.DEFAULT);
        assertThat(SegmentFormat.parse(2, "zstd:3")).isEqualTo(SegmentFormat.DEFAULT);
    }

    private void write(SegmentFormat format, RowBatch batch) throws IOException {
        String fresh = SegmentName.freshFolder("readings", Instant.EPOCH);
        int[] order = batch.sorted();
        int half = ROWS / 2;
        SegmentFile.write(LocalTier.open(folder), fresh, Tiers.READINGS, format, batch, Arrays.copyOf(order, half));
        SegmentFile.write(
                LocalTier.open(folder), fresh, Tiers.READINGS, format, batch, Arrays.copyOfRange(order, half, ROWS));
    }

    private List<String> ours() throws IOException {
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            return Tiers.scan(store).stream()
                    .map(row -> row.joinKeys()[0] + " " + row.row().eventMicros() + " "
                            + row.row().value(0) + " " + row.row().createdMicros())
                    .sorted()
                    .toList();
        }
    }

    private List<String> theirs() throws SQLException {
        return query("SELECT subject_id || ' ' || epoch_us(event_timestamp) || ' ' || coalesce(glucose::VARCHAR,"
                        + " 'null') || ' ' || epoch_us(created) FROM '" + folder + "/readings/**/*.parquet'")
                .stream()
                .sorted()
                .toList();
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
