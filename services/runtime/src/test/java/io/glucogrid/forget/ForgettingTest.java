package io.glucogrid.forget;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.Caches;
import io.glucogrid.node.ApiCaller;
import io.glucogrid.node.TestNode;
import io.glucogrid.store.ForgottenEntity;
import io.glucogrid.store.HistoryKey;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
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

    @Test
    void aRowThatAWriteLeavesBehindIsSweptAwayAfterAWhile() {
        long longAgo = 1;
        TestNode.offline(node).forget(new ForgottenEntity(Map.of("subject_id", "3"), longAgo), List.of());
        freshRows().put(3L, new FeatureRow(1, 1, new Object[] {99L, 1L}));
        freshRows().put(4L, new FeatureRow(1, 1, new Object[] {99L, 1L}));
        TestNode.offline(node).forget(new ForgottenEntity(Map.of("subject_id", "5"), longAgo + 1), List.of());

        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> !freshRows()
                .containsKey(3L));

        assertThat(freshRows().containsKey(4L)).isTrue();
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
