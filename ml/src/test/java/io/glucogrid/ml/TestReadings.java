package io.glucogrid.ml;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Readings for tests: those of the reference file, or made up from a seed. */
final class TestReadings {
    /** Selects exactly the genuine readings. */
    static final String CLEANED = "created = event_timestamp and event_timestamp between '2014-01-01' and '2018-01-01'";

    private TestReadings() {}

    record Row(long subjectId, long glucose, long eventMicros, long createdMicros) {}

    /** Rows of the reference file in file order; skips the test where the file is absent. */
    static List<Row> reference(String where) throws SQLException {
        String file = System.getProperty("glucogrid.reference", "");
        assumeTrue(!file.isEmpty() && Files.isReadable(Path.of(file)), "no reference data");
        List<Row> rows = new ArrayList<>();
        try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duck.createStatement();
                ResultSet found = statement.executeQuery(
                        "select subject_id, glucose, epoch_us(event_timestamp), epoch_us(created) from read_parquet('"
                                + file + "') where " + where)) {
            while (found.next()) {
                rows.add(new Row(found.getLong(1), found.getLong(2), found.getLong(3), found.getLong(4)));
            }
        }
        return rows;
    }

    /** {@code perSubject} five-minute readings of each subject, with a daily rhythm. */
    static List<Row> madeUp(long seed, int subjects, int perSubject) {
        System.out.println("made-up readings from seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        List<Row> rows = new ArrayList<>();
        for (int subject = 0; subject < subjects; subject++) {
            long id = random.nextLong(1_000_000, 200_000_000);
            long start = 1_600_000_000_000_000L + random.nextLong(1_000_000_000_000L);
            for (int i = 0; i < perSubject; i++) {
                long micros = start + i * 300_000_000L;
                double hour = micros / 3.6e9;
                long glucose = Math.round(110 + 20 * Math.sin(hour * Math.PI / 12) + random.nextDouble(-15, 15));
                rows.add(new Row(id, glucose, micros, micros));
            }
        }
        return rows;
    }
}
