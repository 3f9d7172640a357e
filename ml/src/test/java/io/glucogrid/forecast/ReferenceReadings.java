package io.glucogrid.forecast;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.glucogrid.cgm.Reading;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Assumptions;

/** The reference data, read by DuckDB so that these tests need no other module; tests skip where the file is not there. */
public final class ReferenceReadings {
    private ReferenceReadings() {}

    public static Path file() {
        String path = System.getProperty("glucogrid.reference", "");
        Assumptions.assumeTrue(!path.isEmpty() && Files.isReadable(Path.of(path)), "no reference data");
        return Path.of(path);
    }

    /** Hands over the rows of a file from one time until before another, by subject and time, and returns their number. */
    public static long forEach(Path file, String from, String until, Consumer<Reading> readings) throws SQLException {
        String query = "select subject_id, glucose, epoch_us(event_timestamp) from read_parquet('" + file
                + "') where event_timestamp >= '" + from + "' and event_timestamp < '" + until + "' order by 1, 3";
        long rows = 0;
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            while (result.next()) {
                long micros = result.getLong(3);
                readings.accept(new Reading(result.getLong(1), result.getLong(2), micros, micros));
                rows++;
            }
        }
        return rows;
    }

    /** Writes the genuine rows that meet a condition to a Parquet file of their own. */
    public static Path copy(Path to, String condition) throws SQLException {
        String command = "copy (select * from read_parquet('" + file()
                + "') where event_timestamp >= '2010-01-01' and event_timestamp < '2020-01-01' and " + condition
                + " order by subject_id, event_timestamp) to '" + to + "' (format parquet)";
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute(command);
        }
        return to;
    }

    /** All rows of the years 2010 to 2019, by subject and time. */
    public static List<Reading> genuine() throws SQLException {
        List<Reading> readings = new ArrayList<>();
        forEach(file(), "2010-01-01", "2020-01-01", readings::add);
        return readings;
    }

    /** The genuine rows on the five-minute grid, by subject id. */
    public static List<SubjectSeries> series() throws SQLException {
        Map<Long, List<Reading>> bySubject = new TreeMap<>();
        for (Reading reading : genuine()) {
            bySubject
                    .computeIfAbsent(reading.subjectId(), id -> new ArrayList<>())
                    .add(reading);
        }
        return bySubject.entrySet().stream()
                .map(entry -> series(entry.getKey(), entry.getValue()))
                .toList();
    }

    public static SubjectSeries series(long subject, List<Reading> readings) {
        return SubjectSeries.of(
                subject,
                readings.stream().mapToLong(Reading::eventMicros).toArray(),
                readings.stream().mapToDouble(Reading::glucoseMgDl).toArray());
    }

    /** What an independent implementation measured on the reference data; keys such as {@code 15min}. */
    public static JsonNode oracles() throws IOException {
        try (InputStream in = ReferenceReadings.class.getResourceAsStream("reference-oracles.json")) {
            return new ObjectMapper().readTree(in);
        }
    }

    public static double[] array(JsonNode node) {
        double[] values = new double[node.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = node.get(i).asDouble();
        }
        return values;
    }
}
