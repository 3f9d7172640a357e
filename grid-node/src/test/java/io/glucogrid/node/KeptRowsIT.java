package io.glucogrid.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.glucogrid.client.process.Launcher;
import io.glucogrid.client.produce.Topics;
import io.glucogrid.client.soak.Availability;
import io.glucogrid.client.soak.Driver;
import io.glucogrid.client.soak.GridProcesses;
import io.glucogrid.client.soak.Judge;
import io.glucogrid.client.soak.NumberedReadings;
import io.glucogrid.client.soak.Verdict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Three nodes of the distribution that keep their online rows on disk, and three that do not, killed while readings flow. */
@Tag("faults")
class KeptRowsIT {
    private static final int SUBJECTS = 200;
    private static final int READINGS_BEFORE = Integer.getInteger("glucogrid.kept.readings", 200_000);
    private static final double PER_SECOND = 400;
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    /** What happens while readings flow. */
    private interface Happening {
        void run(GridProcesses grid) throws InterruptedException;
    }

    private static GridProcesses grid(Path work, boolean isKept) throws InterruptedException {
        Launcher launcher = Launcher.of(List.of(
                Path.of(System.getProperty("glucogrid.home"), "glucogrid").toString()));
        GridProcesses grid = new GridProcesses(
                launcher,
                work,
                3,
                Map.of(
                        "GRID_REGION_MB",
                        "96",
                        "GRID_HISTORY_REGION_MB",
                        "32",
                        "GRID_PERSISTENCE",
                        Boolean.toString(isKept)));
        try {
            if (isKept) {
                grid.startBroker();
                for (int i = 0; i < grid.size(); i++) {
                    grid.startNode(i); // none of them is up before all are there
                }
                grid.awaitReady(PATIENCE);
            } else {
                grid.start();
            }
            return grid;
        } catch (RuntimeException | InterruptedException failed) {
            grid.close();
            throw failed;
        }
    }

    private static Verdict judged(String what, GridProcesses grid, NumberedReadings readings, Happening happening)
            throws InterruptedException {
        try (Topics topics = grid.topics();
                Driver driver =
                        Driver.start(grid.kafka(), GridProcesses.TOPIC, readings, PER_SECOND, Integer.MAX_VALUE)) {
            await().atMost(PATIENCE).until(() -> driver.acknowledged() >= SUBJECTS);
            driver.hold();
            Judge.awaitCommitted(topics, GridProcesses.TOPIC, PATIENCE);
            driver.goOn();
            try (Availability watch = Availability.watch(readings, grid::addresses)) {
                happening.run(grid);
                grid.awaitSettled(PATIENCE);
                long more = driver.sent() + 2 * SUBJECTS;
                await().atMost(PATIENCE).until(() -> driver.sent() >= more);
                driver.end();
                driver.awaitAcknowledged(PATIENCE);
                Judge.awaitCommitted(topics, GridProcesses.TOPIC, PATIENCE);
                grid.awaitReady(PATIENCE);
                Verdict verdict = new Judge(readings, driver.numbers(), grid.allAddresses()).verdict(watch);
                JsonNode tier = grid.verifyTier();
                System.out.println(what + ": " + verdict.text() + "; longest at " + watch.unavailableReason()
                        + "; load "
                        + ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()
                        + (watch.example().isEmpty() ? "" : "\n  denied: " + watch.example()));
                assertThat(tier.path("ok").asBoolean()).as(tier.toString()).isTrue();
                return verdict;
            }
        }
    }

    private static NumberedReadings readings(long first, int subjects) {
        return new NumberedReadings(
                first, subjects, Instant.now().minus(Duration.ofDays(2)).getEpochSecond(), 300);
    }

    /** How often nodes said that they began with rows. */
    private static long kept(Path work) {
        long lines = 0;
        for (int i = 0; i < 3; i++) {
            try (Stream<String> log = Files.lines(work.resolve("node-" + i + ".log"))) {
                lines += log.filter(line -> line.contains("online rows kept")).count();
            } catch (IOException unreadable) {
                throw new UncheckedIOException(unreadable);
            }
        }
        return lines;
    }

    private static void crashAll(GridProcesses grid) {
        for (int i = 0; i < grid.size(); i++) {
            grid.crash(i);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void nothingIsLostWhereAllNodesAreKilledAtOnce(boolean isKept) throws IOException, InterruptedException {
        Path work = Files.createTempDirectory("glucogrid-kept-");
        try (GridProcesses grid = grid(work, isKept)) {
            try (Topics topics = grid.topics();
                    Driver filler = Driver.start(
                            grid.kafka(),
                            GridProcesses.TOPIC,
                            readings(700_000_000, 20_000),
                            20_000,
                            READINGS_BEFORE)) {
                filler.awaitAcknowledged(PATIENCE);
                Judge.awaitCommitted(topics, GridProcesses.TOPIC, PATIENCE);
            }
            String what = (isKept ? "kept" : "volatile") + ", kill-all";
            Verdict verdict = judged(what, grid, readings(800_000_000, SUBJECTS), KeptRowsIT::crashAll);

            assertThat(verdict).matches(Verdict::holds, "holds");
            assertThat(kept(work) > 0).isEqualTo(isKept);
        }
    }

    @Test
    void nothingIsLostWhereOneNodeIsKilledAndThenAll() throws IOException, InterruptedException {
        Path work = Files.createTempDirectory("glucogrid-kept-");
        try (GridProcesses grid = grid(work, true)) {
            Verdict one = judged("kept, kill-node", grid, readings(810_000_000, SUBJECTS), killed -> killed.crash(1));
            assertThat(one).matches(Verdict::holds, "holds");
            assertThat(one.unavailableMillis()).as("reads resume").isLessThan(10_000);

            Verdict both =
                    judged("kept, kill-node and then kill-all", grid, readings(820_000_000, SUBJECTS), killed -> {
                        killed.kill(0);
                        TimeUnit.SECONDS.sleep(3);
                        killed.crash(1);
                        killed.crash(2);
                        killed.startNode(0);
                    });
            assertThat(both).matches(Verdict::holds, "holds");
        }
    }
}
