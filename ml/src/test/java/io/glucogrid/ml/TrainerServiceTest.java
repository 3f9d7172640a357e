package io.glucogrid.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.glucogrid.grid.Buckets;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.model.LinearModel;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.ignite.IgniteCache;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerServiceTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    /** Jobs of a fit on one node of two or three, after which it has been through its data at least once. */
    private static final int INSIDE_A_FIT = 80;

    private static final Percentage ONE_MILLIONTH = Percentage.withPercentage(1e-4);

    @TempDir
    static Path work;

    private static TestGrid grid;

    @BeforeAll
    static void startGrid() {
        grid = TestGrid.start(3, new FakeTier().with(TestReadings.madeUp(11, 20, 300)), work)
                .ready();
    }

    @AfterAll
    static void stopGrid() {
        grid.close();
    }

    @BeforeEach
    void scanFreely() {
        grid.tier().beforeScan = () -> {};
    }

    @Test
    void theReferenceRefitIsTheSameOnOneNodeAndOnThree(@TempDir Path one, @TempDir Path three) throws SQLException {
        FakeTier tier = new FakeTier().with(TestReadings.reference(TestReadings.CLEANED));
        LinearModel alone;
        try (TestGrid single = TestGrid.start(1, tier, one).ready()) {
            alone = single.trainer(0).train("v1", LONG);
            assertThat(single.remains()).isEmpty();
        }
        LinearModel together;
        try (TestGrid triple = TestGrid.start(3, tier, three).ready()) {
            together = triple.trainer(1).train("v1", LONG);
            assertThat(triple.remains()).isEmpty();
        }

        assertThat(alone.id()).isEqualTo("v1@2");
        assertThat(together.id()).isEqualTo("v1@3");
        for (LinearModel model : List.of(alone, together)) {
            assertThat(model.trainingRows()).isEqualTo(59_831);
            assertThat(model.intercept()).isCloseTo(103.49896021808, ONE_MILLIONTH);
            assertThat(model.coefficients()[0]).isCloseTo(3.5317371775433736e-10, ONE_MILLIONTH);
            assertThat(model.coefficients()[1]).isCloseTo(-0.2011888148692086, ONE_MILLIONTH);
            assertThat(model.coefficients()[2]).isCloseTo(0.0731696350959602, ONE_MILLIONTH);
        }
        Percentage tiny = Percentage.withPercentage(1e-7);
        assertThat(together.intercept()).isCloseTo(alone.intercept(), tiny);
        for (int i = 0; i < 3; i++) {
            assertThat(together.coefficients()[i]).isCloseTo(alone.coefficients()[i], tiny);
        }
        for (String metric : List.of("rmse", "mae", "r2")) {
            assertThat(together.metrics().get(metric)).isCloseTo(alone.metrics().get(metric), tiny);
        }
        System.out.println("refit of the cleaned reference rows: " + alone.metrics());
    }

    @Test
    void theTrainedModelIsTheNextVersionInactiveAndWithItsMetrics() {
        LinearModel model = grid.trainer(0).train("v1", LONG);

        assertThat(model.name()).isEqualTo("v1");
        assertThat(model.version()).isGreaterThan(1);
        assertThat(model.trainingRows()).isEqualTo(6_000);
        assertThat(model.features()).containsExactly("subject_id", "dayofweek", "hour");
        assertThat(model.metrics()).containsOnlyKeys("rmse", "mae", "r2");
        assertThat(model.metrics().get("rmse")).isBetween(10.0, 25.0);
        assertThat(model.metrics().get("mae")).isLessThan(model.metrics().get("rmse"));
        assertThat(model.metrics().get("r2")).isBetween(0.0, 1.0);
        for (int i = 0; i < 3; i++) {
            assertThat(grid.predictor(i).model("v1").id()).isEqualTo("v1@1");
            assertThat(grid.predictor(i).model(model.id()).intercept()).isEqualTo(model.intercept());
        }
        assertThat(grid.tier().read("models/v1", model.version()).text()).isEqualTo(ModelJson.write(model));
        assertThat(grid.remains()).isEmpty();
    }

    @Test
    void examplesStayOnTheNodeThatReadThem() {
        IgniteCache<ExampleKey, double[]> cache = Caches.startTraining(grid.node(0), "here");
        try {
            for (long subject : new long[] {1, 163669001, 1636701005L, -7}) {
                assertThat(grid.node(0).affinity(cache.getName()).partition(new ExampleKey(subject, 99)))
                        .isEqualTo(Buckets.of(subject));
            }
        } finally {
            Caches.destroyTraining(grid.node(0));
        }
        assertThat(grid.remains()).isEmpty();
    }

    @Test
    void ofSeveralVersionsOfAReadingTheLastCreatedCounts(@TempDir Path path) {
        List<TestReadings.Row> rows = TestReadings.madeUp(5, 4, 200);
        FakeTier plain = new FakeTier().with(rows);
        FakeTier corrected = new FakeTier();
        for (int i = 0; i < rows.size(); i++) {
            TestReadings.Row row = rows.get(i);
            TestReadings.Row older =
                    new TestReadings.Row(row.subjectId(), 400, row.eventMicros(), row.createdMicros() - 1);
            corrected.with(i % 2 == 0 ? List.of(row, older) : List.of(older, row, row));
        }

        LinearModel once = trainedAlone(plain, path.resolve("plain"));
        LinearModel twice = trainedAlone(corrected, path.resolve("corrected"));

        assertThat(twice.trainingRows()).isEqualTo(800);
        assertThat(twice.coefficients()).containsExactly(once.coefficients());
        assertThat(twice.intercept()).isEqualTo(once.intercept());
    }

    @Test
    void aSecondTrainingIsRefusedWhileOneRuns() throws Exception {
        CountDownLatch scanning = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        grid.tier().beforeScan = () -> {
            scanning.countDown();
            awaitQuietly(goOn);
        };
        CompletableFuture<LinearModel> first =
                CompletableFuture.supplyAsync(() -> grid.trainer(0).train("v1", LONG));
        assertThat(scanning.await(20, TimeUnit.SECONDS)).isTrue();

        refused(() -> grid.trainer(1).train("v1", LONG), ErrorCode.CONFLICT, "running already");
        refused(() -> grid.trainer(0).train("v1", LONG), ErrorCode.CONFLICT, "running already");

        goOn.countDown();
        assertThat(first.get(30, TimeUnit.SECONDS).trainingRows()).isEqualTo(6_000);
    }

    @Test
    void aTrainingTakesOverFromATrainerThatDied() {
        Caches.start(grid.node(0), Caches.CLAIMS).put("training", UUID.randomUUID() + "/x");
        Caches.startTraining(grid.node(1), "orphan").put(1, 1);
        for (int i = 0; i < 3; i++) {
            grid.node(i).cluster().nodeLocalMap().put("part_data_storage_orphan", new byte[9]);
        }

        LinearModel model = grid.trainer(2).train("v1", LONG);

        assertThat(model.trainingRows()).isEqualTo(6_000);
        assertThat(grid.remains()).isEmpty();
    }

    @Test
    void whateverTheDeadlineCutsOffNothingIsLeftBehind() {
        int late = 0;
        for (int millis = 1; millis < 600; millis = millis * 2 + 20) {
            try {
                grid.trainer(millis % 3).train("v1", Duration.ofMillis(millis));
            } catch (GridException failure) {
                assertThat(failure.code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
                late++;
            }
            assertThat(grid.remains()).as("after %d ms", millis).isEmpty();
        }
        System.out.println("deadlines missed: " + late);
        assertThat(late).isPositive();
        assertThat(grid.trainer(0).train("v1", LONG).trainingRows()).isEqualTo(6_000);
    }

    @Test
    void whatCannotBeFittedIsRefused(@TempDir Path path) {
        refused(() -> grid.trainer(0).train("v9", LONG), ErrorCode.NOT_FOUND, "v9");
        FakeTier tier = new FakeTier();
        try (TestGrid alone = TestGrid.start(1, tier, path, 24).ready()) {
            refused(() -> alone.trainer(0).train("v1", LONG), ErrorCode.INVALID_REQUEST, "too little to fit: 0");

            // the hour is always the day of the week less three
            for (long hours = 0; hours < 6; hours++) {
                long micros = hours / 3 * 25 * 3_600_000_000L + hours;
                tier.add(new TestReadings.Row(7, 100 + hours, micros, micros));
            }
            refused(() -> alone.trainer(0).train("v1", LONG), ErrorCode.INVALID_REQUEST, "do not determine");

            tier.with(TestReadings.madeUp(4, 18, 1_800));
            refused(() -> alone.trainer(0).train("v1", LONG), ErrorCode.TOO_LARGE, "memory");
            assertThat(alone.remains()).isEmpty();
            assertThat(alone.predictor(0).models()).extracting(LinearModel::id).containsExactly("v1@1");
        }
    }

    @Test
    void aFailureOfTheTierIsReportedAsItIs() {
        grid.tier().beforeScan = () -> {
            throw new GridException(ErrorCode.STORAGE_UNAVAILABLE, "the disk is gone");
        };

        refused(() -> grid.trainer(0).train("v1", LONG), ErrorCode.STORAGE_UNAVAILABLE, "the disk is gone");
        assertThat(grid.remains()).isEmpty();
    }

    @Test
    void aNodeThatStopsDuringAFitDoesNotSpoilIt(@TempDir Path path) throws Exception {
        FakeTier tier = new FakeTier().with(TestReadings.madeUp(12, 30, 400));
        try (TestGrid shrinking = TestGrid.start(3, tier, path).ready()) {
            LinearModel before = shrinking.trainer(0).train("v1", LONG);
            CompletableFuture<LinearModel> during = heldInsideAFit(shrinking, 2);
            shrinking.stopNode(2);

            LinearModel model = during.get(60, TimeUnit.SECONDS);

            assertThat(model.id()).isEqualTo("v1@3");
            assertThat(model.trainingRows()).isEqualTo(12_000);
            for (int i = 0; i < 3; i++) {
                assertThat(model.coefficients()[i])
                        .isCloseTo(before.coefficients()[i], Percentage.withPercentage(1e-7));
            }
            assertThat(shrinking.remains()).isEmpty();
        }
    }

    @Test
    void aNodeThatJoinsDuringAFitDoesNotSpoilIt(@TempDir Path path) throws Exception {
        FakeTier tier = new FakeTier().with(TestReadings.madeUp(13, 20, 400));
        try (TestGrid growing = TestGrid.start(1, tier, path).ready()) {
            CompletableFuture<LinearModel> during = untilFitting(growing);
            growing.startNode();

            assertThat(during.get(60, TimeUnit.SECONDS).trainingRows()).isEqualTo(8_000);
            assertThat(growing.trainer(1).train("v1", LONG).trainingRows()).isEqualTo(8_000);
            assertThat(growing.remains()).isEmpty();
        }
    }

    @Test
    void anotherNodeCanTrainWhenTheTrainersNodeStopped(@TempDir Path path) throws Exception {
        FakeTier tier = new FakeTier().with(TestReadings.madeUp(14, 20, 400));
        try (TestGrid orphaned = TestGrid.start(2, tier, path).ready()) {
            CompletableFuture<LinearModel> during = heldInsideAFit(orphaned, 1);
            orphaned.stopNode(0);
            orphaned.fits(1).letGo();
            assertThat(during)
                    .failsWithin(Duration.ofSeconds(60))
                    .withThrowableOfType(ExecutionException.class)
                    .withCauseInstanceOf(GridException.class);

            assertThat(orphaned.trainer(1).train("v1", LONG).trainingRows()).isEqualTo(8_000);
            assertThat(orphaned.remains()).isEmpty();
        }
    }

    @Test
    void aFitThatDiffersFromTheExactSolutionIsRefused() {
        double[] exact = {0.02, -0.001, 0.3, 0};
        Training.requireAgreement(new double[] {0.02, -0.001, 0.3 + 1e-10, 1e-12}, exact);

        refused(
                () -> Training.requireAgreement(new double[] {0.02, -0.001 + 1e-8, 0.3, 0}, exact),
                ErrorCode.INTERNAL,
                "coefficient 1");
        refused(
                () -> Training.requireAgreement(new double[] {0.02, -0.001, Double.NaN, 0}, exact),
                ErrorCode.INTERNAL,
                "NaN");
    }

    private static LinearModel trainedAlone(FakeTier tier, Path path) {
        try (TestGrid alone = TestGrid.start(1, tier, path).ready()) {
            return alone.trainer(0).train("v1", LONG);
        }
    }

    /** Starts a training on the first node and waits until Ignite ML is at work. */
    private static CompletableFuture<LinearModel> untilFitting(TestGrid grid) {
        CompletableFuture<LinearModel> training =
                CompletableFuture.supplyAsync(() -> grid.trainer(0).train("v1", LONG));
        await().atMost(Duration.ofSeconds(20))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> training.isDone()
                        || grid.node(0).cacheNames().stream().anyMatch(name -> name.contains("_DATASET_")));
        assertThat(training).isNotDone();
        return training;
    }

    /** Starts a training on the first node and waits until Ignite ML has a step of its fit half done. */
    private static CompletableFuture<LinearModel> heldInsideAFit(TestGrid grid, int node) throws InterruptedException {
        CountDownLatch held = grid.fits(node).holdAfter(INSIDE_A_FIT);
        CompletableFuture<LinearModel> training =
                CompletableFuture.supplyAsync(() -> grid.trainer(0).train("v1", LONG));
        assertThat(held.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(training).isNotDone();
        return training;
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void refused(ThrowingCallable call, ErrorCode code, String message) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(GridException.class, failure -> assertThat(failure.code())
                        .isEqualTo(code))
                .hasMessageContaining(message);
    }
}
