package io.glucogrid.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole line as a user runs it: broker, node, producer and both streams in processes of their own. */
class DemoIT {
    private static final Path LAUNCHER = Path.of(System.getProperty("glucogrid.home"), "glucogrid");
    private static final int READINGS = 120;

    @TempDir
    private Path directory;

    private Process demo;

    @AfterEach
    void endWhatIsLeft() {
        if (demo != null) {
            demo.descendants().forEach(ProcessHandle::destroyForcibly);
            demo.destroyForcibly();
        }
    }

    @Test
    void everyReadingGoesThroughBothPathsThoughItsNodeIsKilled() throws Exception {
        Path work = directory.resolve("work");
        Path summary = directory.resolve("summary.json");
        Path log = directory.resolve("demo.log");
        ProcessBuilder builder = new ProcessBuilder(
                        LAUNCHER.toString(),
                        "demo",
                        "--readings",
                        String.valueOf(READINGS),
                        "--rate",
                        "20",
                        "--interleave",
                        "--work",
                        work.toString(),
                        "--json")
                .directory(directory.toFile())
                .redirectOutput(summary.toFile())
                .redirectError(log.toFile());
        builder.environment().keySet().removeIf(key -> key.startsWith("GRID_"));
        demo = builder.start();

        await().atMost(Duration.ofSeconds(120)).failFast(() -> !demo.isAlive()).until(() -> Files.readString(log)
                .contains("readings per second"));
        await().atMost(Duration.ofSeconds(30)).until(() -> segments(work.resolve("offline/readings/l0")) > 5);
        assertThat(ProcessHandle.of(nodePid(work)).orElseThrow().destroyForcibly())
                .isTrue();

        assertThat(demo.waitFor(180, TimeUnit.SECONDS))
                .as(Files.readString(log))
                .isTrue();
        JsonNode json = new ObjectMapper().readTree(summary.toFile());
        assertThat(demo.exitValue()).as(json + "\n" + Files.readString(log)).isZero();
        assertThat(json.path("ok").asBoolean()).isTrue();
        assertThat(json.path("restarts").asInt()).isEqualTo(1);
        for (String path : List.of("produced", "online", "offline", "distinct_rows")) {
            assertThat(json.path(path).asInt()).as(path).isEqualTo(READINGS);
        }
        assertThat(json.path("dead_letters").asInt()).isZero();
        assertThat(rowsThatDuckDbFinds(work.resolve("offline/readings/l0"))).isEqualTo(READINGS);
    }

    private static long nodePid(Path work) throws IOException {
        try (Stream<Path> files = Files.list(work.resolve("nodes"))) {
            Path node = files.filter(file -> file.toString().endsWith(".json"))
                    .findFirst()
                    .orElseThrow();
            return new ObjectMapper().readTree(node.toFile()).path("pid").asLong();
        }
    }

    private static long segments(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return 0;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".parquet")).count();
        }
    }

    /** Distinct keys of what the streams wrote, seen by another reader. */
    private static long rowsThatDuckDbFinds(Path folder) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "select count(distinct (subject_id, event_timestamp)) from read_parquet('" + folder
                                + "/*/*.parquet') where glucose between 20 and 500")) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
