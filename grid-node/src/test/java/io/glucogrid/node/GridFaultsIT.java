package io.glucogrid.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
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
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ignite.Ignition;
import org.apache.ignite.client.IgniteClient;
import org.apache.ignite.configuration.ClientConfiguration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
    private static final Duration TRAINED = Duration.ofMinutes(2);

    private static final String CLAIMS = Caches.CLAIMS.name();

    private final AtomicLong subjects = new AtomicLong(800_000_000);
    private GridProcesses grid;

    @BeforeAll
    void startGrid() throws IOException, InterruptedException {
        Path work = Files.createTempDirectory("glucogrid-faults-");
        Launcher launcher = Launcher.of(List.of(
                Path.of(System.getProperty("glucogrid.home"), "glucogrid").toString()));
        grid = new GridProcesses(
                launcher,
                work,
                3,
                Map.of("GRID_REGION_MB", "96", "GRID_HISTORY_REGION_MB", "32", "GRID_COMPACT_SEGMENTS", "16"));
        grid.start();
        teach();
    }

    /** Two hours of readings and a forecaster, so that the judge has forecasts to compare. */
    private void teach() throws InterruptedException {
        long many = 24L * SUBJECTS;
        try (Topics topics = grid.topics();
                Driver driver = Driver.start(grid.kafka(), GridProcesses.TOPIC, readings(), 10_000, many)) {
            driver.awaitAcknowledged(PATIENCE);
            Judge.awaitCommitted(topics, GridProcesses.TOPIC, PATIENCE);
        }
        System.out.println("first training: " + train(0, "v4"));
    }

    /** Asks a node to train and returns when it has; the reason where it could not. */
    private String train(int index, String model) {
        try {
            ApiClient.of(grid.address(index), TRAINED)
                    .post("/models/train", Json.object().put(model.equals("v1") ? "model" : "kind", model));
            return "trained";
        } catch (GridException failed) {
            return failed.reason();
        }
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
                Verdict verdict = new Judge(readings, driver.numbers(), grid.addresses()).verdict(watch);
                JsonNode tier = grid.verifyTier();
                System.out.println(what + ": " + verdict.text() + "; rows stored twice "
                        + tier.at("/tables/0/repeated").asLong()
                        + (watch.example().isEmpty() ? "" : "\n  denied: " + watch.example()));
                assertThat(tier.path("ok").asBoolean()).as(tier.toString()).isTrue();
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

    /** Node 0 is the one that is asked; the other two train with it. */
    @ParameterizedTest
    @CsvSource({"v1, 0", "v1, 1", "v4, 0", "v4, 1"})
    void aNodeMayDieInTheMiddleOfATraining(String model, int dies) throws InterruptedException {
        Verdict verdict = judged("kill-while-training-" + model + "-on-node-" + dies, driver -> {
            CompletableFuture<String> training = CompletableFuture.supplyAsync(() -> train(0, model));
            try (IgniteClient watcher = thin(2)) {
                await().atMost(Duration.ofSeconds(30))
                        .pollDelay(Duration.ZERO)
                        .pollInterval(Duration.ofMillis(2))
                        .until(() -> watcher.cache(CLAIMS).containsKey("training"));
                assertThat(training).as("still trains").isNotDone();
                grid.crash(dies);
            }
            System.out.println("  the training that met it: "
                    + training.orTimeout(2, TimeUnit.MINUTES).join());
            grid.awaitReady(PATIENCE);
            assertThat(train(2, model)).as("the next training").isEqualTo("trained");
        });

        assertThat(verdict).matches(Verdict::holds, "holds");
        assertThat(verdict.unavailableMillis()).as("reads resume").isLessThan(10_000);
        try (IgniteClient left = thin(1)) {
            assertThat(left.cacheNames()).noneMatch(name -> name.startsWith("training-"));
            assertThat(left.cache(CLAIMS).containsKey("training")).isFalse();
        }
    }

    private IgniteClient thin(int index) {
        return Ignition.startClient(new ClientConfiguration()
                .setAddresses("127.0.0.1:" + grid.node(index).thinPort()));
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
