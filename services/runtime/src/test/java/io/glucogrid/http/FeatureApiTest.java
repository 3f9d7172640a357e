package io.glucogrid.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.glucogrid.api.Endpoint;
import io.glucogrid.api.GridApi;
import io.glucogrid.feature.FeatureStore;
import io.glucogrid.feature.FeatureTable;
import io.glucogrid.grid.LocalService;
import io.glucogrid.node.ApiCaller;
import io.glucogrid.node.TestNode;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.ignite.Ignite;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The feature API of one node, over real sockets. */
class FeatureApiTest {
    private static final String V3 = "cgm_activity_v3";
    private static final long SECONDS = 1_391_581_982L;

    @TempDir
    static Path work;

    private static Ignite ignite;
    private static ApiCaller api;

    @BeforeAll
    static void startNode() {
        ignite = new TestNode(work, "feature-api").start("feature-api");
        api = ApiCaller.ready(ignite);
    }

    @AfterAll
    static void stopNode() {
        ignite.close();
    }

    @Test
    void predictsFromOnlineFeatures() {
        api.push("online", 163_669_001, 1_738_601_222, 120);

        JsonNode record = api.posted("/predict", "{'entities':[{'subject_id':163669001}],'model':'v1'}")
                .get(0);

        assertThat(record.get("prediction").asDouble()).isEqualTo(104.7388606470258);
        assertThat(record.get("model").asText()).isEqualTo("v1@1");
        assertThat(record.at("/features/hour").asInt()).isEqualTo(16);
    }

    @Test
    void predictsFromHistoryWhereTheEntityHasATime() {
        JsonNode record = api.posted(
                        "/predict", "{'entities':[{'subject_id':163669001,'event_timestamp':" + SECONDS + "}]}")
                .get(0);

        assertThat(record.get("prediction").asDouble()).isEqualTo(103.5871450989212);
    }

    @Test
    void aPredictionWithoutInputsIsNullAndNotAnError() {
        JsonNode record =
                api.posted("/predict", "{'entities':[{'subject_id':4242}]}").get(0);

        assertThat(record.get("prediction").isNull()).isTrue();
    }

    @Test
    void anUnknownModelIsNotFound() {
        HttpResponse<String> answer = api.post("/predict", "{'entities':[{'subject_id':1}],'model':'v9'}");

        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body()).contains("Error predicting: model 'v9' does not exist");
    }

    @Test
    void listsAndActivatesModels() {
        assertThat(ApiCaller.json(api.get("/models")).at("/0/name").asText()).isEqualTo("v1");
        assertThat(api.posted("/models/v1/activate", "{'version':1}")
                        .get("active")
                        .asBoolean())
                .isTrue();
        assertThat(api.post("/models/v1/activate", "{'version':7}").statusCode())
                .isEqualTo(404);
    }

    @Test
    void trainingIsNotReadyWithoutATrainer() {
        assertThat(api.post("/models/train", "{}").statusCode()).isEqualTo(503);
    }

    @Test
    void readinessNamesTheStreams() {
        JsonNode ready = ApiCaller.json(api.get("/ready"));

        assertThat(ready.get("status").asText()).isEqualTo("ready");
        assertThat(ready.at("/streams/online").asText()).isEqualTo("starting");
    }

    @Test
    void aPauseIsOfTheStreamThatItNames() {
        HttpResponse<String> unknown = api.post("/streams/pause", "{'stream':'sideways'}");

        assertThat(unknown.statusCode()).isEqualTo(422);
        assertThat(unknown.body()).contains("there is no stream 'sideways'");
        assertThat(api.post("/streams/pause", "{'stream':'online'}").statusCode())
                .isEqualTo(200);
        assertThat(api.post("/streams/resume", "{'stream':'online'}").statusCode())
                .isEqualTo(200);
    }

    @Test
    void statusDescribesTheGrid() {
        api.push("offline", 1, SECONDS, 90);

        JsonNode status = ApiCaller.json(api.get("/status"));

        assertThat(status.at("/definitions/version").asInt()).isEqualTo(1);
        assertThat(status.at("/nodes/0/feature_api").asText())
                .isEqualTo(api.api().toString());
        assertThat(status.at("/tier/tables/0/table").asText()).isEqualTo("readings");
        assertThat(status.at("/tier/tables/0/rows").asInt()).isPositive();
    }

    @Test
    void metricsShowOurLatenciesAndThoseOfIgnite() {
        api.onlineGlucose(V3, 1);

        HttpResponse<String> answer = api.get("/metrics");

        assertThat(answer.headers().firstValue("content-type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
        assertThat(answer.body().lines())
                .anyMatch(line -> line.startsWith(
                        "glucogrid_http_requests_total{endpoint=\"/get_online_features\",status=\"200\"} "))
                .anyMatch(line -> line.startsWith("ignite_cache_CacheGets{cache=\"online-cgm_hourly_stats_fresh-"))
                .allMatch(line -> line.startsWith("#") || line.matches("[A-Za-z_0-9]+(\\{[^}]*\\})? \\S+"));
    }

    @Test
    void theLiveFeedArrivesAsServerSentEvents() throws Exception {
        HttpResponse<InputStream> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(api.api().resolve("/live")).build(),
                        HttpResponse.BodyHandlers.ofInputStream());

        assertThat(answer.headers().firstValue("content-type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/event-stream"));
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
            assertThat(lines.readLine()).isEqualTo("data:{\"path\":\"online\",\"n\":1}");
            assertThat(lines.readLine()).isEmpty();
            assertThat(lines.readLine()).isEqualTo("data:{\"path\":\"offline\",\"n\":2}");
        }
    }

    @Test
    void aBodyBeyondTheLimitIsRefused() throws Exception {
        byte[] large = "x".repeat(9 * 1024 * 1024).getBytes(StandardCharsets.UTF_8);

        assertThat(postedAlone("/get_online_features", HttpRequest.BodyPublishers.ofByteArray(large)))
                .isEqualTo(413);
    }

    @Test
    void aBodyBeyondTheLimitIsRefusedAlsoWhereItsLengthIsNotTold() throws Exception {
        byte[] large = "x".repeat(9 * 1024 * 1024).getBytes(StandardCharsets.UTF_8);

        assertThat(postedAlone(
                        "/predict", HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large))))
                .isEqualTo(413);
    }

    /** On a connection of its own: the client does not repeat a POST whose kept connection the server has just closed. */
    private static int postedAlone(String path, HttpRequest.BodyPublisher body) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(api.api().resolve(path)).POST(body).build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .statusCode();
    }

    @Test
    void tooManyEntitiesAreRefused() {
        String entities = String.join(",", Collections.nCopies(10_001, "{'subject_id':1}"));

        HttpResponse<String> answer =
                api.post("/get_online_features", "{'entities':[" + entities + "],'feature_service':'" + V3 + "'}");

        assertThat(answer.statusCode()).isEqualTo(413);
    }

    @Test
    void tenThousandEntitiesAreAnswered() {
        String entities = String.join(",", Collections.nCopies(10_000, "{'subject_id':77}"));

        JsonNode answer =
                api.posted("/get_online_features", "{'entities':[" + entities + "],'feature_service':'" + V3 + "'}");

        assertThat(answer.get("glucose")).hasSize(10_000);
    }

    @Test
    void deepNestingIsMalformedJsonAndNoCrash() {
        HttpResponse<String> answer = api.post("/get_online_features", "[".repeat(100_000));

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.body()).contains("json_invalid");
    }

    @Test
    void hugeExponentsAreRefusedAtOnce() {
        for (String number : List.of("1e999999999", "-1e999999999", "1e-999999999", "1e20", "1.5")) {
            HttpResponse<String> answer = api.post(
                    "/get_online_features",
                    "{'entities':[{'subject_id':" + number + "}],'feature_service':'" + V3 + "'}");

            assertThat(answer.statusCode()).as(number + " → " + answer.body()).isEqualTo(422);
        }
    }

    @Test
    void protocolErrorsSayWhatIsAllowed() {
        HttpResponse<String> wrongMethod = api.get("/push_stream_event");
        HttpResponse<String> slash = api.get("/ready/?a=b");

        assertThat(wrongMethod.statusCode()).isEqualTo(405);
        assertThat(wrongMethod.headers().firstValue("allow")).hasValue("POST");
        assertThat(slash.statusCode()).isEqualTo(307);
        assertThat(slash.headers().firstValue("location")).hasValue("/ready?a=b");
    }

    @Test
    void aMistypedServiceIsSuggested() {
        HttpResponse<String> answer =
                api.post("/get_online_features", "{'entities':[{'subject_id':1}],'feature_service':'cgm_activity_v4'}");

        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body()).contains("Error fetching online features: ").contains("did you mean");
    }

    @Test
    void aPushIsCheckedWholeBeforeAnythingIsStored() {
        HttpResponse<String> answer = api.post(
                "/push_stream_event",
                "{'push_source_name':'cgm_stats_push_source','store_type':'online_and_offline',"
                        + "'event':{'event_timestamp':" + SECONDS + ",'subject_id':555,'glucose':true}}");

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(api.onlineGlucose(V3, 555)).isNull();
    }

    @Test
    void aPushOfATimeFarAheadIsRefusedBecauseItWouldBeTheLatestForEver() {
        String event = "{'push_source_name':'cgm_stats_push_source','store_type':'online',"
                + "'event':{'subject_id':5551,'glucose':100,%s}}";

        HttpResponse<String> answer =
                api.post("/push_stream_event", String.format(event, "'event_timestamp':'2999-01-01T00:00:00Z'"));
        HttpResponse<String> created = api.post(
                "/push_stream_event",
                String.format(event, "'event_timestamp':" + SECONDS + ",'created':'2999-01-01T00:00:00Z'"));

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.body()).contains("event_timestamp", "more than a year ahead");
        assertThat(created.statusCode()).isEqualTo(422);
        assertThat(api.onlineGlucose(V3, 5551)).isNull();
    }

    @Test
    void aPushWithAPredictionThatCannotBeIsRefusedBeforeAnythingIsStored() {
        String request = "{'push_source_name':'cgm_stats_push_source','store_type':'online',"
                + "'event':{'event_timestamp':" + SECONDS + ",'subject_id':5552,'glucose':100},%s}";

        HttpResponse<String> model = api.post("/push_and_predict", String.format(request, "'model':'none'"));
        HttpResponse<String> service =
                api.post("/push_and_predict", String.format(request, "'feature_service':'none'"));

        assertThat(model.statusCode()).isEqualTo(404);
        assertThat(service.statusCode()).isEqualTo(404);
        assertThat(api.onlineGlucose(V3, 5552)).isNull();
    }

    @Test
    void aPushMayNameItsSubjectAsAnyPushMayAndIsPredictedFrom() {
        JsonNode answer = api.posted(
                "/push_and_predict",
                "{'push_source_name':'cgm_stats_push_source','store_type':'online','model':'v1',"
                        + "'event':{'event_timestamp':" + SECONDS + ",'subject_id':5553.0,'glucose':100}}");

        assertThat(answer.at("/predictions/0/features/subject_id").asLong()).isEqualTo(5553);
    }

    @Test
    void aPushToBothStoresIsReadFromBoth() {
        api.push("online_and_offline", 556, SECONDS, 101);

        assertThat(api.onlineGlucose(V3, 556)).isEqualTo(101);
        JsonNode history = api.posted(
                "/get_historical_features",
                "{'features':['cgm_hourly_stats:glucose'],'entities':[{'subject_id':556,'event_timestamp':" + SECONDS
                        + "}]}");
        assertThat(history.at("/0/glucose").asInt()).isEqualTo(101);
    }

    @Test
    void fullNamesTellFeaturesOfOneNameApart() {
        api.push("offline", 557, SECONDS, 102);

        JsonNode record = api.posted(
                        "/get_historical_features",
                        "{'features':['cgm_hourly_stats:glucose','cgm_hourly_stats_fresh:glucose'],"
                                + "'full_feature_names':true,'entities':[{'subject_id':557,'event_timestamp':" + SECONDS
                                + "}]}")
                .get(0);

        assertThat(record.get("cgm_hourly_stats__glucose").asInt()).isEqualTo(102);
        assertThat(record.get("cgm_hourly_stats_fresh__glucose").asInt()).isEqualTo(102);
    }

    @Test
    void aHistoricalReadTakesAServiceInPlaceOfFeatures() {
        api.push("offline", 558, SECONDS, 103);

        JsonNode record = api.posted(
                        "/get_historical_features",
                        "{'feature_service':'cgm_activity_v1','entities':[{'subject_id':558,'event_timestamp':"
                                + (SECONDS + 86_400) + "}]}")
                .get(0);

        assertThat(record.get("glucose").asInt()).isEqualTo(103);
        assertThat(record.get("event_timestamp__").asText()).isEqualTo("2014-02-05T06:33:02+00:00");
    }

    @Test
    void raggedEntitiesAreRefused() {
        HttpResponse<String> answer = api.post(
                "/get_historical_features",
                "{'features':['cgm_hourly_stats:glucose'],'entities':[{'subject_id':1,'event_timestamp':1},"
                        + "{'subject_id':1,'event_timestamp':1,'x':2}]}");

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.body()).contains("entity 1 has other columns than the first");
    }

    @Test
    void materializeCountsInHeaders() {
        api.push("offline", 559, SECONDS, 104);

        HttpResponse<String> answer = api.post("/materialize", "");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("x-materialized-views")).hasValue("3");
        assertThat(answer.headers().firstValueAsLong("x-materialized-rows")).isPresent();
        assertThat(api.onlineGlucose("cgm_activity_v1", 559)).isEqualTo(104);
    }

    @Test
    void theGridServiceAnswersTheSameJson() {
        api.push("online", 560, SECONDS, 105);
        GridApi door = ignite.services().serviceProxy(GridApi.NAME, GridApi.class, false);

        assertThat(door.getOnlineFeatures(
                        "{\"entities\":[{\"subject_id\":560}],\"feature_service\":\"cgm_activity_v3\"}"))
                .isEqualTo("{\"subject_id\":[560],\"glucose\":[105],\"event_timestamp\":"
                        + "[\"2014-02-05T06:33:02+00:00\"],\"dayofweek\":[2],\"hour\":[6]}");
    }

    @Test
    void aComputeTaskAnswersMapsAndNotTexts() {
        api.push("online", 561, SECONDS, 106);

        Object answer = ignite.compute()
                .execute(
                        "io.glucogrid.rest.GetOnlineFeatures",
                        "{\"entities\":[{\"subject_id\":561}],\"feature_service\":\"cgm_activity_v3\"}");

        assertThat(answer).isInstanceOfSatisfying(Map.class, map -> assertThat(map.get("glucose"))
                .isEqualTo(List.of(106L)));
    }

    @Test
    void aComputeTaskAnswersErrorsAsAMap() {
        Object answer = ignite.compute().execute("io.glucogrid.rest.GetOnlineFeatures", "{}");

        assertThat(answer).isInstanceOfSatisfying(Map.class, map -> {
            assertThat(map.get("status")).isEqualTo(422);
            assertThat(map.get("code")).isEqualTo("INVALID_REQUEST");
        });
    }

    @Test
    void typedReadsServeTheStreams() {
        api.push("online_and_offline", 562, SECONDS, 107);
        FeatureStore store = new LocalService<>(ignite, FeatureStore.NAME, FeatureStore.class).get();
        List<Object[]> entities = List.<Object[]>of(new Object[] {562L});

        FeatureTable online = store.online(V3, entities, Duration.ofSeconds(2));
        FeatureTable historical =
                store.historical("cgm_activity_v1", entities, new long[] {SECONDS * 1_000_000}, Duration.ofSeconds(2));

        assertThat(online.names()).containsExactly("subject_id", "glucose", "event_timestamp", "dayofweek", "hour");
        assertThat(online.rows()[0]).containsExactly(562L, 107L, SECONDS * 1_000_000, 2, 6);
        assertThat(historical.rows()[0]).containsExactly(562L, 107L, SECONDS * 1_000_000, 2, 6);
    }

    @Test
    void aTakenPortLeavesTheNodeWithoutTheApiAndSaysWhy() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            TestNode node = new TestNode(work, "taken").with("GRID_HTTP_PORT", String.valueOf(taken.getLocalPort()));
            try (Ignite other = node.start("taken")) {
                LocalService<FeatureStore> store = new LocalService<>(other, FeatureStore.NAME, FeatureStore.class);
                Awaitility.await().atMost(Duration.ofSeconds(20)).until(store::isReady);

                assertThat(new LocalService<>(other, Endpoint.NAME, Endpoint.class).isReady())
                        .isFalse();
            }
        }
    }

    @Test
    void aTakenPortIsPassedWhereARangeIsAllowed() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            TestNode node = new TestNode(work, "range")
                    .with("GRID_HTTP_PORT", String.valueOf(taken.getLocalPort()))
                    .with("GRID_HTTP_PORTS", "20");
            try (Ignite other = node.start("range")) {
                assertThat(TestNode.api(other).getPort()).isGreaterThan(taken.getLocalPort());
            }
        }
    }

    @Test
    void aMalformedBodyIsNeverTakenForNone() {
        for (String path : List.of("/materialize", "/models/train", "/models/v1/activate", "/definitions/apply")) {
            assertThat(api.post(path, "{'feature_views':['cgm_hourly").body()).contains("json_invalid");
            assertThat(api.post(path, "['cgm_hourly_stats']").body()).contains("dict_type");
        }
    }

    @Test
    void aFlagThatIsNeitherTrueNorFalseIsRefused() {
        assertThat(api.post("/materialize", "{'full':'yes'}").body()).contains("'full' must be true or false");
        assertThat(api.post(
                                "/get_online_features",
                                "{'entities':[{'subject_id':1}],'features':['cgm_hourly_stats:glucose'],"
                                        + "'full_feature_names':'true'}")
                        .body())
                .contains("'full_feature_names' must be true or false");
    }

    @Test
    void aSpanThatEndsBeforeItBeginsIsRefused() {
        HttpResponse<String> answer =
                api.post("/materialize", "{'full':false,'start_ts':'2026-01-01','end_ts':'2020-01-01'}");

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.body())
                .isEqualTo("{\"detail\":\"Error materializing features: 'start_ts' is after 'end_ts'\"}");
    }

    @Test
    void howOldMaterializedValuesAreIsAMetricOfFeasts() {
        api.posted("/materialize", "");

        assertThat(api.get("/metrics").body().lines())
                .filteredOn(line -> line.startsWith("feast_feature_freshness_seconds{feature_view=\"cgm_hourly_stats\","
                        + "project=\"cgm_ignite_feast_kafka\"} "))
                .singleElement()
                .satisfies(line -> assertThat(Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                        .isBetween(0.0, 60.0));
    }

    @Test
    void longJoinsThatAreStillBeingSentDoNotHoldUpThoseThatRun() throws Exception {
        List<Wire> senders = new ArrayList<>();
        try {
            for (int i = 0; i < 4; i++) {
                senders.add(
                        Wire.to(api.api())
                                .send(
                                        "POST /get_historical_features HTTP/1.1\r\nHost: test\r\nContent-Length: 900000\r\n\r\n{"));
            }
            Awaitility.await().until(() -> api.get("/metrics")
                    .body()
                    .lines()
                    .filter(line -> line.startsWith("glucogrid_http_active_requests "))
                    .anyMatch(line -> Integer.parseInt(line.split(" ", 2)[1]) >= 5));
            String row = "{'subject_id':1,'event_timestamp':1,'note':'" + "x".repeat(20_000) + "'}";

            assertThat(api.posted(
                            "/get_historical_features",
                            "{'features':['cgm_hourly_stats:glucose'],'entities':["
                                    + String.join(",", Collections.nCopies(20, row)) + "]}"))
                    .hasSize(20);
        } finally {
            for (Wire sender : senders) {
                sender.close();
            }
        }
    }
}
