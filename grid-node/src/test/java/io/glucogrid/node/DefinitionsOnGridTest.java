package io.glucogrid.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.grid.LocalService;
import io.glucogrid.registry.DefinitionFiles;
import io.glucogrid.registry.RegistryDocument;
import io.glucogrid.store.OfflineStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Changes of the definitions on three real nodes over the Parquet tier: plan, apply, rollback, explain, and what rows become. */
@ExtendWith(ThreeNodes.class)
class DefinitionsOnGridTest {
    private static final long START = 1_391_500_000;
    private static final long HOUR = 3_600;

    private TestGrid grid;
    private List<ApiCaller> nodes;

    @BeforeEach
    void waitUntilReady(TestGrid shared) {
        grid = shared;
        nodes = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            nodes.add(ready(grid.node(i)));
        }
    }

    /** Other tests of the shared grid expect the shipped definitions. */
    @AfterEach
    void applyTheShippedDefinitions() {
        nodes.get(0).posted("/setup", "");
    }

    private static ApiCaller ready(GridNode node) {
        ApiCaller caller = new ApiCaller(URI.create(node.info().api()));
        await().atMost(Duration.ofSeconds(60)).until(() -> caller.get("/ready").statusCode() == 200);
        return caller;
    }

    private static String shipped() {
        try (InputStream in =
                DefinitionsOnGridTest.class.getClassLoader().getResourceAsStream("glucogrid/features.yaml")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static String changed(String... pairs) {
        String text = shipped();
        for (int i = 0; i < pairs.length; i += 2) {
            assertThat(text).contains(pairs[i]);
            text = text.replace(pairs[i], pairs[i + 1]);
        }
        return text;
    }

    private static String request(String text, long expected) {
        ObjectNode body = ApiCaller.JSON.createObjectNode();
        body.putObject("files").put("features.yaml", text);
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

    private static long version(ApiCaller api) {
        return ApiCaller.json(api.get("/definitions")).path("version").asLong();
    }

    private static JsonNode online(ApiCaller api, String service, long subject) {
        return api.posted(
                "/get_online_features",
                "{'feature_service':'" + service + "','entities':[{'subject_id':" + subject + "}]}");
    }

    /** All events of one subject in one request; a null glucose stays null. */
    private static void push(ApiCaller api, String store, long subject, List<Long[]> events) {
        StringBuilder body = new StringBuilder(
                "{'push_source_name':'cgm_stats_push_source','store_type':'" + store + "','events':[");
        for (Long[] event : events) {
            body.append(body.charAt(body.length() - 1) == '[' ? "" : ",")
                    .append("{'subject_id':" + subject + ",'event_timestamp':" + event[0] + ",'created':" + event[1]
                            + ",'glucose':" + event[2] + ",'note':null,'units':null}");
        }
        api.posted("/push_stream_event", body + "]}");
    }

    @Test
    void rowsFollowTheirViewThroughApplyAndRollbackOnEveryNode() {
        List<Long> subjects = new ArrayList<>();
        for (long subject = 870_000; subject < 870_030; subject++) {
            subjects.add(subject);
            push(
                    nodes.get((int) (subject % 3)),
                    subject % 2 == 0 ? "online" : "online_and_offline",
                    subject,
                    List.of(new Long[][] {{START, START, subject % 100 + 40}}));
        }
        long before = version(nodes.get(0));
        String fresh = "    source: cgm_stats_push_source\n    tags: {team: cgm_performance}\n";
        String text = changed(
                fresh,
                "    source: cgm_stats_push_source\n"
                        + "    schema: {note: STRING, event_timestamp: UNIX_TIMESTAMP, glucose: INT64}\n"
                        + "    tags: {team: cgm_performance}\n",
                "feature_services:\n",
                "feature_services:\n"
                        + "  renamed: [{view: cgm_hourly_stats_fresh, features: [glucose, note], rename: {glucose:"
                        + " sugar}}]\n");

        JsonNode plan = sent(nodes.get(1), "/definitions/plan", request(text, -1));
        assertThat(plan.path("version").asLong()).isEqualTo(before);
        assertThat(plan.path("rows_reencoded").asLong()).isGreaterThanOrEqualTo(30);
        assertThat(plan.path("feature_services_affected").findValuesAsText("name"))
                .contains("cgm_activity_v3", "renamed");
        JsonNode applied = sent(nodes.get(1), "/definitions/apply", request(text, before));

        assertThat(applied.path("version").asLong()).isEqualTo(before + 1);
        for (ApiCaller node : nodes) {
            assertThat(version(node)).isEqualTo(before + 1);
            for (long subject : subjects) {
                JsonNode row = online(node, "renamed", subject);
                assertThat(row.at("/sugar/0").asLong()).isEqualTo(subject % 100 + 40);
                assertThat(row.at("/note/0").isNull()).isTrue();
            }
        }
        JsonNode explained = nodes.get(2)
                .posted(
                        "/features/explain",
                        "{'feature_service':'renamed','entities':[{'subject_id':" + subjects.get(0) + "}]}");
        assertThat(explained.at("/entities/0/values/0/feature").asText()).isEqualTo("cgm_hourly_stats_fresh:glucose");
        assertThat(explained.at("/entities/0/values/0/view_version").asLong()).isEqualTo(before + 1);
        assertThat(explained.at("/entities/0/values/1/why_null").asText()).contains("holds no value of 'note'");

        JsonNode back = sent(nodes.get(2), "/definitions/rollback", "{\"version\":" + before + "}");

        assertThat(back.path("version").asLong()).isEqualTo(before + 2);
        for (ApiCaller node : nodes) {
            assertThat(version(node)).isEqualTo(before + 2);
            for (long subject : subjects) {
                assertThat(node.onlineGlucose("cgm_activity_v3", subject)).isEqualTo((int) (subject % 100 + 40));
            }
            assertThat(node.post(
                                    "/get_online_features",
                                    "{'feature_service':'renamed','entities':[{'subject_id':870000}]}")
                            .statusCode())
                    .isEqualTo(404);
        }
    }

    @Test
    void windowsAreFilledFromHistoryAndReadingsAreCarriedWhenAViewChanges() {
        long durable = 871_001;
        long onlineOnly = 871_002;
        List<Long[]> readings = new ArrayList<>();
        for (long hour = 0; hour < 60; hour++) {
            readings.add(new Long[] {START + hour * HOUR, START + hour * HOUR, 300 - hour});
        }
        push(nodes.get(0), "online_and_offline", durable, readings);
        push(nodes.get(1), "online", onlineOnly, readings.subList(50, 60));
        nodes.get(2).posted("/materialize", "");
        String mean = "      - {function: mean, column: glucose, time_window: 15m}\n";
        String wider = changed(
                mean,
                mean + "      - {function: max, column: glucose, time_window: 2d}\n"
                        + "      - {function: count, column: units, time_window: 2d}\n",
                "    like: cgm_hourly_stats_fresh\n    tags",
                "    like: cgm_hourly_stats_fresh\n    schema: {units: DOUBLE, glucose: INT64, event_timestamp:"
                        + " UNIX_TIMESTAMP}\n    tags");

        JsonNode plan = sent(nodes.get(1), "/definitions/plan", request(wider, -1));

        JsonNode online = plan.path("online_store").get(0);
        assertThat(online.path("action").asText()).isEqualTo("reencode");
        assertThat(online.path("new_features").toString())
                .contains("units", "glucose_max_2d", "units_count_2d")
                .doesNotContain("glucose_mean_15m");
        assertThat(plan.at("/changes/0/details").findValuesAsText("field"))
                .contains("aggregations.glucose_max_2d", "schema.units");
        assertThat(plan.at("/feature_services_affected/0/columns_added").toString())
                .contains("glucose_max_2d:INT64");

        sent(nodes.get(1), "/definitions/apply", request(wider, -1));

        for (ApiCaller node : nodes) {
            JsonNode row = online(node, "cgm_windows_v1", durable);
            assertThat(row.at("/glucose_max_2d/0").asLong()).isEqualTo(300 - 60 + 48);
            assertThat(row.at("/glucose_count_24h/0").asLong()).isEqualTo(24);
            assertThat(row.at("/units_count_2d/0").asLong()).isZero();
            assertThat(windows(row)).isEqualTo(history(node, durable, START + 59 * HOUR));
            JsonNode carried = online(node, "cgm_windows_v1", onlineOnly);
            assertThat(carried.at("/glucose_count_24h/0").asLong()).isEqualTo(10);
            assertThat(carried.at("/glucose_max_2d/0").asLong()).isEqualTo(250);
        }
        push(nodes.get(2), "online", onlineOnly, List.of(new Long[][] {{START + 60 * HOUR, START + 60 * HOUR, 100L}}));
        assertThat(online(nodes.get(0), "cgm_windows_v1", onlineOnly)
                        .at("/glucose_count_24h/0")
                        .asLong())
                .isEqualTo(11);

        JsonNode narrower = sent(nodes.get(0), "/definitions/plan", "{}");
        assertThat(narrower.at("/feature_services_affected/0/breaking").asBoolean())
                .isTrue();
        nodes.get(0).posted("/setup", "");

        assertThat(online(nodes.get(1), "cgm_windows_v1", onlineOnly)
                        .at("/glucose_count_24h/0")
                        .asLong())
                .isEqualTo(11);
    }

    private static JsonNode history(ApiCaller node, long subject, long seconds) {
        return windows(node.posted(
                        "/get_historical_features",
                        "{'feature_service':'cgm_windows_v1','entities':[{'subject_id':" + subject
                                + ",'event_timestamp':" + seconds + "}]}")
                .get(0));
    }

    /** Windowed features by name, of a column or of a value each. */
    private static ObjectNode windows(JsonNode row) {
        ObjectNode windows = ApiCaller.JSON.createObjectNode();
        row.properties().forEach(feature -> {
            if (feature.getKey().startsWith("glucose_") || feature.getKey().startsWith("units_")) {
                windows.set(
                        feature.getKey(),
                        feature.getValue().isArray() ? feature.getValue().get(0) : feature.getValue());
            }
        });
        return windows;
    }

    @Test
    void ofAppliesOnThreeNodesAtOnceOneWinsAndTheOthersAreTold() throws Exception {
        long before = version(nodes.get(0));
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            List<Callable<HttpResponse<String>>> applies = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                ApiCaller node = nodes.get(i);
                String body = request(changed("ttl: 1d", "ttl: " + (i + 2) + "d"), before);
                applies.add(() -> node.send("POST", "/definitions/apply", "application/json", body));
            }
            List<HttpResponse<String>> answers = new ArrayList<>();
            for (Future<HttpResponse<String>> answer : threads.invokeAll(applies)) {
                answers.add(answer.get());
            }

            assertThat(answers).extracting(HttpResponse::statusCode).containsExactlyInAnyOrder(200, 409, 409);
            assertThat(answers)
                    .filteredOn(answer -> answer.statusCode() == 409)
                    .allSatisfy(answer -> assertThat(answer.body()).contains("plan again"));
            for (ApiCaller node : nodes) {
                assertThat(version(node)).isEqualTo(before + 1);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void anApplyReturnsWhenEveryNodeServesItAlsoWhileOneJoinsAndAfterItLeft() throws Exception {
        push(nodes.get(0), "online", 872_001, List.of(new Long[][] {{START, START, 99L}}));
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try {
            Future<GridNode> coming = threads.submit(() -> grid.add(Map.of()));
            int applies = 0;
            while (!coming.isDone() || applies < 2) {
                applied(applies++);
            }
            GridNode fourth = coming.get();
            assertThat(version(ready(fourth))).isEqualTo(version(nodes.get(0)));
            fourth.close();
            applied(applies);
        } finally {
            threads.shutdownNow();
        }
    }

    /** Applies another layout of a view on one of the nodes; all three serve it then. */
    private void applied(int apply) {
        String schema = apply % 2 == 0 ? "{event_timestamp: UNIX_TIMESTAMP, glucose: INT64}" : "{glucose: INT64}";
        String text = changed("schema: {glucose: INT64, event_timestamp: UNIX_TIMESTAMP}", "schema: " + schema)
                .replace("hour_utc(event_timestamp)", "subject_id % 24")
                .replace("day_of_week_mon0(event_timestamp)", "subject_id % 7")
                .replaceAll("(?s)\ntests:.*?\nfeature_services:", "\nfeature_services:");

        long version = sent(nodes.get(apply % 3), "/definitions/apply", request(text, -1))
                .path("version")
                .asLong();

        for (ApiCaller node : nodes) {
            assertThat(version(node)).isEqualTo(version);
            assertThat(node.onlineGlucose("cgm_activity_v3", 872_001)).isEqualTo(99);
        }
    }

    @Test
    void whatANodeLeftHalfDoneIsFinishedByAnother() {
        LocalService<OfflineStore> tier = new LocalService<>(grid.ignite(0), OfflineStore.NAME, OfflineStore.class);
        long before = version(nodes.get(0));
        RegistryDocument left = new RegistryDocument(
                before + 1,
                RegistryDocument.State.APPLIED,
                DefinitionFiles.read(Map.of("features.yaml", changed("ttl: 1d", "ttl: 9d"))),
                1);

        tier.get().meta().publish("registry", before + 1, left.text()); // and then the node died

        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            for (ApiCaller node : nodes) {
                assertThat(version(node)).isEqualTo(before + 1);
            }
        });
        assertThat(sent(nodes.get(1), "/definitions/plan", request(changed("ttl: 1d", "ttl: 9d"), -1))
                        .path("changed")
                        .asBoolean())
                .isFalse();
    }

    @Test
    void onlineEqualsHistoryForLateRepeatedCorrectedUnorderedAndMissingValues() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        for (long subject = 873_000; subject < 873_006; subject++) {
            List<Long[]> events = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                // Steps of 5 minutes put readings on the edges of all windows; a second beside them puts some next to
                // an edge.
                long at = START + random.nextInt(400) * 300L + (random.nextInt(10) == 0 ? random.nextInt(3) - 1 : 0);
                events.add(event(at, at + random.nextInt(3)));
            }
            for (int i = 0; i < 15; i++) { // corrections, and the same again
                Long[] known = events.get(random.nextInt(60));
                events.add(event(known[0], known[1] + 5 + i));
                events.add(events.get(random.nextInt(events.size())));
            }
            long latest = Long.MIN_VALUE;
            for (int from = 0; from < events.size(); ) {
                int to = Math.min(events.size(), from + 1 + random.nextInt(20));
                push(nodes.get(random.nextInt(3)), "online_and_offline", subject, events.subList(from, to));
                from = to;
            }
            for (Long[] event : events) {
                latest = Math.max(latest, event[0]);
            }
            JsonNode online = windows(online(nodes.get(random.nextInt(3)), "cgm_windows_v1", subject));
            NaiveDay naive = NaiveDay.of(events, latest);
            for (ApiCaller node : nodes) {
                assertThat(windows(online(node, "cgm_windows_v1", subject))).isEqualTo(online);
                assertThat(history(node, subject, latest)).isEqualTo(online);
            }
            assertThat(online.path("glucose_count_24h").asLong()).isEqualTo(naive.count());
            if (naive.count() > 0) {
                assertThat(online.path("glucose_mean_24h").asDouble()).isCloseTo(naive.mean(), within(1e-9));
            }
        }
    }

    /** The value follows from both times: of two that contradict each other nobody can tell the right one. */
    private static Long[] event(long at, long created) {
        long mixed = new Random(31 * at + created).nextLong(300);
        return new Long[] {at, created, mixed < 30 ? null : Long.valueOf(40 + mixed)};
    }

    /** Count and mean of the last 24 hours by their definition. */
    private record NaiveDay(long count, double mean) {
        static NaiveDay of(List<Long[]> events, long at) {
            Map<Long, Long[]> winners = new HashMap<>();
            for (Long[] event : events) {
                if (event[0] > at - 24 * HOUR && event[0] <= at) {
                    winners.merge(event[0], event, (a, b) -> b[1] >= a[1] ? b : a);
                }
            }
            double[] values = winners.values().stream()
                    .filter(event -> event[2] != null)
                    .mapToDouble(event -> event[2])
                    .toArray();
            return new NaiveDay(values.length, Arrays.stream(values).average().orElse(0));
        }
    }
}
