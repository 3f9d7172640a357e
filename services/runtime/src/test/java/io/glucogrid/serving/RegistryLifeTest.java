package io.glucogrid.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.api.GridApi;
import io.glucogrid.cluster.GridHealth;
import io.glucogrid.grid.Buckets;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.Deadline;
import io.glucogrid.node.ApiCaller;
import io.glucogrid.node.TestNode;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.ignite.Ignite;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The registry on real nodes: plan, apply, rollback, and what becomes of online rows. */
class RegistryLifeTest {
    private static final long SECONDS = 1_700_000_000L;

    @TempDir
    private Path work;

    /** Orders of shops, by customer and shop; the schema is left open. */
    private static String orders(String schema, String more) {
        return """
                apiVersion: glucogrid/v1
                project: shop
                entities:
                  customer: {join_keys: {customer_id: INT64, shop: STRING}}
                sources:
                  orders: {kind: parquet, timestamp_field: at}
                  orders_push: {kind: push, batch_source: orders}
                feature_views:
                  totals: {entities: [customer], source: orders_push, ttl: 10d, schema: {%s}}
                feature_services:
                  checkout: [totals]
                %s
                """
                .formatted(schema, more);
    }

    private static String request(String definitions) {
        return request(definitions, -1);
    }

    private static String request(String definitions, long expected) {
        ObjectNode body = ApiCaller.JSON.createObjectNode();
        body.putObject("files").put("shop.yaml", definitions);
        if (expected >= 0) {
            body.put("expected_version", expected);
        }
        return body.toString();
    }

    private static JsonNode sent(ApiCaller api, String path, String body) {
        HttpResponse<String> answer = api.send("POST", path, "application/json", body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return ApiCaller.json(answer);
    }

    private static void push(ApiCaller api, String storeType, long customer, long at, String values) {
        api.posted(
                "/push_stream_event",
                "{'push_source_name':'orders_push','store_type':'" + storeType + "','event':{'customer_id':" + customer
                        + ",'shop':'north','at':" + at + ",'created':" + at + "," + values + "}}");
    }

    private static JsonNode online(ApiCaller api, long customer) {
        return api.posted(
                "/get_online_features",
                "{'feature_service':'checkout','entities':[{'customer_id':" + customer + ",'shop':'north'}]}");
    }

    @Test
    void aPlanSaysWhatChangesForWhomAndApplyDoesItOnEveryNode() {
        TestNode nodes = new TestNode(work, "plan");
        try (Ignite first = nodes.start("plan-1");
                Ignite second = nodes.start("plan-2")) {
            ApiCaller api = ApiCaller.ready(first);
            ApiCaller other = ApiCaller.ready(second);

            assertThat(sent(api, "/definitions/plan", "{}").path("changed").asBoolean())
                    .isFalse();
            sent(api, "/definitions/apply", request(orders("items: INT64, total: DOUBLE", "")));
            push(other, "online", 1, SECONDS, "'items':3,'total':12.5");
            JsonNode plan = sent(
                    other, "/definitions/plan", request(orders("total: DOUBLE, items: INT64, coupon: STRING", "")));

            assertThat(plan.path("version").asLong()).isEqualTo(2);
            assertThat(plan.path("changes")).hasSize(1);
            assertThat(plan.at("/changes/0/name").asText()).isEqualTo("totals");
            assertThat(plan.at("/changes/0/details")).hasSize(1);
            assertThat(plan.at("/changes/0/details/0/field").asText()).isEqualTo("schema.coupon");
            assertThat(plan.at("/rows_reencoded").asLong()).isEqualTo(1);
            assertThat(plan.at("/online_store/0/new_features/0").asText()).isEqualTo("coupon");
            assertThat(plan.at("/feature_services_affected/0/name").asText()).isEqualTo("checkout");
            assertThat(plan.at("/feature_services_affected/0/columns_added/0").asText())
                    .isEqualTo("coupon:STRING");
            assertThat(plan.at("/feature_services_affected/0/breaking").asBoolean())
                    .isFalse();
            assertThat(other.get("/definitions").body()).contains("\"version\":2");
        }
    }

    @Test
    void rowsAreEncodedAnewByNameAndNeverReadWithWrongColumns() {
        TestNode nodes = new TestNode(work, "encode");
        try (Ignite first = nodes.start("encode-1");
                Ignite second = nodes.start("encode-2")) {
            ApiCaller api = ApiCaller.ready(first);
            ApiCaller other = ApiCaller.ready(second);
            sent(api, "/definitions/apply", request(orders("items: INT64, total: INT64", "")));
            for (int customer = 1; customer <= 50; customer++) {
                push(api, "online", customer, SECONDS, "'items':" + customer + ",'total':" + 1000 * customer);
            }
            push(api, "online_and_offline", 99, SECONDS, "'items':9,'total':9000");

            sent(api, "/definitions/apply", request(orders("total: INT64, weight: INT64, items: INT64", "")));

            for (ApiCaller caller : List.of(api, other)) {
                for (int customer = 1; customer <= 50; customer++) {
                    JsonNode row = online(caller, customer);
                    assertThat(row.at("/items/0").asLong()).isEqualTo(customer);
                    assertThat(row.at("/total/0").asLong()).isEqualTo(1000L * customer);
                    assertThat(row.at("/weight/0").isNull()).isTrue();
                }
            }
            push(other, "online", 7, SECONDS - 1, "'items':1,'total':1,'weight':1");
            assertThat(online(api, 7).at("/items/0").asLong()).isEqualTo(7);
            push(other, "online", 7, SECONDS, "'items':1,'total':2,'weight':3");
            assertThat(online(api, 7).at("/weight/0").asLong()).isEqualTo(3);

            JsonNode back = sent(api, "/definitions/rollback", "{\"version\":2}");

            assertThat(back.path("version").asLong()).isEqualTo(4);
            assertThat(online(other, 50).at("/total/0").asLong()).isEqualTo(50_000);
            assertThat(online(other, 7).has("weight")).isFalse();
            assertThat(online(other, 7).at("/total/0").asLong()).isIn(2L, 7_000L);
        }
    }

    @Test
    void aNewFeatureIsFilledFromHistoryWhereTheViewWasMaterialized() {
        TestNode nodes = new TestNode(work, "fill");
        try (Ignite node = nodes.start("fill-1")) {
            ApiCaller api = ApiCaller.ready(node);
            String second = "  checkout_full: [full]\n";
            String full = "  full: {entities: [customer], source: orders_push, schema: {items: INT64, total: INT64}}\n";
            String both = orders("items: INT64", second).replace("feature_services:", full + "feature_services:");
            sent(api, "/definitions/apply", request(both));
            push(api, "online_and_offline", 1, SECONDS, "'items':3,'total':1200");
            api.posted("/materialize", "");

            sent(
                    api,
                    "/definitions/apply",
                    request(both.replace(
                            "ttl: 10d, schema: {items: INT64}", "ttl: 10d, schema: {total: INT64, items: INT64}")));

            assertThat(online(api, 1).at("/items/0").asLong()).isEqualTo(3);
            assertThat(online(api, 1).at("/total/0").asLong()).isEqualTo(1200);
        }
    }

    @Test
    void ofTwoAppliesOfOnePlanOneWinsAndTheOtherIsTold() throws Exception {
        TestNode nodes = new TestNode(work, "cas");
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (Ignite first = nodes.start("cas-1");
                Ignite second = nodes.start("cas-2")) {
            List<ApiCaller> callers = List.of(ApiCaller.ready(first), ApiCaller.ready(second));
            sent(callers.get(0), "/definitions/apply", request(orders("items: INT64", "")));
            List<Callable<HttpResponse<String>>> applies = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                ApiCaller caller = callers.get(i % 2);
                String body = request(orders("items: INT64, extra_" + i + ": DOUBLE", ""), 2);
                applies.add(() -> caller.send("POST", "/definitions/apply", "application/json", body));
            }

            List<HttpResponse<String>> answers = new ArrayList<>();
            for (Future<HttpResponse<String>> answer : threads.invokeAll(applies)) {
                answers.add(answer.get());
            }

            assertThat(answers).extracting(HttpResponse::statusCode).containsOnlyOnce(200);
            assertThat(answers).filteredOn(answer -> answer.statusCode() != 200).allSatisfy(answer -> {
                assertThat(answer.statusCode()).isEqualTo(409);
                assertThat(answer.body()).contains("plan again");
            });
            assertThat(callers.get(0).get("/definitions").body()).contains("\"version\":3");
            assertThat(callers.get(1).get("/definitions").body()).contains("\"version\":3");
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void everyVersionOutlivesAllNodesAndCanComeBack() {
        TestNode nodes = new TestNode(work, "versions");
        try (Ignite node = nodes.start("versions-1")) {
            ApiCaller api = ApiCaller.ready(node);
            sent(api, "/definitions/apply", request(orders("items: INT64", "")));
            sent(api, "/definitions/apply", request(orders("items: INT64, total: DOUBLE", "")));
        }
        try (Ignite again = nodes.start("versions-2")) {
            ApiCaller api = ApiCaller.ready(again);

            JsonNode all = ApiCaller.json(api.get("/definitions"));
            assertThat(all.path("version").asLong()).isEqualTo(3);
            assertThat(all.path("versions")).hasSize(3);
            sent(api, "/definitions/rollback", "{\"version\":2}");

            assertThat(ApiCaller.json(api.get("/definitions/4")).at("/definitions"))
                    .isEqualTo(ApiCaller.json(api.get("/definitions/2")).at("/definitions"));
            assertThat(online(api, 1).has("total")).isFalse();
            assertThat(api.get("/definitions/9").statusCode()).isEqualTo(404);
            assertThat(api.send("POST", "/definitions/rollback", "application/json", "{\"version\":9}")
                            .statusCode())
                    .isEqualTo(404);
        }
    }

    @Test
    void whatEarlierDataCannotBeReadWithIsRefused() {
        try (Ignite node = new TestNode(work, "refuse").start("refuse-1")) {
            ApiCaller api = ApiCaller.ready(node);
            sent(api, "/definitions/apply", request(orders("items: INT64, total: DOUBLE", "")));
            String broken = orders("items: STRING, total: DOUBLE", "");

            for (String path : List.of("/definitions/plan", "/definitions/apply")) {
                HttpResponse<String> refused = api.send("POST", path, "application/json", request(broken));
                assertThat(refused.statusCode()).isEqualTo(422);
                assertThat(refused.body()).contains("column 'items' of table 'orders' is stored as INT64, not STRING");
            }
            HttpResponse<String> malformed = api.send("POST", "/definitions/apply", "application/json", "{");
            assertThat(malformed.statusCode()).isEqualTo(422);
            HttpResponse<String> misspelt =
                    api.send("POST", "/definitions/apply", "application/json", request(broken.replace("ttl", "tll")));
            assertThat(misspelt.body()).contains("shop.yaml:9: unknown key 'tll' (did you mean 'ttl'?)");
            assertThat(api.get("/definitions").body()).contains("\"version\":2");
        }
    }

    @Test
    void explainTellsWhereAValueComesFromAndWhyThereIsNone() {
        try (Ignite node = new TestNode(work, "explain").start("explain-1")) {
            ApiCaller api = ApiCaller.ready(node);
            api.push("online", 1, SECONDS, 120);
            api.push("offline", 2, SECONDS, 130);

            JsonNode answer = api.posted(
                    "/features/explain",
                    "{'feature_service':'cgm_activity_v3','entities':[{'subject_id':1},{'subject_id':2},{'subject_id':3}]}");

            JsonNode glucose = answer.at("/entities/0/values/0");
            assertThat(glucose.path("value").asLong()).isEqualTo(120);
            assertThat(glucose.path("feature").asText()).isEqualTo("cgm_hourly_stats_fresh:glucose");
            assertThat(glucose.path("status").asText()).isEqualTo("OUTSIDE_MAX_AGE");
            assertThat(glucose.at("/row/event_timestamp").asText()).isEqualTo("2023-11-14T22:13:20+00:00");
            assertThat(glucose.at("/row/expired").asBoolean()).isTrue();
            assertThat(glucose.at("/row/ttl_seconds").asDouble()).isEqualTo(86_400);
            assertThat(glucose.at("/row/owner").asText()).isEqualTo("explain-1");
            assertThat(glucose.at("/view_version").asLong()).isEqualTo(1);
            JsonNode hour = answer.at("/entities/0/values/3");
            assertThat(hour.path("expression").asText()).isEqualTo("hour_utc(event_timestamp)");
            assertThat(hour.path("value").asLong()).isEqualTo(22);
            assertThat(hour.at("/inputs/event_timestamp").asText()).isEqualTo("2023-11-14T22:13:20+00:00");
            assertThat(answer.at("/entities/1/values/0/why_null").asText())
                    .contains("has no row")
                    .contains("history has one of 2023-11-14T22:13:20+00:00");
            assertThat(answer.at("/entities/2/values/0/why_null").asText()).contains("history has none either");
            assertThat(answer.at("/entities/2/values/3/why_null").asText()).contains("input 'event_timestamp' is null");
            assertThat(api.post("/features/explain", "{'feature_service':'x','entities':[{'subject_id':1}]}")
                            .statusCode())
                    .isEqualTo(404);
        }
    }

    @Test
    void explainDeniesNothingThatIsBeingRebuilt() {
        try (Ignite node = new TestNode(work, "rebuilt").start("rebuilt-1")) {
            ApiCaller.ready(node);
            GridHealth health = new GridHealth(node);
            Explanations explanations = new Explanations(
                    node,
                    health,
                    TestNode.store(node).runtime().registry(),
                    () -> TestNode.offline(node),
                    InstantSource.system());
            List<Map<String, Object>> entities = List.of(Map.of("subject_id", 1L));
            ThrowingCallable explain =
                    () -> explanations.tree("cgm_activity_v3", entities, Deadline.in(Duration.ofSeconds(5)));

            assertThatThrownBy(explain).hasMessageContaining("the online rows are being rebuilt");
            health.warm();
            assertThatNoException().isThrownBy(explain);
            BitSet rebuilding = new BitSet();
            rebuilding.set(Buckets.of(1L));
            health.rebuilding(rebuilding);
            assertThatThrownBy(explain).hasMessageContaining("were lost with their nodes");
        }
    }

    @Test
    void theSameOperationsAnswerAtEveryDoor() {
        try (Ignite node = new TestNode(work, "doors").start("doors-1")) {
            ApiCaller api = ApiCaller.ready(node);
            GridApi service = node.services().serviceProxy(GridApi.NAME, GridApi.class, false);
            String request = request(orders("items: INT64", ""));
            String explain = "{\"feature_service\":\"cgm_activity_v3\",\"entities\":[{\"subject_id\":1}]}";

            Object explained = node.compute().execute("io.glucogrid.rest.Explain", explain);
            assertThat(explained).asInstanceOf(InstanceOfAssertFactories.MAP).containsKey("entities");
            assertThat(service.explain(explain)).contains("history has none either");
            assertThat(service.plan(request)).contains("\"changed\":true");
            Object applied = node.compute().execute("io.glucogrid.rest.Apply", request);
            assertThat(applied).asInstanceOf(InstanceOfAssertFactories.MAP).containsEntry("version", 2L);
            assertThat(service.plan(request)).contains("\"changed\":false");
            assertThat(service.rollback("{\"version\":1}")).contains("\"version\":3");
            assertThat(service.definitions("{}"))
                    .isEqualTo(api.get("/definitions").body());
        }
    }

    @Test
    void cachesOfFormerLayoutsAreRemovedAndTheirLastRowsCarried() {
        try (Ignite node = new TestNode(work, "retire").start("retire-1")) {
            ApiCaller api = ApiCaller.ready(node);
            sent(api, "/definitions/apply", request(orders("items: INT64", "")));
            push(api, "online", 1, SECONDS, "'items':3");
            String before = Caches.online(
                            TestNode.store(node).definitions().views().get("totals"))
                    .name();
            sent(api, "/definitions/apply", request(orders("total: INT64, items: INT64", "")));

            TestNode.store(node).runtime().removeRetired();

            assertThat(node.cacheNames()).doesNotContain(before);
            assertThat(online(api, 1).at("/items/0").asLong()).isEqualTo(3);
        }
    }
}
