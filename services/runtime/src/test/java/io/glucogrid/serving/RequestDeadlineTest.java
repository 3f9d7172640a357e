package io.glucogrid.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.grid.Deadline;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.node.ApiCaller;
import io.glucogrid.node.MemoryTier;
import io.glucogrid.node.TestNode;
import io.glucogrid.online.HotHistory;
import io.glucogrid.online.ReadingLearner;
import io.glucogrid.store.OnlineStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.ignite.Ignite;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All parts of a request share its one deadline. */
class RequestDeadlineTest {
    private static final String SOURCE = "cgm_stats_push_source";
    private static final Map<String, Object> EVENT = Map.of("subject_id", 1L, "event_timestamp", 1L, "glucose", 100L);

    @TempDir
    static Path work;

    private static Ignite ignite;
    private static ApiCaller api;

    @BeforeAll
    static void startNode() {
        ignite = new TestNode(work, "deadline").start("deadline");
        api = ApiCaller.ready(ignite);
    }

    @AfterAll
    static void stopNode() {
        ignite.close();
    }

    private static Deadline passed() {
        return Deadline.in(Duration.ofMillis(-1));
    }

    /** Takes some time for each view, and notes how much it was given. */
    private static final class SlowStore implements OnlineStore {
        private final List<Duration> given = new ArrayList<>();

        @Override
        public void upsert(FeatureView view, Map<Object, FeatureRow> rows, Duration deadline) {
            given.add(deadline);
            long start = System.nanoTime();
            Awaitility.await()
                    .pollInterval(5, TimeUnit.MILLISECONDS)
                    .until(() -> System.nanoTime() - start > TimeUnit.MILLISECONDS.toNanos(100));
        }
    }

    @Test
    void aPushGivesEachStoreWhatTheOthersHaveLeft() {
        Definitions definitions = TestNode.store(ignite).definitions();
        SlowStore store = new SlowStore();
        EventWriter writer = new EventWriter(
                () -> {
                    throw new AssertionError("nothing goes offline");
                },
                () -> store,
                new HotHistory(ignite),
                TestNode.store(ignite).runtime().forgetting(),
                ReadingLearner.of(ignite),
                new OnlineStates(() -> {
                    throw new AssertionError("nothing is in both stores");
                }),
                InstantSource.system());
        Duration whole = Duration.ofSeconds(4);

        writer.push(
                definitions,
                1,
                TestNode.store(ignite).runtime().registry().snapshot().pushSource(SOURCE),
                EventWriter.Target.ONLINE,
                List.of(EVENT),
                Deadline.in(whole));

        assertThat(store.given).hasSize(2);
        assertThat(store.given.get(0)).isLessThan(whole);
        assertThat(store.given.get(1)).isLessThan(whole.minusMillis(100));
    }

    @Test
    void nothingIsDoneForARequestThatIsLateAlready() {
        FeatureRuntime runtime = TestNode.store(ignite).runtime();
        List<Map<String, Object>> entity = List.of(Map.of("subject_id", 1L));
        Selection service = Selection.of("cgm_activity_v3");

        assertLate(() -> runtime.online(service, entity, passed()));
        assertLate(() -> runtime.onlineAsOf(service, entity, 0, passed()));
        assertLate(() -> runtime.historical(
                service, List.of(Map.of("subject_id", 1L, "event_timestamp", 1L)), 10, false, passed()));
        assertLate(() -> runtime.push(SOURCE, "online", List.of(EVENT), passed()));
        assertLate(() -> runtime.push(SOURCE, "online_and_offline", List.of(EVENT), passed()));
        assertThat(api.onlineGlucose("cgm_activity_v3", 1)).isNull();
    }

    @Test
    void aTierThatHangsHidesNeitherReadinessNorFigures() {
        CountDownLatch release = new CountDownLatch(1);
        MemoryTier.named("deadline").beforeProblems(() -> {
            try {
                assertThat(release.await(60, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException stopping) {
                Thread.currentThread().interrupt();
            }
        });

        for (int i = 0; i < 8; i++) {
            assertThat(api.get("/ready").statusCode()).isEqualTo(200);
        }
        assertThat(api.get("/metrics").statusCode()).isEqualTo(200);
        release.countDown();
    }

    private static void assertLate(Runnable request) {
        assertThatThrownBy(request::run).isInstanceOfSatisfying(GridException.class, late -> assertThat(late.code())
                .isEqualTo(ErrorCode.DEADLINE_EXCEEDED));
    }

    @Test
    void theSameListOfFeaturesIsPlannedOnce() {
        Snapshot snapshot = TestNode.store(ignite).runtime().registry().snapshot();

        ReadPlan plan = new Selection(null, List.of("cgm_hourly_stats:glucose"), false).plan(snapshot);

        assertThat(new Selection(null, List.of("cgm_hourly_stats:glucose"), false).plan(snapshot))
                .isSameAs(plan);
        assertThat(new Selection(null, List.of("cgm_hourly_stats:glucose"), true).plan(snapshot))
                .isNotSameAs(plan);
    }
}
