package io.glucogrid.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.glucogrid.cgm.Cgm;
import io.glucogrid.cgm.Reading;
import io.glucogrid.forecast.CompactFeatures;
import io.glucogrid.forecast.ForecastModel;
import io.glucogrid.forecast.ForecastTrainer;
import io.glucogrid.forecast.Horizons;
import io.glucogrid.forecast.Kind;
import io.glucogrid.forecast.SubjectSeries;
import io.glucogrid.forecast.SubjectState;
import io.glucogrid.grid.Buckets;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.model.ForecastQuery;
import io.glucogrid.model.ForecastTraining;
import io.glucogrid.model.Forecasts;
import io.glucogrid.model.ModelInfo;
import io.glucogrid.model.OperatingPoints;
import io.glucogrid.model.SubjectForecast;
import io.glucogrid.store.ForgottenEntity;
import io.glucogrid.store.Suppressions;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import org.apache.ignite.spi.metric.ReadOnlyMetricRegistry;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Forecasters in a grid of three nodes: trained, served, watched. */
class ForecastServiceTest {
    private static final Duration DEADLINE = Duration.ofMinutes(3);
    private static final long SLOT = 300_000_000L;
    private static final List<TestReadings.Row> ROWS = TestReadings.madeUp(20_260_601, 12, 500);

    @TempDir
    static Path work;

    private static TestGrid grid;

    @BeforeAll
    static void startGrid() {
        grid = TestGrid.start(3, new FakeTier().with(shuffled()), work).ready();
        for (Kind kind : Kind.values()) {
            train(kind.label(), 1, false);
        }
    }

    @AfterAll
    static void stopGrid() {
        grid.close();
    }

    @Test
    void threeNodesTrainWhatOneMachineDoes() {
        for (Kind kind : Kind.values()) {
            ForecastModel alone = ForecastTrainer.of(kind, Horizons.PATH, 300, ForecastModel.LABELS_PER_DAY)
                    .fit(series());

            ForecastVersion trained = version(kind.label() + "@1");

            assertThat(trained.subjects()).isEqualTo(12);
            assertThat(trained.metrics()).containsKeys("rmse_15", "rmse_30", "rmse_60", "persistence_rmse_30");
            for (int h = 0; h < Horizons.PATH.count(); h++) {
                assertThat(trained.model().horizon(h).pooled())
                        .containsExactly(alone.horizon(h).pooled(), within(1e-8));
                assertThat(trained.model().horizon(h).autoRegression().coefficients())
                        .containsExactly(alone.horizon(h).autoRegression().coefficients(), within(1e-8));
                for (io.glucogrid.forecast.Level level : io.glucogrid.forecast.Level.values()) {
                    assertThat(trained.model().horizon(h).errors(level).size())
                            .containsExactly(alone.horizon(h).errors(level).size(), within(2e-5));
                }
            }
        }
        assertThat(grid.remains()).isEmpty();
    }

    @Test
    void everyNodeAnswersTheSameAndNamesItsModel() {
        long subject = ROWS.get(0).subjectId();
        for (String model : List.of("v2", "v3", "v4", "v5")) {
            SubjectForecast first = forecast(0, model, subject, ForecastQuery.LATEST);

            assertThat(first.model()).isEqualTo(model + "@1");
            assertThat(first.steps()).extracting(SubjectForecast.Step::minutes).containsExactly(15, 30, 60);
            assertThat(first.steps()).allSatisfy(step -> {
                assertThat(step.level()).isEqualTo(model.equals("v2") ? "pooled" : "personal");
                assertThat(step.low()).isLessThan(step.glucose());
                assertThat(step.high()).isGreaterThan(step.glucose());
            });
            assertThat(first.anchorMicros()).isEqualTo(last(subject));
            assertThat(forecast(1, model, subject, ForecastQuery.LATEST)).isEqualTo(first);
            assertThat(forecast(2, model, subject, ForecastQuery.LATEST)).isEqualTo(first);
        }
        assertThat(grid.forecasts(1).preferred()).isEqualTo("v4@1");
    }

    @Test
    void thePathHasTwelveSteps() {
        SubjectForecast path = grid.forecasts(0)
                .forecast(
                        new ForecastQuery("", List.of(subject(ROWS.get(0).subjectId(), ForecastQuery.LATEST)), true),
                        DEADLINE)
                .get(0);

        assertThat(path.steps())
                .extracting(SubjectForecast.Step::minutes)
                .containsExactly(5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60);
        SubjectForecast three = forecast(0, "v4", ROWS.get(0).subjectId(), ForecastQuery.LATEST);
        assertThat(path.steps().get(5)).isEqualTo(three.steps().get(1));
        assertThat(path.probabilityOfLow()).isEqualTo(three.probabilityOfLow());
    }

    @Test
    void aQuestionAboutThePastGetsWhatWasKnownThen() {
        long subject = ROWS.get(0).subjectId();
        long then = ROWS.get(300).eventMicros();

        SubjectForecast past = forecast(0, "v4", subject, then);

        assertThat(past.anchorMicros()).isEqualTo(then);
        assertThat(past.steps().get(1).level()).isEqualTo("learning");
        assertThat(forecast(0, "v4", subject, ROWS.get(10).eventMicros())
                        .steps()
                        .get(1)
                        .level())
                .isEqualTo("autoregression");
        assertThat(forecast(0, "v4", subject, ROWS.get(2).eventMicros())
                        .steps()
                        .get(1)
                        .level())
                .isEqualTo("persistence");
        assertThat(forecast(0, "v4", subject, ROWS.get(0).eventMicros() - 1).steps())
                .isEmpty();
    }

    @Test
    void learningIsIdempotentAndTheNewReadingIsForecastFrom() {
        long subject = 4_711_000L;
        List<Reading> readings = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            long micros = 1_700_000_000_000_000L + i * SLOT;
            readings.add(new Reading(subject, 100 + i % 20, micros, micros));
        }
        for (int i = 0; i < 100; i += 10) {
            grid.forecasts(i % 3).learn(readings.subList(i, i + 10), DEADLINE);
        }
        byte[] once = Caches.SUBJECT_STATES.in(grid.node(0)).get(subject);

        grid.forecasts(1).learn(readings, DEADLINE);
        grid.forecasts(2).learn(readings.subList(50, 70), DEADLINE);

        assertThat(Caches.SUBJECT_STATES.in(grid.node(0)).get(subject)).isEqualTo(once);
        assertThat(once.length).isLessThan(8 * 1024);
        SubjectForecast forecast = forecast(2, "v4", subject, ForecastQuery.LATEST);
        assertThat(forecast.anchorMicros()).isEqualTo(readings.get(99).eventMicros());
        assertThat(forecast.steps().get(0).level()).isEqualTo("learning");
    }

    @Test
    void aForgottenSubjectLeavesNothingBehind() {
        long subject = 4_713_000L;
        learn(subject, 400);
        ModelInfo personal = train("v3", 1, true);
        String cache = Caches.personal("v3@" + personal.version()).name();
        assertThat(grid.node(0).cache(cache).containsKey(subject)).isTrue();

        assertThat(grid.forecasts(1).forget(subject, DEADLINE)).isGreaterThanOrEqualTo(2);

        assertThat(Caches.SUBJECT_STATES.in(grid.node(0)).containsKey(subject)).isFalse();
        List<String> caches = grid.node(0).cacheNames().stream()
                .filter(name -> name.startsWith(Caches.PERSONAL_PREFIX))
                .toList();
        assertThat(caches).contains(cache).allSatisfy(name -> assertThat(
                        grid.node(0).cache(name).containsKey(subject))
                .isFalse());
        assertThat(forecast(2, "v4", subject, ForecastQuery.LATEST).steps()).isEmpty();
        for (int node = 0; node < 3; node++) {
            assertThat(grid.forecasts(node).watch().forget(subject)).isFalse();
        }
        assertThat(grid.forecasts(0).forget(subject, DEADLINE)).isZero();
    }

    @Test
    void whomNobodyFittedIsAnsweredByThePopulation() {
        long newcomer = 4_714_000L;
        learn(newcomer, 150);

        ModelInfo fromSums = train("v3", 1, true);

        String ref = "v3@" + fromSums.version();
        assertThat(forecast(1, ref, newcomer, ForecastQuery.LATEST).steps())
                .extracting(SubjectForecast.Step::level)
                .containsOnly("pooled");
        assertThat(forecast(1, ref, ROWS.get(0).subjectId(), ForecastQuery.LATEST)
                        .steps())
                .extracting(SubjectForecast.Step::level)
                .containsOnly("personal");
        grid.forecasts(0).forget(newcomer, DEADLINE);
    }

    @Test
    void aVersionFromSumsHasNoMetricsAndAFingerprintOfAllSums() {
        ModelInfo first = train("v4", 1, true);
        ModelInfo same = train("v2", 1, true);
        long subject = 4_719_000L;
        learn(subject, 40);
        ModelInfo other = train("v4", 1, true);
        grid.forecasts(0).forget(subject, DEADLINE);

        assertThat(first.metrics()).isEmpty();
        assertThat(first.fingerprint()).matches("sums-[0-9a-f]{16}").isEqualTo(same.fingerprint());
        assertThat(other.fingerprint()).isNotEqualTo(first.fingerprint());
    }

    @Test
    void aRollbackCompletesAVersionBeforeItIsServed() {
        ModelInfo second = train("v5", 1, false);
        String active = version("v5").id();
        grid.forecasts(0).activateVersion("v5@" + second.version(), DEADLINE);
        grid.node(0).destroyCache(Caches.personal(active).name());
        grid.tier().beforeScan = () -> {
            throw new GridException(ErrorCode.STORAGE_UNAVAILABLE, "the disk is gone");
        };
        try {
            refused(
                    () -> grid.forecasts(1).rollback("v5", DEADLINE),
                    ErrorCode.STORAGE_UNAVAILABLE,
                    "the disk is gone");
            assertThat(version("v5").version()).isEqualTo(second.version());
        } finally {
            grid.tier().beforeScan = () -> {};
        }

        assertThat(grid.forecasts(1).rollback("v5", DEADLINE).name()).isEqualTo("v5");

        assertThat(version("v5").id()).isEqualTo(active);
        assertThat(forecast(2, "v5", ROWS.get(0).subjectId(), ForecastQuery.LATEST)
                        .steps())
                .extracting(SubjectForecast.Step::level)
                .containsOnly("personal");
    }

    @Test
    void aTrainingThatCannotStoreCoefficientsLeavesNoVersion() {
        long newest = grid.tier().latest("models/v3").version();
        grid.tier().beforeScan = () -> {
            if (grid.tier().latest("models/v3").version() > newest) {
                throw new GridException(ErrorCode.STORAGE_UNAVAILABLE, "the disk is gone");
            }
        };
        try {
            refused(() -> train("v3", 0.9, false), ErrorCode.STORAGE_UNAVAILABLE, "the disk is gone");
        } finally {
            grid.tier().beforeScan = () -> {};
        }

        assertThat(grid.tier().latest("models/v3").version()).isEqualTo(newest);
        assertThat(grid.node(0).cacheNames())
                .doesNotContain(Caches.personal("v3@" + (newest + 1)).name());
        assertThat(grid.remains()).isEmpty();
    }

    @Test
    void aRemovedVersionTakesItsCoefficientsAndFiguresAlong() {
        ModelInfo doomed = train("v5", 0.8, false);
        String id = "v5@" + doomed.version();
        grid.forecasts(0).shadow(id, DEADLINE);
        refused(() -> grid.forecasts(1).remove(id), ErrorCode.CONFLICT, "is the shadow");
        learn(4_716_000L, 60);
        await().atMost(Duration.ofSeconds(10)).until(() -> figuresOf(id) > 0);
        grid.forecasts(0).shadow(null, DEADLINE);
        grid.tier().beforeRemove = kind -> {
            throw new GridException(ErrorCode.STORAGE_UNAVAILABLE, "the disk is gone");
        };
        refused(() -> grid.forecasts(1).remove(id), ErrorCode.STORAGE_UNAVAILABLE, "the disk is gone");
        grid.tier().beforeRemove = kind -> {};

        assertThat(grid.forecasts(1).remove(id).version()).isEqualTo(doomed.version());

        assertThat(figuresOf(id)).isZero();
        assertThat(grid.node(0).cacheNames()).doesNotContain(Caches.personal(id).name());
        refused(() -> forecast(2, id, ROWS.get(0).subjectId(), ForecastQuery.LATEST), ErrorCode.NOT_FOUND, id);
        grid.forecasts(0).forget(4_716_000L, DEADLINE);
    }

    @Test
    void activationsRollbacksAndShadowsAtOnceLeaveAllNodesAndTheTierOfOneMind() throws Exception {
        List<String> ids = new ArrayList<>(List.of("v2@1"));
        for (int i = 0; i < 3; i++) {
            ids.add("v2@" + train("v2", 1, true).version());
        }
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            int number = i;
            ForecastService forecasts = grid.forecasts(i % 3);
            threads.add(new Thread(() -> {
                if (number % 3 == 0) {
                    forecasts.activateVersion(ids.get(number / 3), DEADLINE);
                } else if (number % 3 == 1) {
                    forecasts.shadow(ids.get(number / 3), DEADLINE);
                } else {
                    rolledBackOrNot(forecasts);
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join(60_000);
        }

        Map<String, String> cached = new TreeMap<>();
        Caches.ACTIVE_MODELS.in(grid.node(0)).forEach(entry -> cached.put(entry.getKey(), entry.getValue()));
        assertThat(ModelJson.readNames(grid.tier().latest("active-models").text()))
                .isEqualTo(cached);
        String active = Trail.parse(cached.get("v2")).id();
        String shadow = Trail.parse(cached.get(ModelPointers.SHADOW)).id();
        assertThat(ids).contains(active, shadow);
        for (int i = 0; i < 3; i++) {
            ModelRegistry registry = ((PredictorService) grid.predictor(i)).registry();
            assertThat(registry.stored("v2").id()).isEqualTo(active);
            assertThat(registry.shadow().id()).isEqualTo(shadow);
        }
        grid.forecasts(0).shadow(null, DEADLINE);
        grid.forecasts(0).activateVersion("v2@1", DEADLINE);
    }

    @Test
    void importedPersonalModelsAreFittedHereAndActiveOnlyWhenTheyAreTold() {
        for (String kind : List.of("v3", "v5")) {
            String active = version(kind).id();
            ModelInfo imported = grid.forecasts(2).imported(grid.forecasts(1).exported(kind + "@1"), DEADLINE);

            String id = kind + "@" + imported.version();
            assertThat(imported.active()).isFalse();
            assertThat(version(kind).id()).isEqualTo(active);
            for (TestReadings.Row row : lastOfEach()) {
                assertThat(Caches.personal(id).in(grid.node(0)).get(row.subjectId()))
                        .isEqualTo(Caches.personal(kind + "@1").in(grid.node(0)).get(row.subjectId()));
            }
        }
    }

    @Test
    void aDocumentThatTakesAnotherKindsNameIsRefused() {
        String forecaster = grid.forecasts(0).exported("v3@1");
        refused(
                () -> grid.forecasts(0)
                        .imported(forecaster.replaceFirst("\"name\":\"v3\"", "\"name\":\"v1\""), DEADLINE),
                ErrorCode.INVALID_REQUEST,
                "name of its kind");
        String linear = grid.forecasts(0).exported("v1@1");
        refused(
                () -> grid.forecasts(0).imported(linear.replaceFirst("\"name\":\"v1\"", "\"name\":\"v4\""), DEADLINE),
                ErrorCode.INVALID_REQUEST,
                "kind of forecaster");
        assertThat(version("v4").kind()).isEqualTo(Kind.ONLINE);
    }

    @Test
    void v2IsTrainedWhileReadingsArrive() {
        List<TestReadings.Row> arriving = lastOfEach();
        int[] scans = new int[1];
        FakeTier tier = new FakeTier().with(ROWS);
        try (TestGrid busy = TestGrid.start(1, tier, work.resolve("busy")).ready()) {
            tier.beforeScan = () -> {
                int scan = scans[0]++;
                for (TestReadings.Row row : arriving) { // one that is new, and one that is late
                    long micros = row.eventMicros() + SLOT * scan;
                    tier.add(new TestReadings.Row(row.subjectId(), 120, micros, micros));
                    tier.add(new TestReadings.Row(row.subjectId(), 90, micros - (600 + 2 * scan) * SLOT, 1));
                }
            };

            ModelInfo trained = busy.forecasts(0).train(new ForecastTraining("v2", 300, 1, false), DEADLINE);

            assertThat(scans[0]).isGreaterThan(4);
            assertThat(trained.trainingRows())
                    .isGreaterThanOrEqualTo(version("v2@1").trainingRows());
            assertThat(busy.remains()).isEmpty();
        }
    }

    @Test
    void whoWasNeverReadHasNoForecast() {
        SubjectForecast nobody = forecast(0, "v4", 99, ForecastQuery.LATEST);

        assertThat(nobody.steps()).isEmpty();
        assertThat(nobody.warnsOfLow()).isFalse();
    }

    @Test
    void everyUserIsWarnedAtAProbabilityOfTheirOwn() {
        long subject = ROWS.get(0).subjectId();
        SubjectForecast careful = grid.forecasts(0)
                .forecast(
                        new ForecastQuery(
                                "v4", List.of(new ForecastQuery.Subject(subject, ForecastQuery.LATEST, 0, 0)), false),
                        DEADLINE)
                .get(0);

        assertThat(careful.warnsOfLow()).isTrue();
        assertThat(careful.warnsOfHigh()).isTrue();
        assertThat(forecast(0, "v4", subject, ForecastQuery.LATEST).warnsOfLow())
                .isFalse();
    }

    @Test
    void aUsersPointIsKeptInTheGridAndAQuestionMayNameAnother() {
        long subject = ROWS.get(0).subjectId();
        ForecastQuery asSet = new ForecastQuery(
                "v4",
                List.of(new ForecastQuery.Subject(
                        subject, ForecastQuery.LATEST, ForecastQuery.AS_SET, ForecastQuery.AS_SET)),
                false);

        grid.forecasts(1).setOperatingPoint(new OperatingPoints.Point(subject, 0, 1), DEADLINE);

        assertThat(grid.forecasts(2).operatingPoints()).containsExactly(new OperatingPoints.Point(subject, 0, 1));
        assertThat(grid.forecasts(0).forecast(asSet, DEADLINE).get(0).warnsOfLow())
                .isTrue();
        assertThat(grid.forecasts(0).forecast(asSet, DEADLINE).get(0).warnsOfHigh())
                .isFalse();
        assertThat(forecast(0, "v4", subject, ForecastQuery.LATEST).warnsOfLow())
                .isFalse();
        refused(
                () -> grid.forecasts(0).setOperatingPoint(new OperatingPoints.Point(subject, 2, 0), DEADLINE),
                ErrorCode.INVALID_REQUEST,
                "probabilities");
        assertThat(grid.forecasts(0).removeOperatingPoint(subject, DEADLINE)).isTrue();
        assertThat(grid.forecasts(0).removeOperatingPoint(subject, DEADLINE)).isFalse();
        assertThat(grid.forecasts(2).operatingPoints()).isEmpty();
    }

    @Test
    void aPointThatIsRemovedWhileItIsStoredIsNotInTheTier() {
        long subject = 4_721_000L;
        String kind = String.format("operating-points/%02d", Buckets.of(subject));
        grid.tier().beforePublish = published -> {
            if (published.equals(kind)) {
                grid.tier().beforePublish = any -> {};
                grid.forecasts(1).removeOperatingPoint(subject, DEADLINE);
            }
        };

        grid.forecasts(0).setOperatingPoint(new OperatingPoints.Point(subject, 0.2, 0.2), DEADLINE);

        assertThat(grid.forecasts(2).operatingPoints()).isEmpty();
        assertThat(grid.tier().latest(kind).text()).isEqualTo("{}");
    }

    @Test
    void historyOfManySubjectsIsHeldOneAtATime() {
        List<ForecastQuery.Subject> subjects = new ArrayList<>();
        for (long subject = 4_722_000L; subject < 4_722_020L; subject++) {
            store(wave(subject, 30, SLOT));
            subjects.add(subject(subject, ForecastQuery.LATEST));
        }

        List<SubjectForecast> forecasts =
                grid.forecasts(0).forecast(new ForecastQuery("v4", subjects, false), DEADLINE);

        assertThat(forecasts)
                .extracting(SubjectForecast::anchorMicros)
                .containsOnly(1_700_000_000_000_000L + 29 * SLOT);
        assertThat(grid.tier().mostRanges).hasValue(1);
    }

    @Test
    void aVersionWithoutItsCoefficientsIsNotServedAsIfItHadThem() {
        String id = "v3@" + train("v3", 1, true).version();
        grid.node(0).destroyCache(Caches.personal(id).name()); // as after a cold start
        long subject = ROWS.get(0).subjectId();

        refused(() -> forecast(1, id, subject, ForecastQuery.LATEST), ErrorCode.NOT_READY, id);

        grid.forecasts(2).shadow(id, DEADLINE);
        assertThat(forecast(1, id, subject, ForecastQuery.LATEST).steps())
                .extracting(SubjectForecast.Step::level)
                .containsOnly("personal");
        grid.forecasts(2).shadow(null, DEADLINE);
    }

    @Test
    void aVersionThatIsOpenedAgainWhileItIsActivatedIsCompleteAllTheSame() {
        String active = version("v3").id();
        String id = "v3@" + train("v3", 1, true).version();
        PersonalModels personal = new PersonalModels(grid.node(0));
        grid.tier().beforePublish = published -> {
            if (published.equals("active-models")) {
                grid.tier().beforePublish = any -> {};
                personal.reopen(
                        version(id),
                        Deadline.in(DEADLINE)); // as the keeper of the states does, to which it is not active yet
            }
        };

        grid.forecasts(1).activateVersion(id, DEADLINE);

        assertThat(personal.isComplete(version(id), Deadline.in(DEADLINE))).isTrue();
        grid.forecasts(1).activateVersion(active, DEADLINE);
    }

    @Test
    void thePredictorLeavesForecastersAlone() {
        String active = version("v2").id();
        String id = "v2@" + train("v2", 1, true).version();

        refused(() -> grid.predictor(1).activate(id), ErrorCode.INVALID_REQUEST, "is a forecaster");

        assertThat(version("v2").id()).isEqualTo(active);
    }

    @Test
    void servedFeaturesAreThoseOfHistory() {
        for (TestReadings.Row row : lastOfEach()) {
            assertThat(skew(row.subjectId())).isZero();
        }
    }

    @Test
    void aValueThatHistoryHasOtherwiseIsCountedAsSkew() {
        long subject = 4_715_000L;
        List<Reading> readings = wave(subject, 40, SLOT);
        store(readings);
        grid.forecasts(0).learn(readings, DEADLINE);
        Reading last = readings.get(39);
        // corrected in the tier, and the state never heard of it
        store(List.of(new Reading(subject, last.glucoseMgDl() + 50, last.eventMicros(), last.createdMicros() + 1)));

        assertThat(skew(subject)).isEqualTo(1);
    }

    @Test
    void lateAndCorrectedReadingsOfAFastSensorAreNoSkew() {
        long subject = 4_716_000L;
        List<Reading> readings = wave(subject, 3_000, 60_000_000L);
        Reading wrong = readings.get(2_965); // half an hour before the last one that has a slot
        store(readings);
        store(List.of(new Reading(subject, 300, wrong.eventMicros(), wrong.createdMicros() + 1)));
        List<Reading> arrived = new ArrayList<>(readings.subList(0, 2_000));
        arrived.addAll(readings.subList(2_500, 3_000));
        grid.forecasts(0).learn(arrived, DEADLINE);
        grid.forecasts(0).learn(readings.subList(2_000, 2_500), DEADLINE);
        assertThat(skew(subject)).isEqualTo(1);

        grid.forecasts(0)
                .learn(List.of(new Reading(subject, 300, wrong.eventMicros(), wrong.createdMicros() + 1)), DEADLINE);

        assertThat(skew(subject)).isZero();
    }

    /** Served vectors that history has otherwise, of one forecast. */
    private static long skew(long subject) {
        Watch watch = grid.forecasts(0).watch();
        long compared = watch.compared();
        long different = watch.different();
        forecast(0, "v4", subject, ForecastQuery.LATEST);
        await().atMost(Duration.ofSeconds(10)).until(() -> watch.compared() > compared);
        return watch.different() - different;
    }

    @Test
    void aReadingOfATimeThatHasNotComeIsNotLearnt() {
        long subject = 4_717_000L;
        List<Reading> readings = wave(subject, 30, SLOT);
        long ahead = Instant.now().plusSeconds(3_600).toEpochMilli() * 1_000;
        Reading early = new Reading(subject, 100, ahead, ahead);
        store(readings);
        store(List.of(early));
        SubjectForecast fromHistory = forecast(2, "v4", subject, ForecastQuery.LATEST);
        assertThat(fromHistory.anchorMicros()).isEqualTo(readings.get(29).eventMicros());

        grid.forecasts(0).learn(List.of(early), DEADLINE);
        train("v4", 1, false); // which restores all states from the tier

        SubjectState state =
                SubjectState.fromBytes(Caches.SUBJECT_STATES.in(grid.node(0)).get(subject));
        assertThat(state.size()).isEqualTo(30);
        assertThat(forecast(0, "v4", subject, ForecastQuery.LATEST))
                .isEqualTo(forecast(2, "v4", subject, early.eventMicros()));
    }

    @Test
    void whatPartitionsLoseComesBackOnAWish() {
        long subject = ROWS.get(0).subjectId();
        SubjectForecast before = forecast(0, "v3", subject, ForecastQuery.LATEST);
        byte[] state = Caches.SUBJECT_STATES.in(grid.node(0)).get(subject);
        assertThat(grid.forecasts(1).shortfall()).isEmpty();

        Caches.SUBJECT_STATES.in(grid.node(0)).remove(subject);
        Caches.personal("v3@1").in(grid.node(0)).remove(subject);
        grid.node(2).<String, String>cache("registry").put(Forecasts.STATES_WANTED, "a loss");

        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(
                        Caches.personal("v3@1").in(grid.node(1)).containsKey(subject))
                .isTrue());
        assertThat(Caches.SUBJECT_STATES.in(grid.node(0)).get(subject)).isEqualTo(state);
        assertThat(forecast(2, "v3", subject, ForecastQuery.LATEST)).isEqualTo(before);
    }

    @Test
    void aSubjectForgottenWhileStatesAreRestoredStaysAway() {
        long subject = 4_720_000L;
        store(wave(subject, 40, SLOT));
        grid.tier().beforeScan = () -> grid.tier().suppressions =
                Suppressions.of(1, List.of(new ForgottenEntity(Map.of(Cgm.SUBJECT, Long.toString(subject)), 1)));
        try {
            grid.node(2).<String, String>cache("registry").put(Forecasts.STATES_WANTED, "a loss and a wish");

            await().atMost(Duration.ofSeconds(20)).until(() -> "a loss and a wish"
                    .equals(grid.node(1).<String, String>cache("registry").get("forecast-states-restored")));
            assertThat(Caches.SUBJECT_STATES.in(grid.node(0)).containsKey(subject))
                    .isFalse();
            assertThat(Caches.personal("v3@1").in(grid.node(0)).containsKey(subject))
                    .isFalse();
            assertThat(Caches.SUBJECT_STATES
                            .in(grid.node(0))
                            .containsKey(ROWS.get(0).subjectId()))
                    .isTrue();
            assertThatThrownBy(() ->
                            grid.forecasts(1).setOperatingPoint(new OperatingPoints.Point(subject, 0.2, 0.2), DEADLINE))
                    .hasMessageContaining("forgotten");
        } finally {
            grid.tier().beforeScan = () -> {};
            grid.tier().suppressions = Suppressions.none();
        }
    }

    @Test
    void aStateThatCannotBeRestoredIsTold() {
        grid.tier().beforeScan = () -> {
            throw new GridException(ErrorCode.STORAGE_UNAVAILABLE, "the tier is away");
        };
        try {
            grid.node(2).<String, String>cache("registry").put(Forecasts.STATES_WANTED, "another loss");

            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(
                            () -> assertThat(grid.forecasts(0).shortfall()).contains("the tier is away"));
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(
                            () -> assertThat(grid.forecasts(1).shortfall()).contains("oldest node"));
        } finally {
            grid.tier().beforeScan = () -> {};
        }
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(grid.forecasts(0).shortfall()).isEmpty());
    }

    @Test
    void aSlowTierDoesNotHoldAForecastBeyondItsDeadline() {
        store(wave(4_718_000L, 30, SLOT));
        CountDownLatch slow = new CountDownLatch(1);
        grid.tier().beforeScan = () -> await().atMost(Duration.ofSeconds(30)).until(() -> slow.getCount() == 0);
        try {
            refused(
                    () -> grid.forecasts(0)
                            .forecast(
                                    new ForecastQuery("v4", List.of(subject(4_718_000L, ForecastQuery.LATEST)), false),
                                    Duration.ofMillis(200)),
                    ErrorCode.DEADLINE_EXCEEDED,
                    "history");
        } finally {
            slow.countDown();
            grid.tier().beforeScan = () -> {};
        }
    }

    @Test
    void forecastsThatComeTrueAreScoredBesideTheShadow() {
        grid.forecasts(0).shadow("v2@1", DEADLINE);
        long subject = 4_712_000L;
        for (int i = 0; i < 120; i++) {
            long micros = 1_700_000_000_000_000L + i * SLOT;
            grid.forecasts(1)
                    .learn(
                            List.of(new Reading(subject, 100 + Math.round(20 * Math.sin(i / 9.0)), micros, micros)),
                            DEADLINE);
        }

        ModelFigures active = grid.forecasts(1).watch().figures("v4@1");
        ModelFigures shadow = grid.forecasts(1).watch().figures("v2@1");
        assertThat(active.scored(0)).isGreaterThan(80);
        assertThat(shadow.scored(0)).isGreaterThan(80);
        assertThat(active.rmse(0)).isBetween(0.01, 50.0);
        assertThat(active.residualDrift(1)).isPositive();
        assertThat(active.featureDrift(0)).isPositive();
        List<String> names = new ArrayList<>();
        grid.node(1).metrics().getOrCreate("forecasts.v4@1").forEach(metric -> names.add(metric.name()));
        assertThat(names).contains("custom.forecasts.v4@1.rmse_30", "custom.forecasts.v4@1.feature_drift_g0");
        assertThat(grid.forecasts(0).shadow(null, DEADLINE)).isNull();
    }

    @Test
    void aVersionIsRefittedFromSumsWithoutReadingTheTier() {
        ForecastVersion before = version("v4@1");
        int[] scans = new int[1];
        grid.tier().beforeScan = () -> scans[0]++;
        ModelInfo refitted;
        ModelInfo personal;
        try {
            refitted = train("v4", 1, true);
            personal = train("v3", 1, true);
        } finally {
            grid.tier().beforeScan = () -> {};
        }

        assertThat(scans[0]).isZero();
        assertThat(refitted.version()).isGreaterThan(1);
        assertThat(refitted.active()).isFalse();
        ForecastVersion after = version("v4@" + refitted.version());
        int h = Horizons.PATH.indexOf(6);
        // other tests have taught the states a little more than the tier has
        assertThat(after.model().horizon(h).pooled()[CompactFeatures.COUNT])
                .isCloseTo(before.model().horizon(h).pooled()[CompactFeatures.COUNT], within(5.0));
        assertThat(Caches.personal("v3@" + personal.version())
                        .in(grid.node(0))
                        .containsKey(ROWS.get(0).subjectId()))
                .isTrue();
        refused(() -> train("v5", 1, true), ErrorCode.INVALID_REQUEST, "v5");
    }

    @Test
    void versionsAreActivatedRolledBackExportedAndImported() {
        ModelInfo second = train("v2", 0.9, false);
        assertThat(second.active()).isFalse();

        assertThat(grid.forecasts(2)
                        .activateVersion("v2@" + second.version(), DEADLINE)
                        .active())
                .isTrue();
        assertThat(version("v2").version()).isEqualTo(second.version());
        assertThat(grid.forecasts(1).rollback("v2", DEADLINE).version()).isEqualTo(1);
        assertThat(forecast(0, "v2", ROWS.get(0).subjectId(), ForecastQuery.LATEST)
                        .model())
                .isEqualTo("v2@1");

        String text = grid.forecasts(0).exported("v2@" + second.version());
        ModelInfo imported = grid.forecasts(1).imported(text, DEADLINE);
        assertThat(imported.version()).isGreaterThan(second.version());
        assertThat(imported.fingerprint()).isEqualTo(second.fingerprint());
        assertThat(version("v2@" + imported.version()).model().horizon(0).pooled())
                .isEqualTo(version("v2@" + second.version()).model().horizon(0).pooled());
        refused(() -> grid.forecasts(0).imported("{}", DEADLINE), ErrorCode.INVALID_REQUEST, "name");
        refused(() -> grid.forecasts(0).shadow("v1@1", DEADLINE), ErrorCode.INVALID_REQUEST, "not a forecaster");
    }

    @Test
    void whatIsNotThereIsRefused() {
        refused(() -> train("v6", 1, false), ErrorCode.INVALID_REQUEST, "v2, v3, v4, v5");
        refused(() -> train("v4", 0, false), ErrorCode.INVALID_REQUEST, "share");
        refused(() -> forecast(0, "v4@99", 1, ForecastQuery.LATEST), ErrorCode.NOT_FOUND, "v4@99");
        refused(() -> forecast(0, "v1", 1, ForecastQuery.LATEST), ErrorCode.INVALID_REQUEST, "not a forecaster");
    }

    private static void rolledBackOrNot(ForecastService forecasts) {
        try {
            forecasts.rollback("v2", DEADLINE);
        } catch (GridException nothingBefore) {
            assertThat(nothingBefore.code()).isEqualTo(ErrorCode.NOT_FOUND);
        }
    }

    /** On how many nodes a model has figures. */
    private static int figuresOf(String id) {
        int nodes = 0;
        for (int node = 0; node < 3; node++) {
            boolean inMetrics = false;
            for (ReadOnlyMetricRegistry registry : grid.node(node).metrics()) {
                inMetrics |= registry.name().endsWith("forecasts." + id);
            }
            assertThat(inMetrics).isEqualTo(grid.forecasts(node).watch().figures(id) != null);
            nodes += inMetrics ? 1 : 0;
        }
        return nodes;
    }

    /** So many readings of a subject, one after the other. */
    private static void learn(long subject, int readings) {
        List<Reading> all = new ArrayList<>();
        for (int i = 0; i < readings; i++) {
            long micros = 1_700_000_000_000_000L + i * SLOT;
            all.add(new Reading(subject, 100 + i % 20, micros, micros));
        }
        for (int i = 0; i < readings; i += 10) {
            grid.forecasts(i / 10 % 3).learn(all.subList(i, Math.min(readings, i + 10)), DEADLINE);
        }
    }

    /** Readings of one subject, in order of time. */
    private static List<Reading> wave(long subject, int count, long paceMicros) {
        List<Reading> readings = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long micros = 1_700_000_000_000_000L + i * paceMicros;
            readings.add(new Reading(subject, 100 + Math.round(20 * Math.sin(i / 9.0)), micros, micros));
        }
        return readings;
    }

    /** Puts readings into the tier. */
    private static void store(List<Reading> readings) {
        readings.forEach(reading -> grid.tier()
                .add(new TestReadings.Row(
                        reading.subjectId(), reading.glucoseMgDl(), reading.eventMicros(), reading.createdMicros())));
    }

    private static ModelInfo train(String kind, double share, boolean fromSums) {
        return grid.forecasts(0).train(new ForecastTraining(kind, 300, share, fromSums), DEADLINE);
    }

    private static ForecastVersion version(String ref) {
        return ((PredictorService) grid.predictor(1)).registry().stored(ref).requireForecaster();
    }

    private static SubjectForecast forecast(int node, String model, long subject, long atMicros) {
        return grid.forecasts(node)
                .forecast(new ForecastQuery(model, List.of(subject(subject, atMicros)), false), DEADLINE)
                .get(0);
    }

    private static ForecastQuery.Subject subject(long subject, long atMicros) {
        return new ForecastQuery.Subject(subject, atMicros, 0.9, 0.9);
    }

    private static long last(long subject) {
        return lastOfEach().stream()
                .filter(row -> row.subjectId() == subject)
                .findFirst()
                .orElseThrow()
                .eventMicros();
    }

    private static List<TestReadings.Row> lastOfEach() {
        Map<Long, TestReadings.Row> last = new TreeMap<>();
        ROWS.forEach(row -> last.put(row.subjectId(), row));
        return List.copyOf(last.values());
    }

    private static List<TestReadings.Row> shuffled() {
        List<TestReadings.Row> rows = new ArrayList<>(ROWS);
        Collections.shuffle(rows, new Random(7));
        return rows;
    }

    private static List<SubjectSeries> series() {
        Map<Long, List<TestReadings.Row>> bySubject = new TreeMap<>();
        ROWS.forEach(row -> bySubject
                .computeIfAbsent(row.subjectId(), id -> new ArrayList<>())
                .add(row));
        List<SubjectSeries> series = new ArrayList<>();
        bySubject.forEach((id, rows) -> {
            rows.sort(Comparator.comparingLong(TestReadings.Row::eventMicros));
            series.add(SubjectSeries.of(
                    id,
                    rows.stream().mapToLong(TestReadings.Row::eventMicros).toArray(),
                    rows.stream().mapToDouble(TestReadings.Row::glucose).toArray()));
        });
        return series;
    }

    private static void refused(Runnable call, ErrorCode code, String reason) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(GridException.class, failure -> assertThat(failure.code())
                        .isEqualTo(code))
                .hasMessageContaining(reason);
    }
}
