package io.glucogrid.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.ignite.Ignition;
import org.apache.ignite.client.IgniteClient;
import org.apache.ignite.configuration.ClientConfiguration;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
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

    /**
     * Readings of eight hours and a forecaster, so that the judge has forecasts to compare: an example takes two hours before its
     * anchor and, for the farthest horizon, two more.
     */
    private void teach() throws InterruptedException {
        long many = 100L * SUBJECTS;
        try (Topics topics = grid.topics();
                Driver driver = Driver.start(grid.kafka(), GridProcesses.TOPIC, readings(), 10_000, many)) {
            driver.awaitAcknowledged(PATIENCE);
            Judge.awaitCommitted(topics, GridProcesses.TOPIC, PATIENCE);
        }
        assertThat(train(0, "v4")).as("the first training").isEqualTo("trained");
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
                grid.awaitReady(PATIENCE);
                Verdict verdict = new Judge(readings, driver.numbers(), grid.allAddresses()).verdict(watch);
                JsonNode tier = grid.verifyTier();
                System.out.println(what + ": " + verdict.text() + "; rows stored twice "
                        + tier.at("/tables/0/repeated").asLong()
                        + "; longest at " + watch.unavailableReason() + "; load " + load()
                        + (watch.example().isEmpty() ? "" : "\n  denied: " + watch.example()));
                assertThat(tier.path("ok").asBoolean()).as(tier.toString()).isTrue();
                assertThat(verdict.forecasts()).as("forecasts compared").isEqualTo(SUBJECTS);
                return verdict;
            }
        }
    }

    /** Of the last minute: others may compute on this machine. */
    private static double load() {
        return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
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

    /** The oldest node compacts; what it has written so far is there, and no receipt says yet what it replaces. */
    @Test
    void aNodeMayDieInTheMiddleOfACompaction() throws InterruptedException {
        Path table = Path.of(URI.create(grid.tier())).resolve("readings");
        Verdict verdict = judged("kill-while-compacting", driver -> {
            int inTheMiddle = 0;
            for (int strike = 1; strike <= 5; strike++) {
                int coordinator = grid.coordinator();
                Set<Path> receipts = files(table.resolve("compacted"));
                Set<Path> runs = runs(table);
                await().atMost(PATIENCE)
                        .pollDelay(Duration.ZERO)
                        .pollInterval(Duration.ofMillis(2))
                        .until(() -> !runs.containsAll(runs(table)));
                grid.crash(coordinator);
                Set<Path> written = runs(table);
                written.removeAll(runs);
                boolean unfinished = receipts.containsAll(files(table.resolve("compacted")));
                inTheMiddle += unfinished ? 1 : 0;
                System.out.println("  strike " + strike + " at node " + coordinator + ": " + written.size()
                        + " of 64 runs were written" + (unfinished ? "" : ", and the receipt"));
                grid.awaitSettled(PATIENCE);
            }
            assertThat(inTheMiddle).as("strikes within a compaction").isPositive();
        });

        assertThat(verdict).matches(Verdict::holds, "holds");
        assertThat(verdict.unavailableMillis()).as("reads resume").isLessThan(10_000);
    }

    /** Finished and unfinished runs of all buckets. */
    private static Set<Path> runs(Path table) {
        Set<Path> runs = new HashSet<>();
        for (Path folder : files(table)) {
            if (String.valueOf(folder.getFileName()).startsWith("bucket=")) {
                runs.addAll(files(folder));
            }
        }
        return runs;
    }

    private static Set<Path> files(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.collect(Collectors.toCollection(HashSet::new));
        } catch (IOException notThereYet) {
            return new HashSet<>();
        }
    }

    @Test
    void whatWasForgottenStaysAwayWhenItsTopicIsReadAgain() throws Exception {
        NumberedReadings readings = readings();
        long many = 40L * SUBJECTS;
        long subject = readings.subject(0);
        long neighbour = readings.subject(1);
        try (Topics topics = grid.topics();
                Admin admin = Admin.create(grid.kafka().admin())) {
            try (Driver driver = Driver.start(grid.kafka(), GridProcesses.TOPIC, readings, 10_000, many)) {
                driver.awaitAcknowledged(PATIENCE);
            }
            Judge.awaitCommitted(topics, GridProcesses.TOPIC, PATIENCE);
            ApiClient api = ApiClient.of(grid.address(0), TRAINED);
            assertThat(online(0, subject).isNumber()).isTrue();
            ObjectNode entity = Json.object();
            entity.putObject("entity").put("subject_id", subject);
            api.post("/forget", entity);
            assertThat(online(0, subject).isNull()).isTrue();

            api.post("/streams/pause", Json.object());
            Map<TopicPartition, OffsetAndMetadata> first = new HashMap<>();
            for (int partition : topics.ends(GridProcesses.TOPIC).keySet()) {
                first.put(new TopicPartition(GridProcesses.TOPIC, partition), new OffsetAndMetadata(0));
            }
            for (String group : List.of("online", "offline")) {
                admin.alterConsumerGroupOffsets(group, first).all().get(20, TimeUnit.SECONDS);
            }
            api.post("/streams/resume", Json.object());
            Judge.awaitCommitted(topics, GridProcesses.TOPIC, PATIENCE);
        }

        ObjectNode forecast = Json.object().put("model", "v4");
        ArrayNode both = forecast.putArray("entities");
        ArrayNode history = Json.array();
        for (long asked : new long[] {subject, neighbour}) {
            both.addObject().put("subject_id", asked);
            history.addObject().put("subject_id", asked).put("event_timestamp", readings.second(many - 1));
        }
        for (int node = 0; node < 3; node++) {
            ApiClient api = ApiClient.of(grid.address(node), TRAINED);
            assertThat(online(node, subject).isNull()).isTrue();
            assertThat(online(node, neighbour).isNumber()).isTrue();
            JsonNode rows = api.historicalFeatures(List.of("cgm_hourly_stats:glucose"), history);
            assertThat(rows.at("/0/glucose").isNull()).as(rows.toString()).isTrue();
            assertThat(rows.at("/1/glucose").isNumber()).as(rows.toString()).isTrue();
            JsonNode forecasts = api.post("/predict", forecast).body();
            assertThat(forecasts.at("/0/forecast")).as(forecasts.toString()).isEmpty();
            assertThat(forecasts.at("/1/forecast")).as(forecasts.toString()).isNotEmpty();
        }
        JsonNode tier = grid.verifyTier();
        System.out.println("replay-after-forget: exposed " + tier.at("/tables/0/exposed") + " / rows stored twice "
                + tier.at("/tables/0/repeated"));
        assertThat(tier.path("ok").asBoolean()).as(tier.toString()).isTrue();
    }

    private JsonNode online(int node, long subject) {
        ArrayNode entities = Json.array();
        entities.addObject().put("subject_id", subject);
        return ApiClient.of(grid.address(node), TRAINED)
                .onlineFeatures("cgm_activity_v3", entities)
                .at("/glucose/0");
    }
}
