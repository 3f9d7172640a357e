package io.glucogrid.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.glucogrid.forecast.CompactFeatures;
import io.glucogrid.forecast.HorizonModel;
import io.glucogrid.forecast.Horizons;
import io.glucogrid.forecast.ReferenceReadings;
import io.glucogrid.grid.Buckets;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.model.ForecastQuery;
import io.glucogrid.model.ForecastTraining;
import io.glucogrid.model.ModelInfo;
import io.glucogrid.model.OperatingPoints;
import io.glucogrid.store.MetaStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trainings that need a grid, or data, of their own. */
class ForecastTrainingTest {
    /** Jobs of a fit on one node of three, after which it has been through its data at least once. */
    private static final int INSIDE_A_FIT = 80;

    private static final Duration DEADLINE = Duration.ofMinutes(3);

    @TempDir
    Path work;

    @Test
    void onTheReferenceDataIgniteMlFindsTheOraclesCoefficients() throws Exception {
        FakeTier tier = new FakeTier().with(TestReadings.reference(TestReadings.CLEANED));
        try (TestGrid grid = TestGrid.start(1, tier, work).ready()) {
            grid.forecasts(0).train(new ForecastTraining("v2", 300, 0.8, false), DEADLINE);

            ForecastVersion trained = version(grid, 0, "v2@1");
            JsonNode oracles = ReferenceReadings.oracles();
            for (int h = 0; h < Horizons.STANDARD.count(); h++) {
                JsonNode oracle = oracles.get(Horizons.STANDARD.minutes(h) + "min");
                HorizonModel model = trained.model().horizon(Horizons.PATH.indexOf(Horizons.STANDARD.slots(h)));
                assertThat(model.pooled())
                        .containsExactly(ReferenceReadings.array(oracle.get("v2_coef_intercept")), within(1e-6));
                for (int i = 0; i < CompactFeatures.COUNT; i++) {
                    assertThat(model.scaling().mean(i))
                            .isCloseTo(oracle.get("v2_mean").get(i).asDouble(), within(1e-6));
                    assertThat(model.scaling().sd(i))
                            .isCloseTo(oracle.get("v2_sd").get(i).asDouble(), within(1e-6));
                }
            }
            assertThat(trained.subjects()).isEqualTo(33);

            long start = System.nanoTime();
            ModelInfo online = grid.forecasts(0).train(new ForecastTraining("v4", 300, 1, false), DEADLINE);
            System.out.println("v4 on the reference data: " + (System.nanoTime() - start) / 1_000_000 + " ms, "
                    + new TreeMap<>(online.metrics()));
            assertThat(online.metrics().get("rmse_15")).isCloseTo(7.88, within(0.02));
            assertThat(online.metrics().get("rmse_30")).isCloseTo(12.35, within(0.02));
            assertThat(online.metrics().get("rmse_60")).isCloseTo(16.61, within(0.02));
            assertThat(grid.remains()).isEmpty();
        }
    }

    @Test
    void aTrainingSurvivesTheLossOfANodeInsideAFitAndAGridItsEnd() throws Exception {
        FakeTier tier = new FakeTier().with(TestReadings.madeUp(20_260_602, 6, 400));
        ModelInfo alone;
        byte[] state;
        long subject = TestReadings.madeUp(20_260_602, 1, 1).get(0).subjectId();
        try (TestGrid grid = TestGrid.start(1, tier, work.resolve("one")).ready()) {
            alone = grid.forecasts(0).train(new ForecastTraining("v2", 300, 1, false), DEADLINE);
            state = Caches.SUBJECT_STATES.in(grid.node(0)).get(subject);
        }
        try (TestGrid grid = TestGrid.start(3, tier, work.resolve("three")).ready()) {
            CountDownLatch held = grid.fits(2).holdAfter(INSIDE_A_FIT);
            CompletableFuture<ModelInfo> training = CompletableFuture.supplyAsync(
                    () -> grid.forecasts(0).train(new ForecastTraining("v2", 300, 1, false), DEADLINE));
            assertThat(held.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(training).isNotDone();
            grid.stopNode(2);

            ModelInfo survived = training.get(90, TimeUnit.SECONDS);
            assertThat(grid.remains()).isEmpty();
            ModelInfo personal = grid.forecasts(1).train(new ForecastTraining("v3", 300, 1, false), DEADLINE);

            assertThat(survived.fingerprint()).isEqualTo(alone.fingerprint());
            assertThat(survived.trainingRows()).isEqualTo(alone.trainingRows());
            for (int h = 0; h < Horizons.PATH.count(); h++) {
                assertThat(version(grid, 0, "v2@2").model().horizon(h).pooled())
                        .containsExactly(
                                version(grid, 0, "v2@1").model().horizon(h).pooled(), within(1e-8));
            }
            assertThat(personal.active()).isTrue();
            assertThat(grid.remains()).isEmpty();
        }
        try (TestGrid grid = TestGrid.start(1, tier, work.resolve("again")).ready()) {
            assertThat(Caches.SUBJECT_STATES.in(grid.node(0)).get(subject)).isEqualTo(state);
            ForecastQuery.Subject asked = new ForecastQuery.Subject(subject, ForecastQuery.LATEST, 0.5, 0.5);
            assertThat(grid.forecasts(0)
                            .forecast(new ForecastQuery("v3", List.of(asked), false), DEADLINE)
                            .get(0)
                            .steps())
                    .extracting(step -> step.level())
                    .containsOnly("personal");
        }
    }

    @Test
    void aGridThatStartsAgainOnAGrownTierHasTheSameCoefficients() {
        List<TestReadings.Row> rows = TestReadings.madeUp(20_260_603, 4, 450);
        FakeTier tier = new FakeTier().with(rows);
        Map<String, List<double[]>> before = new TreeMap<>();
        try (TestGrid grid = TestGrid.start(1, tier, work.resolve("first")).ready()) {
            for (String kind : List.of("v3", "v5")) {
                grid.forecasts(0).train(new ForecastTraining(kind, 300, 0.8, false), DEADLINE);
                before.put(kind + "@1", coefficients(grid, kind + "@1", rows));
            }
        }
        long latest =
                rows.stream().mapToLong(TestReadings.Row::eventMicros).max().orElseThrow();
        for (int i = 0; i < rows.size(); i += 450) {
            for (int n = 1; n < 200; n++) {
                long micros = latest + n * 300_000_000L;
                tier.add(new TestReadings.Row(rows.get(i).subjectId(), 100 + n % 50, micros, micros));
            }
            // corrections of what was fitted to
            TestReadings.Row early = rows.get(i + 30);
            tier.add(new TestReadings.Row(early.subjectId(), 333, early.eventMicros(), latest + 1));
        }
        try (TestGrid grid = TestGrid.start(1, tier, work.resolve("second")).ready()) {
            before.forEach((id, coefficients) -> {
                List<double[]> again = coefficients(grid, id, rows);
                for (int i = 0; i < coefficients.size(); i++) {
                    assertThat(again.get(i)).as(id).isNotNull().containsExactly(coefficients.get(i), within(1e-12));
                }
            });
        }
    }

    @Test
    void theFirstVersionThatIsImportedIsServedWithSubjectsOwnCoefficients() {
        List<TestReadings.Row> rows = TestReadings.madeUp(20_260_604, 3, 400);
        String document;
        try (TestGrid grid = TestGrid.start(1, new FakeTier().with(rows), work.resolve("from"))
                .ready()) {
            grid.forecasts(0).train(new ForecastTraining("v3", 300, 1, false), DEADLINE);
            document = grid.forecasts(0).exported("v3@1");
        }
        FakeTier tier = new FakeTier().with(rows);
        try (TestGrid grid = TestGrid.start(1, tier, work.resolve("to")).ready()) {
            tier.beforeScan = () -> {
                throw new GridException(ErrorCode.STORAGE_UNAVAILABLE, "the disk is gone");
            };
            assertThatThrownBy(() -> grid.forecasts(0).imported(document, DEADLINE))
                    .hasMessageContaining("the disk is gone");
            tier.beforeScan = () -> {};
            assertThat(grid.forecasts(0).preferred()).isEmpty();

            ModelInfo imported = grid.forecasts(0).imported(document, DEADLINE);

            assertThat(imported.active()).isTrue();
            ForecastQuery.Subject asked =
                    new ForecastQuery.Subject(rows.get(0).subjectId(), ForecastQuery.LATEST, 0.5, 0.5);
            assertThat(grid.forecasts(0)
                            .forecast(new ForecastQuery("v3", List.of(asked), false), DEADLINE)
                            .get(0)
                            .steps())
                    .extracting(step -> step.level())
                    .containsOnly("personal");
        }
    }

    @Test
    void operatingPointsOutliveAllNodes() {
        FakeTier tier = new FakeTier();
        OperatingPoints.Point seven = new OperatingPoints.Point(7, 0.2, 0.4);
        OperatingPoints.Point eight = new OperatingPoints.Point(8, 0.1, 1);
        try (TestGrid grid = TestGrid.start(2, tier, work.resolve("points")).ready()) {
            grid.forecasts(0).setOperatingPoint(new OperatingPoints.Point(7, 0.9, 0.9), DEADLINE);
            grid.forecasts(1).setOperatingPoint(seven, DEADLINE);
            grid.forecasts(1).setOperatingPoint(eight, DEADLINE);
            grid.forecasts(0).setOperatingPoint(new OperatingPoints.Point(9, 0.3, 0.3), DEADLINE);
            grid.forecasts(0).setOperatingPoint(new OperatingPoints.Point(10, 0.3, 0.3), DEADLINE);
            assertThat(grid.forecasts(1).removeOperatingPoint(9, DEADLINE)).isTrue();
            grid.forecasts(1).forget(10, DEADLINE);
            String kind = String.format("operating-points/%02d", Buckets.of(10));
            for (long version = 1; version <= tier.latest(kind).version(); version++) {
                MetaStore.Document document = tier.read(kind, version);
                assertThat(document == null ? "" : document.text()).doesNotContain("\"10\"");
            }
        }
        String damaged = String.format("operating-points/%02d", Buckets.of(11));
        assertThat(tier.latest(damaged)).isNull();
        tier.publish(damaged, 1, "{ cut o");
        tier.metaReachable = false;
        try (TestGrid grid = TestGrid.start(1, tier, work.resolve("points again"))) {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(10))
                    .ignoreException(NullPointerException.class)
                    .untilAsserted(
                            () -> assertThatThrownBy(() -> grid.forecasts(0).operatingPoints())
                                    .hasMessageContaining("operating points are not restored"));
            tier.metaReachable = true;
            grid.ready();

            assertThat(grid.forecasts(0).operatingPoints()).containsExactly(seven, eight);
            assertThat(warnOfLow(grid, tier, 7)).isEqualTo(0.2);
            assertThatThrownBy(() -> warnOfLow(grid, tier, 11)).hasMessageContaining(damaged);
            OperatingPoints.Point eleven = new OperatingPoints.Point(11, 0.7, 0.7);
            assertThatThrownBy(() -> grid.forecasts(0).setOperatingPoint(eleven, DEADLINE))
                    .hasMessageContaining(damaged);
            tier.remove(damaged, 1);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .ignoreExceptions()
                    .until(() -> warnOfLow(grid, tier, 11) == OperatingPoints.USUAL);

            grid.forecasts(0).removeOperatingPoints(DEADLINE);
        }
        try (TestGrid grid = TestGrid.start(1, tier, work.resolve("no points")).ready()) {
            assertThat(grid.forecasts(0).operatingPoints()).isEmpty();
        }
    }

    private static double warnOfLow(TestGrid grid, FakeTier tier, long subject) {
        try (WarningPoints points = new WarningPoints(grid.node(0), () -> tier)) {
            List<ForecastQuery.Subject> asked = List.of(new ForecastQuery.Subject(
                    subject, ForecastQuery.LATEST, ForecastQuery.AS_SET, ForecastQuery.AS_SET));
            return points.resolved(asked, Deadline.in(DEADLINE)).get(0).warnOfLow();
        }
    }

    private static List<double[]> coefficients(TestGrid grid, String id, List<TestReadings.Row> rows) {
        return rows.stream()
                .map(TestReadings.Row::subjectId)
                .distinct()
                .map(subject -> Caches.personal(id).in(grid.node(0)).get(subject))
                .toList();
    }

    private static ForecastVersion version(TestGrid grid, int node, String ref) {
        return ((PredictorService) grid.predictor(node)).registry().stored(ref).requireForecaster();
    }
}
