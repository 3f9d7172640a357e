package io.glucogrid.forget;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.glucogrid.cluster.Majority;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.LocalService;
import io.glucogrid.node.ApiCaller;
import io.glucogrid.node.MemoryTier;
import io.glucogrid.node.TestNode;
import io.glucogrid.serving.FeatureRuntime;
import io.glucogrid.store.ForgottenEntity;
import io.glucogrid.store.HistoryKey;
import io.glucogrid.store.OnlineStore;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Forgetting at the door of one node. */
class ForgettingTest {
    private static final long SECONDS = 1_391_581_982L;
    private static final String FRESH = "cgm_activity_v3";

    @TempDir
    static Path work;

    private static Ignite node;
    private static ApiCaller api;

    @BeforeAll
    static void start() {
        node = new TestNode(work, "forgetting").start("forgetting");
        api = ApiCaller.ready(node);
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @AfterEach
    void allowAll() {
        MemoryTier.named("forgetting").afterRead(() -> {});
        List<ForgottenEntity> listed = TestNode.offline(node).suppressions().entities();
        listed.forEach(entity -> TestNode.offline(node).allow(entity.joinKeys()));
    }

    private static JsonNode forget(String subject) {
        return api.posted("/forget", "{'entity':{'subject_id':" + subject + "}}");
    }

    private static HttpResponse<String> push(String store, long subject) {
        return api.post(
                "/push_stream_event",
                "{'push_source_name':'cgm_stats_push_source','store_type':'" + store + "','event':{'event_timestamp':"
                        + SECONDS + ",'subject_id':" + subject + ",'glucose':100,'created':" + SECONDS + "}}");
    }

    private static IgniteCache<Object, FeatureRow> freshRows() {
        FeatureView view = TestNode.store(node).definitions().views().get("cgm_hourly_stats_fresh");
        return Caches.online(view).in(node);
    }

    @Test
    void whatIsForgottenIsGoneStaysAwayAndMayBeAllowedAgain() {
        api.push("online_and_offline", 1, SECONDS, 101);
        api.push("online_and_offline", 2, SECONDS, 102);
        api.posted("/materialize", "{}");
        assertThat(api.onlineGlucose(FRESH, 1)).isEqualTo(101);
        HistoryKey hot = new HistoryKey(new Object[] {1L}, SECONDS * 1_000_000);
        IgniteCache<HistoryKey, FeatureRow> window = node.cache("readings");
        window.put(hot, new FeatureRow(SECONDS * 1_000_000, 1, new Object[] {101L})); // as a read of it does
        assertThat(window.get(hot)).isNotNull();

        JsonNode forgotten = forget("'1'");

        assertThat(forgotten.at("/forgotten/subject_id").asText()).isEqualTo("1");
        assertThat(forgotten.get("online_rows").asInt()).isGreaterThanOrEqualTo(2);
        assertThat(forgotten.get("hot_rows").asInt()).isEqualTo(1);
        assertThat(forgotten.get("history_rows").asInt()).isEqualTo(1);
        assertThat(window.get(hot)).isNull();
        assertThat(api.onlineGlucose(FRESH, 1)).isNull();
        assertThat(api.onlineGlucose("cgm_activity_v1", 1)).isNull();
        assertThat(api.onlineGlucose("cgm_windows_v1", 1)).isNull();
        assertThat(api.onlineGlucose(FRESH, 2)).isEqualTo(102);
        for (String store : List.of("online", "offline", "online_and_offline")) {
            HttpResponse<String> refused = push(store, 1);
            assertThat(refused.statusCode()).isEqualTo(409);
            assertThat(refused.body()).contains("forgotten").contains("forget --undo");
        }
        api.posted("/materialize", "{'full':true}");
        assertThat(api.onlineGlucose("cgm_activity_v1", 1)).isNull();
        assertThat(ApiCaller.json(api.get("/forget"))
                        .at("/forgotten/0/entity/subject_id")
                        .asText())
                .isEqualTo("1");

        JsonNode allowed = api.posted("/forget", "{'entity':{'subject_id':1},'undo':true}");

        assertThat(allowed.at("/allowed/subject_id").asText()).isEqualTo("1");
        assertThat(ApiCaller.json(api.get("/forget")).get("forgotten")).isEmpty();
        assertThat(push("online", 1).statusCode()).isEqualTo(200);
        assertThat(api.onlineGlucose(FRESH, 1)).isEqualTo(100);
        assertThat(api.post("/forget", "{'entity':{'subject_id':1},'undo':true}")
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    void whatCannotBeForgottenIsSaidPlainly() {
        HttpResponse<String> unknown = api.post("/forget", "{'entity':{'subject':1}}");
        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(unknown.body()).contains("subject_id");
        assertThat(api.post("/forget", "{'entity':{'subject_id':'x'}}").statusCode())
                .isEqualTo(422);
        assertThat(api.post("/forget", "{'entity':{}}").statusCode()).isEqualTo(422);
        assertThat(api.post("/forget", "{'entity':7}").statusCode()).isEqualTo(422);
        assertThat(api.post("/forget", "{'undo':true}").statusCode()).isEqualTo(422);
    }

    /** What the node does, with a clock that the test moves. */
    private static Forgetting forgettingBy(AtomicLong nanos) {
        FeatureRuntime runtime = TestNode.store(node).runtime();
        return new Forgetting(
                node,
                new Majority(node),
                () -> TestNode.offline(node),
                () -> new LocalService<>(node, "online-store", OnlineStore.class).get(),
                () -> List.of(runtime.definitions()),
                (joinKeys, deadline) -> 0,
                InstantSource.system(),
                Duration.ofSeconds(10),
                nanos::get);
    }

    private static void leaveBehind(long... subjects) {
        for (long subject : subjects) {
            freshRows().put(subject, new FeatureRow(1, 1, new Object[] {99L, 1L}));
        }
    }

    @Test
    void rowsThatWritesLeaveBehindAreSweptAwayAfterTheDeadlineOfEachAndOfTheLongestJob() {
        AtomicLong nanos = new AtomicLong();
        Forgetting forgetting = forgettingBy(nanos);
        long farAhead = Long.MAX_VALUE; // by the clock of the node that was told
        TestNode.offline(node).forget(new ForgottenEntity(Map.of("subject_id", "3"), farAhead), List.of());
        TestNode.offline(node).forget(new ForgottenEntity(Map.of("subject_id", "5"), 1), List.of());
        leaveBehind(3, 4, 5);

        forgetting.sweep();
        assertThat(freshRows().containsKey(5L)).isTrue();
        for (Duration after : Forgetting.SWEEPS) {
            leaveBehind(3, 5);
            nanos.set(after.toNanos());
            forgetting.sweep();

            assertThat(freshRows().containsKey(3L)).isFalse();
            assertThat(freshRows().containsKey(5L)).isFalse();
        }

        assertThat(freshRows().containsKey(4L)).isTrue();
        assertThat(Forgetting.SWEEPS.get(1)).isGreaterThan(Duration.ofMinutes(30));
    }

    @Test
    void aSweepLeavesWhatIsAllowedAgainMeanwhile() {
        AtomicLong nanos = new AtomicLong();
        Map<String, String> entity = Map.of("subject_id", "13");
        TestNode.offline(node).forget(new ForgottenEntity(entity, 1), List.of());
        Forgetting sweeping = new Forgetting(
                node,
                new Majority(node),
                () -> TestNode.offline(node),
                () -> new LocalService<>(node, "online-store", OnlineStore.class).get(),
                () -> {
                    TestNode.offline(node).allow(entity); // after the sweep has looked at the list
                    leaveBehind(13);
                    return List.of(TestNode.store(node).definitions());
                },
                (joinKeys, deadline) -> 0,
                InstantSource.system(),
                Duration.ofSeconds(10),
                nanos::get);
        sweeping.sweep();
        nanos.set(Forgetting.SWEEPS.get(0).toNanos());

        sweeping.sweep();

        assertThat(freshRows().containsKey(13L)).isTrue();
    }

    @Test
    void aLoadThatBeganBeforeDoesNotBringAnEntityBack() {
        api.push("offline", 6, SECONDS, 106);
        api.push("offline", 7, SECONDS, 107);
        AtomicBoolean forgotten = new AtomicBoolean();
        MemoryTier.named("forgetting").afterRead(() -> {
            if (forgotten.compareAndSet(false, true)) {
                forget("6");
            }
        });

        api.posted("/materialize", "{'full':true}");

        assertThat(forgotten).isTrue();
        assertThat(api.onlineGlucose("cgm_activity_v1", 6)).isNull();
        assertThat(api.onlineGlucose("cgm_activity_v1", 7)).isEqualTo(107);
    }

    @Test
    void aMinorityNeitherForgetsNorAllows() {
        try (Ignite alone =
                new TestNode(work, "minority").with("GRID_EXPECTED_NODES", "3").start("minority")) {
            ApiCaller caller = new ApiCaller(TestNode.api(alone));

            for (String request : List.of("{'entity':{'subject_id':1}}", "{'entity':{'subject_id':1},'undo':true}")) {
                HttpResponse<String> refused = caller.post("/forget", request);
                assertThat(refused.statusCode()).isEqualTo(503);
                assertThat(refused.body()).contains("1 of 3 nodes: no majority");
            }
            assertThat(MemoryTier.named("minority").isAnythingForgotten()).isFalse();
        }
    }

    @Test
    void aPartOfACompositeKeyFindsItsRowsOnAnyNode() {
        Field subject = new Field("subject_id", ValueType.INT64);
        Field device = new Field("device", ValueType.STRING);
        OfEntities which =
                OfEntities.of(List.of(subject, device), List.of(new ForgottenEntity(Map.of("device", "b"), 0)));
        FeatureRow row = new FeatureRow(1, 1, new Object[0]);
        assertThat(which.apply(new HistoryKey(new Object[] {1L, "b"}, 1), row)).isTrue();
        assertThat(which.apply(new HistoryKey(new Object[] {1L, "a"}, 1), row)).isFalse();
        assertThat(OfEntities.of(List.of(subject), List.of(new ForgottenEntity(Map.of("device", "b"), 0)))
                        .mayCover())
                .isFalse();
    }
}
