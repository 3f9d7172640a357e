package io.glucogrid.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.glucogrid.forecast.CompactFeatures;
import io.glucogrid.forecast.HorizonModel;
import io.glucogrid.forecast.Horizons;
import io.glucogrid.forecast.ReferenceReadings;
import io.glucogrid.grid.Caches;
import io.glucogrid.model.ForecastQuery;
import io.glucogrid.model.ForecastTraining;
import io.glucogrid.model.ModelInfo;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trainings that need a grid, or data, of their own. */
class ForecastTrainingTest {
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
            assertThat(grid.remains()).isEmpty();
        }
    }

    @Test
    void aTrainingSurvivesTheLossOfANodeAndAGridItsEnd() {
        FakeTier tier = new FakeTier().with(TestReadings.madeUp(20_260_602, 6, 400));
        ModelInfo alone;
        byte[] state;
        long subject = TestReadings.madeUp(20_260_602, 1, 1).get(0).subjectId();
        try (TestGrid grid = TestGrid.start(1, tier, work.resolve("one")).ready()) {
            alone = grid.forecasts(0).train(new ForecastTraining("v2", 300, 1, false), DEADLINE);
            state = Caches.SUBJECT_STATES.in(grid.node(0)).get(subject);
        }
        try (TestGrid grid = TestGrid.start(3, tier, work.resolve("three")).ready()) {
            AtomicBoolean first = new AtomicBoolean(true);
            tier.beforeScan = () -> {
                if (first.compareAndSet(true, false)) {
                    new Thread(() -> grid.stopNode(2)).start();
                }
            };

            ModelInfo survived = grid.forecasts(0).train(new ForecastTraining("v2", 300, 1, false), DEADLINE);
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
            tier.beforeScan = () -> {};
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

    private static ForecastVersion version(TestGrid grid, int node, String ref) {
        return ((PredictorService) grid.predictor(node)).registry().stored(ref).requireForecaster();
    }
}
