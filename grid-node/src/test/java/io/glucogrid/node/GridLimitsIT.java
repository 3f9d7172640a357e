package io.glucogrid.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import io.glucogrid.client.process.Launcher;
import io.glucogrid.client.produce.Topics;
import io.glucogrid.client.soak.Availability;
import io.glucogrid.client.soak.Driver;
import io.glucogrid.client.soak.GridProcesses;
import io.glucogrid.client.soak.Judge;
import io.glucogrid.client.soak.NumberedReadings;
import io.glucogrid.client.soak.Verdict;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes of the distribution that run out of memory for rows, or out of disk, while readings flow. */
@Tag("faults")
class GridLimitsIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Duration ANSWER = Duration.ofSeconds(20);
    private static final List<Integer> NODES = List.of(0, 1, 2);

    @TempDir
    private Path work;

    private GridProcesses grid;
    private Path mount;

    private void start(Map<String, String> settings) throws InterruptedException {
        Launcher launcher = Launcher.of(List.of(
                Path.of(System.getProperty("glucogrid.home"), "glucogrid").toString()));
        grid = new GridProcesses(launcher, work, 3, settings);
        grid.start();
    }

    @AfterEach
    void stop() throws Exception {
        if (grid != null) {
            grid.close();
        }
        if (mount != null) {
            new ProcessBuilder("umount", "-l", mount.toString()).start().waitFor();
        }
    }

    private ApiClient api(int node) {
        return ApiClient.of(grid.address(node), ANSWER);
    }

    private void push(int node, String store, long subject) {
        long seconds = Instant.now().getEpochSecond();
        ObjectNode body =
                Json.object().put("push_source_name", "cgm_stats_push_source").put("store_type", store);
        body.putObject("event")
                .put("event_timestamp", seconds)
                .put("subject_id", subject)
                .put("glucose", 100)
                .put("created", seconds);
        api(node).post("/push_stream_event", body);
    }

    private List<Long> pids() {
        List<Long> pids = new ArrayList<>();
        NODES.forEach(node -> pids.add(grid.pid(node)));
        return pids;
    }

    /** What a node, which goes on serving, says that it cannot do. */
    private String problems(int node) {
        JsonNode told = api(node).get("/ready").body();
        return told.path("tier_problems") + " " + told.path("memory_problem").asText();
    }

    @Test
    void aRegionThatIsFullRefusesNewRowsAndNothingElse() throws Exception {
        start(Map.of("GRID_REGION_MB", "48", "GRID_HISTORY_REGION_MB", "32"));
        NumberedReadings readings = new NumberedReadings(
                810_000_000, 200_000, Instant.now().minus(Duration.ofDays(1)).getEpochSecond(), 300);
        try (Topics topics = grid.topics();
                Driver driver = Driver.start(grid.kafka(), GridProcesses.TOPIC, readings, 3_000, Integer.MAX_VALUE)) {
            driver.awaitFirst(1_000, PATIENCE);
            driver.hold();
            Judge.awaitCommitted(topics, GridProcesses.TOPIC, PATIENCE);
            driver.goOn();
            try (Availability watch = Availability.watch(readings, grid::addresses)) {
                List<Long> pids = pids();
                await().atMost(PATIENCE).until(() -> NODES.stream()
                        .allMatch(node -> problems(node).contains("memory of node")));
                System.out.println("full after " + driver.acknowledged() + " subjects: " + problems(0));
                driver.end();
                driver.awaitAcknowledged(PATIENCE);
                // The offline path goes on, and so do offline pushes and reads; online pushes say why they cannot.
                Judge.awaitCommitted(topics, GridProcesses.TOPIC, List.of("offline"), PATIENCE);
                for (int node : NODES) {
                    push(node, "offline", 1);
                    assertThatThrownBy(() -> push(node, "online", 2)).hasMessageContaining("GRID_REGION_MB");
                    assertThatThrownBy(() -> push(node, "online_and_offline", 3))
                            .hasMessageContaining("takes no new rows");
                }
                assertThat(pids()).as("nobody died").isEqualTo(pids);

                // Two nodes must hold what three held; the third joins them again, by itself.
                grid.awaitSettled(PATIENCE);
                grid.crash(1);
                grid.awaitOther(1, pids.get(1), PATIENCE);
                grid.awaitSettled(PATIENCE);
                assertThat(grid.pid(0)).as("survives").isEqualTo(pids.get(0));
                assertThat(grid.pid(2)).as("survives").isEqualTo(pids.get(2));

                grid.change("GRID_REGION_MB", "256");
                // A node that leaves while rows still move would leave the others more than they have room for.
                for (int node : NODES) {
                    grid.stopNode(node);
                    grid.startNode(node);
                    grid.awaitSettled(PATIENCE);
                }
                grid.awaitReady(PATIENCE);
                Judge.awaitCommitted(topics, GridProcesses.TOPIC, PATIENCE);
                Verdict verdict = new Judge(readings, driver.numbers(), grid.allAddresses()).verdict(watch);
                System.out.println("region-full: " + verdict.text() + " / answers " + watch.answers() + " / longest at "
                        + watch.unavailableReason());

                assertThat(verdict).matches(Verdict::holds, "holds");
                assertThat(verdict.unavailableMillis()).as("reads go on").isLessThan(10_000);
            }
        }
    }

    @Test
    void aDiskThatIsFullMakesStreamsWaitUntilThereIsRoom() throws Exception {
        mount = Files.createDirectories(work.resolve("offline"));
        Process mounting =
                new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", mount.toString()).start();
        assumeThat(mounting.waitFor()).as("cannot mount a small disk").isZero();
        start(Map.of("GRID_REGION_MB", "96", "GRID_HISTORY_REGION_MB", "32", "GRID_COMPACT_SEGMENTS", "16"));
        NumberedReadings readings = new NumberedReadings(
                820_000_000, 200, Instant.now().minus(Duration.ofDays(2)).getEpochSecond(), 300);
        try (Topics topics = grid.topics();
                Driver driver = Driver.start(grid.kafka(), GridProcesses.TOPIC, readings, 1_000, Integer.MAX_VALUE)) {
            driver.awaitFirst(200, PATIENCE);
            driver.hold();
            Judge.awaitCommitted(topics, GridProcesses.TOPIC, PATIENCE);
            driver.goOn();
            try (Availability watch = Availability.watch(readings, grid::addresses)) {
                List<Long> pids = pids();
                long some = driver.sent() + 5_000;
                await().atMost(PATIENCE).until(() -> driver.sent() >= some);
                Path filler = mount.resolve("filler");
                fill(filler);
                await().atMost(PATIENCE).until(() -> NODES.stream()
                        .allMatch(node -> problems(node).contains("No space left on device")));
                long sent = driver.sent();
                await().atMost(PATIENCE).until(() -> driver.sent() >= sent + 10_000);
                for (int node : NODES) {
                    assertThatThrownBy(() -> push(node, "offline", 1)).hasMessageContaining("No space left on device");
                }
                long behind = lag(topics, "offline");
                assertThat(behind).as("the offline stream waits").isPositive();

                Files.delete(filler);
                long roomNanos = System.nanoTime();
                grid.awaitReady(PATIENCE);
                driver.end();
                driver.awaitAcknowledged(PATIENCE);
                Judge.awaitCommitted(topics, GridProcesses.TOPIC, PATIENCE);
                long resumed = Duration.ofNanos(System.nanoTime() - roomNanos).toMillis();
                Verdict verdict = new Judge(readings, driver.numbers(), grid.allAddresses()).verdict(watch);
                System.out.println("disk-full: " + verdict.text() + " / waited with " + behind + " readings, caught up "
                        + resumed + " ms after there was room");

                assertThat(pids()).as("nobody died").isEqualTo(pids);
                assertThat(verdict).matches(Verdict::holds, "holds");
                assertThat(grid.verifyTier().path("ok").asBoolean()).isTrue();
            }
        }
    }

    private static long lag(Topics topics, String group) {
        Map<Integer, Long> committed = topics.committed(group, GridProcesses.TOPIC);
        return topics.ends(GridProcesses.TOPIC).entrySet().stream()
                .mapToLong(end -> end.getValue() - committed.getOrDefault(end.getKey(), 0L))
                .sum();
    }

    /** Takes all room that is left, again and again, so that what compactions free is gone too. */
    private static void fill(Path filler) {
        byte[] block = new byte[4_096];
        for (int round = 0; round < 20; round++) {
            try (OutputStream out =
                    Files.newOutputStream(filler, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
                while (true) {
                    out.write(block);
                }
            } catch (IOException full) {
                assertThat(full).hasMessageContaining("No space left");
            }
        }
    }
}
