package io.glucogrid.loaders;

import io.glucogrid.cgm.Cgm;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.AsOfBatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** DuckDB on one thread over the same files: what a benchmark of the tier is measured against. */
final class DuckDbPeer implements AutoCloseable {
    private static final String TIMES_IN_MICROS =
            "sum(epoch_us(event_timestamp)), sum(glucose), sum(epoch_us(created)), sum(epoch_us(_ingested_at)),"
                    + " sum(_op)";
    private static final String EXTREMES = "max(" + Cgm.SUBJECT + "), max(event_timestamp), max(glucose), max(created),"
            + " max(_ingested_at), max(_op)";

    /** One answer per question, none where the reading before it is older than its time to live. */
    private static final String JOIN = "SELECT question, event_timestamp, glucose FROM questions ASOF JOIN (SELECT "
            + Cgm.SUBJECT + ", event_timestamp, arg_max(glucose, created) AS glucose FROM %s GROUP BY ALL) AS readings"
            + " ON questions.subject = readings." + Cgm.SUBJECT + " AND questions.asked >= readings.event_timestamp"
            + " WHERE event_timestamp >= since";

    private final Connection connection;
    private final String files;

    private DuckDbPeer(Connection connection, String files) {
        this.connection = connection;
        this.files = files;
    }

    /**
     * Opens a table of a tier.
     *
     * @throws GridException INVALID_CONFIG where DuckDB's driver is not on the class path
     */
    static DuckDbPeer over(Path table) {
        try {
            DuckDbPeer peer = new DuckDbPeer(
                    DriverManager.getConnection("jdbc:duckdb:"),
                    "read_parquet('" + table + "/**/*.parquet', hive_partitioning = false)");
            peer.execute("SET threads = 1");
            peer.execute("SET preserve_insertion_order = false");
            return peer;
        } catch (SQLException absent) {
            throw new GridException(ErrorCode.INVALID_CONFIG, "DuckDB does not start: " + absent.getMessage(), absent);
        }
    }

    String version() {
        return text("SELECT version()");
    }

    private void execute(String sql) {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException failure) {
            throw failed(sql, failure);
        }
    }

    private String text(String sql) {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        } catch (SQLException failure) {
            throw failed(sql, failure);
        }
    }

    private static GridException failed(String sql, SQLException failure) {
        return new GridException(ErrorCode.INTERNAL, "DuckDB: " + failure.getMessage() + " in " + sql, failure);
    }

    /** Reads every column of every row in the cheapest way that DuckDB has. */
    void scan() {
        text("SELECT " + EXTREMES + " FROM " + files);
    }

    /** The sum of each column, in the order of the file. */
    long[] sums() {
        String sql = "SELECT sum(" + Cgm.SUBJECT + "), " + TIMES_IN_MICROS + " FROM " + files;
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            long[] sums = new long[rows.getMetaData().getColumnCount()];
            for (int i = 0; i < sums.length; i++) {
                sums[i] = rows.getBigDecimal(i + 1).toBigInteger().longValue(); // modulo 2^64, as ours
            }
            return sums;
        } catch (SQLException failure) {
            throw failed(sql, failure);
        }
    }

    /** Puts questions into a table in memory; they reach DuckDB as a file of the directory. */
    void ask(AsOfBatch questions, Path directory) {
        Path csv = directory.resolve("questions.csv");
        try (Writer out = Files.newBufferedWriter(csv)) {
            for (int question = 0; question < questions.size(); question++) {
                out.write(question + "," + questions.joinKeys(question)[0] + "," + questions.atMicros(question) + ","
                        + questions.fromMicros(question) + "\n");
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        execute("CREATE OR REPLACE TABLE questions AS SELECT question, subject, make_timestamptz(asked) AS asked,"
                + " make_timestamptz(since) AS since FROM read_csv('" + csv + "', header = false, columns ="
                + " {'question': 'INTEGER', 'subject': 'BIGINT', 'asked': 'BIGINT', 'since': 'BIGINT'})");
    }

    /** Joins, of several versions of a reading taking the one created last. */
    void join() {
        text("SELECT sum(glucose) + sum(epoch_us(event_timestamp)) FROM (" + JOIN.formatted(files) + ")");
    }

    /** The answers to all questions, to be compared one by one. */
    void compare(BenchTier.Joined ours) {
        String sql = "SELECT question, epoch_us(event_timestamp), glucose FROM (" + JOIN.formatted(files) + ")";
        int answers = 0;
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                int question = rows.getInt(1);
                long event = rows.getLong(2);
                long glucose = rows.getLong(3);
                if (event != ours.event(question) || glucose != ours.glucose(question)) {
                    throw new GridException(
                            ErrorCode.INTERNAL,
                            "question " + question + ": DuckDB has " + glucose + " at " + event + ", the tier "
                                    + ours.glucose(question) + " at " + ours.event(question));
                }
                answers++;
            }
        } catch (SQLException failure) {
            throw failed(sql, failure);
        }
        if (answers != ours.answers()) {
            throw new GridException(
                    ErrorCode.INTERNAL, "DuckDB has " + answers + " answers, the tier " + ours.answers());
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException failure) {
            throw failed("close", failure);
        }
    }
}
