package io.glucogrid.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import io.glucogrid.client.process.Launcher;
import io.glucogrid.client.produce.Topics;
import io.glucogrid.client.soak.Availability;
import io.glucogrid.client.soak.Driver;
import io.glucogrid.client.soak.Fault;
import io.glucogrid.client.soak.GridProcesses;
import io.glucogrid.client.soak.Judge;
import io.glucogrid.client.soak.NumberedReadings;
import io.glucogrid.client.soak.Verdict;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A broker and three nodes of the distribution, in processes of their own, to which things happen while readings flow. Each test
 * has subjects of its own and leaves the grid healed.
 */
@Tag("faults")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GridFaultsIT {
    private static final int SUBJECTS = 200;
    private static final double PER_SECOND = 400;
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final AtomicLong subjects = new AtomicLong(800_000_000);
    private GridProcesses grid;

    @BeforeAll
    void startGrid() throws IOException, InterruptedException {
        Path work = Files.createTempDirectory("glucogrid-faults-");
        Launcher launcher = Launcher.of(List.of(
                Path.of(System.getProperty("glucogrid.home"), "glucogrid").toString()));
        grid = new GridProcesses(launcher, work, 3, Map.of("GRID_REGION_MB", "96", "GRID_HISTORY_REGION_MB", "32"));
        grid.start();
    }

    @AfterAll
    void stopGrid() {
        if (grid != null) {
            grid.close();
        }
    }

    private NumberedReadings readings() {
        long first = subjects.getAndAdd(10_000);
        return new NumberedReadings(
                first, SUBJECTS, Instant.now().minus(Duration.ofDays(2)).getEpochSecond(), 300);
    }

    /** What happens while readings flow. */
    private interface Happening {
        void run(Driver driver) throws InterruptedException;
    }

    private Verdict judged(String what, Happening happening) throws InterruptedException {
        NumberedReadings readings = readings();
        try (Topics topics = grid.topics();
                Driver driver =
                        Driver.start(grid.kafka(), GridProcesses.TOPIC, readings, PER_SECOND, Integer.MAX_VALUE)) {
            await().atMost(PATIENCE).until(() -> driver.acknowledged() >= SUBJECTS);
            driver.hold();
            Judge.awaitCommitted(topics, GridProcesses.TOPIC, PATIENCE);
            driver.goOn();
            try (Availability watch = Availability.watch(readings, grid::addresses)) {
                happening.run(driver);
                long more = driver.sent() + 2 * SUBJECTS;
                await().atMost(PATIENCE).until(() -> driver.sent() >= more);
                driver.end();
                driver.awaitAcknowledged(PATIENCE);
                Judge.awaitCommitted(topics, GridProcesses.TOPIC, PATIENCE);
                Verdict verdict = new Judge(readings, driver.numbers(), grid.addresses())
                        .verdict(watch.unavailableMillis(), watch.lies());
                System.out.println(what + ": " + verdict.text()
                        + (watch.example().isEmpty() ? "" : "\n  denied: " + watch.example()));
                return verdict;
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void nothingIsLostWhatever(Fault fault) throws InterruptedException {
        Verdict verdict = judged(fault.label(), driver -> fault.strikeAndHeal(grid, fault.ordinal()));

        assertThat(verdict).matches(Verdict::holds, "holds");
        if (fault != Fault.KILL_MOST && fault != Fault.KILL_ALL) {
            assertThat(verdict.unavailableMillis()).as("reads resume").isLessThan(10_000);
        }
    }

    @Test
    void aNodeMayDieWhileItTrains() throws InterruptedException {
        Verdict verdict = judged("kill-while-training", driver -> {
            ApiClient api = ApiClient.of(grid.address(0), Duration.ofSeconds(60));
            Thread training = new Thread(() -> {
                try {
                    api.post("/models/train", Json.object().put("model", "v1"));
                } catch (GridException failedWithItsNode) {
                    System.out.println("training ended: " + failedWithItsNode.reason());
                }
            });
            training.start();
            Fault.KILL_NODE.strikeAndHeal(grid, 1);
            training.join(Duration.ofMinutes(2).toMillis());
        });

        assertThat(verdict).matches(Verdict::holds, "holds");
    }

    @Test
    void aTopicThatIsDeletedComesBackAndTheStreamsGoOn() throws InterruptedException {
        Verdict verdict = judged("topic-deleted", driver -> {
            driver.hold();
            driver.awaitInFlight(PATIENCE);
            try (Topics topics = grid.topics()) {
                Judge.awaitCommitted(topics, GridProcesses.TOPIC, PATIENCE);
                topics.delete(GridProcesses.TOPIC);
                topics.ensure(GridProcesses.TOPIC, 6);
            }
            grid.awaitReady(PATIENCE);
            driver.goOn();
        });

        assertThat(verdict).matches(Verdict::holds, "holds");
    }
}
