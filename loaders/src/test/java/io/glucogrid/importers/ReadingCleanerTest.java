package io.glucogrid.importers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.glucogrid.cgm.Reading;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.Suppressions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files as DuckDB writes them, which knows nothing of us. */
class ReadingCleanerTest {
    private static final String SENSOR_DAYS =
            "SELECT 7::BIGINT subject_id, 100::BIGINT glucose, TIMESTAMP '2020-01-01' + INTERVAL (300 * i) SECOND t"
                    + " FROM range(600) r(i)";

    @TempDir
    private Path folder;

    private final List<Reading> kept = new ArrayList<>();

    private Path write(String query, String options) throws Exception {
        Path file = folder.resolve("readings.parquet");
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("SET TimeZone='UTC'");
            statement.execute("COPY (" + query + ") TO '" + file + "' (FORMAT parquet" + options + ")");
        }
        return file;
    }

    private CleaningReport clean(Path file, boolean raw) throws Exception {
        kept.clear();
        return ReadingCleaner.clean(
                file,
                raw,
                Suppressions.none().filter(List.of()),
                chunk -> chunk.forEach(
                        (subject, glucose, event, created) -> kept.add(new Reading(subject, glucose, event, created))),
                rows -> {});
    }

    @Test
    void timesOfAnyUnitAndPageVersionAreReadAlike() throws Exception {
        for (String type : List.of("TIMESTAMP_MS", "TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMPTZ")) {
            for (String options :
                    List.of("", ", PARQUET_VERSION v2", ", COMPRESSION uncompressed", ", ROW_GROUP_SIZE 2048")) {
                Path file = write(
                        "SELECT subject_id, glucose, t::" + type + " event_timestamp, t::" + type + " created FROM ("
                                + SENSOR_DAYS + ")",
                        options);
                assertThat(clean(file, false).untouched()).isEqualTo(600);
                assertThat(kept).hasSize(600);
                assertThat(kept.get(1)).isEqualTo(new Reading(7, 100, 1577837100000000L, 1577837100000000L));
            }
        }
    }

    @Test
    void aFileWithoutCreationTimesTakesTheEventTimes() throws Exception {
        Path file = write(
                "SELECT subject_id::INTEGER subject_id, glucose::SMALLINT glucose, t event_timestamp FROM ("
                        + SENSOR_DAYS + ")",
                "");
        assertThat(clean(file, false).untouched()).isEqualTo(600);
        assertThat(kept).allMatch(reading -> reading.createdMicros() == reading.eventMicros());
    }

    @Test
    void secondsInNanosecondsAreRepairedDuplicatesAndStraysAndGapsDropped() throws Exception {
        Path file = write(
                "SELECT subject_id, glucose, t::TIMESTAMP_NS event_timestamp, t::TIMESTAMP_NS created FROM ("
                        + SENSOR_DAYS + ")"
                        + " UNION ALL SELECT 7, 101, '2020-01-01 00:00:01'::TIMESTAMP_NS, make_timestamp_ns(1577836805)"
                        + " UNION ALL SELECT 7, 101, '2020-01-01 00:00:01'::TIMESTAMP_NS, make_timestamp_ns(1577836805)"
                        + " UNION ALL SELECT 7, 102, make_timestamp_ns(1577836807), make_timestamp_ns(1577836807)"
                        + " UNION ALL SELECT 7, 103, '2020-01-01 00:00:03'::TIMESTAMP_NS, '1970-01-01'::TIMESTAMP_NS"
                        + " UNION ALL SELECT 7, 104, '1980-01-01'::TIMESTAMP_NS, '2020-01-01'::TIMESTAMP_NS"
                        + " UNION ALL SELECT 7, 105, '2024-06-01'::TIMESTAMP_NS, '2024-06-01'::TIMESTAMP_NS"
                        + " UNION ALL SELECT 7, NULL, '2020-06-01'::TIMESTAMP_NS, '2020-06-01'::TIMESTAMP_NS"
                        + " UNION ALL SELECT 8, 106, '2024-06-01'::TIMESTAMP_NS, '2024-06-01'::TIMESTAMP_NS",
                "");
        CleaningReport report = clean(file, false);

        assertThat(report.reasons())
                .isEqualTo(Map.of(
                        "created_in_seconds", 1L,
                        "event_in_seconds", 1L,
                        "created_unusable", 1L,
                        "event_unusable", 1L,
                        "stray", 1L,
                        "duplicate", 1L,
                        "incomplete", 1L));
        assertThat(report.read()).isEqualTo(608);
        assertThat(report.untouched() + report.repaired() + report.dropped()).isEqualTo(608);
        assertThat(kept)
                .contains(
                        new Reading(7, 101, 1577836801000000L, 1577836805000000L),
                        new Reading(7, 102, 1577836807000000L, 1577836807000000L),
                        new Reading(7, 103, 1577836803000000L, 1577836803000000L),
                        new Reading(8, 106, 1717200000000000L, 1717200000000000L))
                .hasSize(604);
    }

    @Test
    void aColumnThatIsMissingOrOfAnotherTypeIsNamed() throws Exception {
        Path text = write("SELECT 7 subject_id, 'high' glucose, now() event_timestamp", "");
        assertThatThrownBy(() -> clean(text, false))
                .isInstanceOf(GridException.class)
                .hasMessageContaining("column 'glucose' is BINARY STRING, not a whole number");
        Path number = write("SELECT 7 subject_id, 100 glucose, 1577836800 event_timestamp", "");
        assertThatThrownBy(() -> clean(number, false)).hasMessageContaining("column 'event_timestamp' is INT32");
        Path missing = write("SELECT 100 glucose, now() event_timestamp", "");
        assertThatThrownBy(() -> clean(missing, false)).hasMessageContaining("column 'subject_id' is missing");
        assertThatThrownBy(() -> clean(folder.resolve("none.parquet"), false)).hasMessageContaining("does not exist");
        Path other = Files.writeString(folder.resolve("other.parquet"), "subject_id,glucose\n7,100\n");
        assertThatThrownBy(() -> clean(other, false)).hasMessageContaining("damaged file");
    }
}
