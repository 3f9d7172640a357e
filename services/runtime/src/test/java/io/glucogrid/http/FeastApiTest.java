package io.glucogrid.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.glucogrid.node.ApiCaller;
import io.glucogrid.node.TestNode;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.apache.ignite.Ignite;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients of Feast's feature server send, and what they make of the answers. */
class FeastApiTest {
    private static final long SECONDS = 1_391_581_982L;
    private static final String EPOCH = "1970-01-01T00:00:00Z";

    @TempDir
    static Path work;

    private static Ignite ignite;
    private static ApiCaller api;

    @BeforeAll
    static void startNode() throws Exception {
        Path definitions = work.resolve("features.yaml");
        String views = ""
                + "  served: {like: cgm_hourly_stats_fresh, online_ttl: serve}\n"
                + "  reported: {like: cgm_hourly_stats_fresh, online_ttl: report}\n"
                + "  hidden: {like: cgm_hourly_stats_fresh, online_ttl: hide}\n\n";
        Files.writeString(
                definitions,
                Files.readString(TestNode.definitions())
                        .replace("on_demand_feature_views:", views + "on_demand_feature_views:"));
        ignite = new TestNode(work, "feast-api")
                .with("GRID_FEATURES", definitions.toString())
                .start("feast-api");
        api = ApiCaller.ready(ignite);
    }

    @AfterAll
    static void stopNode() {
        ignite.close();
    }

    private static JsonNode online(String body) {
        return api.posted("/get-online-features", body);
    }

    private static JsonNode error(HttpResponse<String> answer) throws Exception {
        JsonNode text = ApiCaller.json(answer);
        assertThat(text.isTextual()).as(answer.body()).isTrue();
        JsonNode error = ApiCaller.JSON.readTree(text.asText());
        assertThat(error.get("module").asText()).isEqualTo("feast.errors");
        return error;
    }

    @Test
    void anOnlineReadAnswersOneVectorPerFeature() throws Exception {
        long now = Instant.now().getEpochSecond();
        api.push("online", 801, now, 120);

        JsonNode answer = online("{'entities':{'subject_id':[801,802]},'feature_service':'cgm_activity_v3',"
                + "'full_feature_names':false,'include_feature_view_version_metadata':false}");

        assertThat(answer.at("/metadata/feature_names"))
                .isEqualTo(ApiCaller.JSON.readTree(
                        "[\"subject_id\",\"glucose\",\"event_timestamp\",\"dayofweek\",\"hour\"]"));
        String rowTime = Instant.ofEpochSecond(now).toString();
        assertThat(answer.at("/results/0").toString())
                .isEqualTo("{\"values\":[801,802],\"statuses\":[\"PRESENT\",\"PRESENT\"],\"event_timestamps\":[\""
                        + EPOCH + "\",\"" + EPOCH + "\"]}");
        assertThat(answer.at("/results/1").toString())
                .isEqualTo("{\"values\":[120,null],\"statuses\":[\"PRESENT\",\"NOT_FOUND\"],\"event_timestamps\":[\""
                        + rowTime + "\",\"" + EPOCH + "\"]}");
        assertThat(answer.at("/results/2/values/0").asLong()).isEqualTo(now);
        assertThat(answer.at("/results/3/statuses").toString()).isEqualTo("[\"PRESENT\",\"PRESENT\"]");
        assertThat(answer.at("/results/3/values/1").isNull()).isTrue();
    }

    @Test
    void featuresOfSeveralViewsAreReadWithFullNames() {
        api.push("online", 803, SECONDS, 90);

        JsonNode answer = online("{'entities':{'subject_id':[803]},'full_feature_names':true,'features':["
                + "'cgm_hourly_stats_fresh:glucose','cgm_hourly_stats:glucose','transformed_timestamp_fresh:hour']}");

        assertThat(answer.at("/metadata/feature_names").toString())
                .isEqualTo("[\"subject_id\",\"cgm_hourly_stats_fresh__glucose\",\"cgm_hourly_stats__glucose\","
                        + "\"transformed_timestamp_fresh__hour\"]");
        assertThat(answer.at("/results/1/values/0").asInt()).isEqualTo(90);
        assertThat(answer.at("/results/2/statuses/0").asText()).isEqualTo("NOT_FOUND");
        assertThat(answer.at("/results/3/values/0").asInt()).isEqualTo(6);
    }

    @Test
    void aServiceHasFullNamesToo() {
        JsonNode answer = online(
                "{'entities':{'subject_id':[1]},'feature_service':'cgm_activity_v3'," + "'full_feature_names':true}");

        assertThat(answer.at("/metadata/feature_names/1").asText()).isEqualTo("cgm_hourly_stats_fresh__glucose");
        assertThat(answer.at("/metadata/feature_names/4").asText()).isEqualTo("transformed_timestamp_fresh__hour");
    }

    @Test
    void aStaleValueIsServedWithItsStatusUnlessTheViewSaysOtherwise() {
        api.push("online", 804, SECONDS, 91);

        JsonNode answer = online("{'entities':{'subject_id':[804]},'full_feature_names':true,'features':["
                + "'cgm_hourly_stats_fresh:glucose','served:glucose','reported:glucose','hidden:glucose']}");

        assertThat(List.of(1, 2, 3, 4))
                .extracting(i -> answer.at("/results/" + i + "/values/0") + " "
                        + answer.at("/results/" + i + "/statuses/0").asText())
                .containsExactly("91 OUTSIDE_MAX_AGE", "91 PRESENT", "91 OUTSIDE_MAX_AGE", "null OUTSIDE_MAX_AGE");
    }

    @Test
    void theReferenceEndpointFollowsTheViewsToo() {
        api.push("online", 805, SECONDS, 92);

        HttpResponse<String> answer = api.post(
                "/get_online_features",
                "{'entities':[{'subject_id':805}],'full_feature_names':true,'features':["
                        + "'cgm_hourly_stats_fresh:glucose','served:glucose','reported:glucose','hidden:glucose']}");

        assertThat(answer.body())
                .isEqualTo("{\"subject_id\":[805],\"cgm_hourly_stats_fresh__glucose\":[92],\"served__glucose\":[92],"
                        + "\"reported__glucose\":[92],\"hidden__glucose\":[null]}");
        assertThat(answer.headers().firstValue("x-outside-max-age")).hasValue("reported__glucose=1");
    }

    @Test
    void aNullValueSaysSo() {
        api.posted(
                "/push_stream_event",
                "{'push_source_name':'cgm_stats_push_source','store_type':'online','event':{'event_timestamp':"
                        + Instant.now().getEpochSecond() + ",'subject_id':806,'glucose':null}}");

        JsonNode answer = online("{'entities':{'subject_id':[806]},'features':['cgm_hourly_stats_fresh:glucose']}");

        assertThat(answer.at("/results/1/statuses/0").asText()).isEqualTo("NULL_VALUE");
    }

    @Test
    void oldClientsSendJsonWithoutSayingSo() {
        HttpResponse<String> answer = api.send(
                "POST",
                "/get-online-features",
                "text/plain",
                "{\"entities\":{\"subject_id\":[1]},\"features\":[\"cgm_hourly_stats_fresh:glucose\"]}");

        assertThat(answer.statusCode()).isEqualTo(200);
    }

    @Test
    void aPushStoresWholeFramesAndAnswersNothing() {
        HttpResponse<String> answer = api.post(
                "/push",
                "{'push_source_name':'cgm_stats_push_source','df':{'subject_id':[807,808],"
                        + "'event_timestamp':['2014-02-05T06:33:02','2014-02-05T06:33:02.250000'],'glucose':[100,101],"
                        + "'created':['2014-02-05T06:33:02','2014-02-05T06:33:02']},"
                        + "'to':'online_and_offline','allow_registry_cache':true,'transform_on_write':true}");

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).isEmpty();
        JsonNode read = online("{'entities':{'subject_id':[807,808]},'features':['cgm_hourly_stats_fresh:glucose']}");
        assertThat(read.at("/results/1/values").toString()).isEqualTo("[100,101]");
        assertThat(read.at("/results/1/event_timestamps").toString())
                .isEqualTo("[\"2014-02-05T06:33:02Z\",\"2014-02-05T06:33:02.250Z\"]");
    }

    @Test
    void theDoubledColumnOfAClientsWriteIsTakenApart() {
        HttpResponse<String> answer = api.post(
                "/write-to-online-store",
                "{'feature_view_name':'cgm_hourly_stats','df':{'subject_id':[809,810],'glucose':[110,111],"
                        + "'event_timestamp':[1391581982,'2014-02-05T06:33:02',1391581983,'2014-02-05T06:33:03'],"
                        + "'created':['2014-02-05T06:33:02','2014-02-05T06:33:02']},"
                        + "'allow_registry_cache':true,'transform_on_write':true}");

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("null");
        JsonNode read = online("{'entities':{'subject_id':[809,810]},'features':['cgm_hourly_stats:glucose',"
                + "'cgm_hourly_stats:event_timestamp']}");
        assertThat(read.at("/results/1/values").toString()).isEqualTo("[110,111]");
        assertThat(read.at("/results/2/values").toString()).isEqualTo("[1391581982,1391581983]");
        assertThat(api.onlineGlucose("cgm_activity_v3", 809)).isNull();
    }

    @Test
    void aFrameIsCheckedWholeBeforeAnyRowIsStored() throws Exception {
        HttpResponse<String> answer = api.post(
                "/push",
                "{'push_source_name':'cgm_stats_push_source','df':{'subject_id':[811,812],"
                        + "'event_timestamp':[1391581982,1391581982],'glucose':[100,'x']},'to':'online_and_offline'}");

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(error(answer).get("message").asText()).contains("event 1", "glucose");
        assertThat(api.onlineGlucose("cgm_activity_v3", 811)).isNull();
    }

    @Test
    void aRangeIsMaterialized() {
        api.push("offline", 813, SECONDS, 100);
        api.push("offline", 813, SECONDS + 600, 101);

        HttpResponse<String> answer = api.post(
                "/materialize",
                "{'start_ts':'2014-02-05T06:00:00','end_ts':'2014-02-05T06:40:00','feature_views':['cgm_hourly_stats']}");

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("null");
        assertThat(api.onlineGlucose("cgm_activity_v1", 813)).isEqualTo(100);

        assertThat(api.post("/materialize-incremental", "{'end_ts':'2026-01-01T00:00:00+00:00'}")
                        .body())
                .isEqualTo("null");
        assertThat(api.onlineGlucose("cgm_activity_v1", 813)).isEqualTo(101);
    }

    @Test
    void aBackgroundLoadIsAcceptedAndHappens() {
        api.push("offline", 814, SECONDS, 102);

        HttpResponse<String> answer = api.post(
                "/materialize?async=true&force=true",
                "{'start_ts':'2014-02-05T06:00:00','end_ts':'2014-02-05T06:40:00','feature_views':['cgm_hourly_stats']}");

        assertThat(answer.statusCode()).isEqualTo(202);
        assertThat(answer.body()).isEqualTo("{\"status\":\"accepted\",\"feature_views\":[\"cgm_hourly_stats\"]}");
        Awaitility.await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertThat(
                        api.onlineGlucose("cgm_activity_v1", 814))
                .isEqualTo(102));
    }

    @Test
    void mistakesAreErrorsThatAClientCanRaise() throws Exception {
        String entities = "{'entities':{'subject_id':[1]},";

        HttpResponse<String> service =
                api.post("/get-online-features", entities + "'feature_service':'cgm_activity_v9'}");
        assertThat(service.statusCode()).isEqualTo(404);
        assertThat(error(service).get("class").asText()).isEqualTo("FeatureServiceNotFoundException");

        HttpResponse<String> view = api.post("/get-online-features", entities + "'features':['nope:glucose']}");
        assertThat(view.statusCode()).isEqualTo(404);
        assertThat(error(view).get("class").asText()).isEqualTo("FeatureViewNotFoundException");

        HttpResponse<String> source =
                api.post("/push", "{'push_source_name':'nope','df':{'subject_id':[1]},'to':'online'}");
        assertThat(source.statusCode()).isEqualTo(422);
        assertThat(error(source).get("class").asText()).isEqualTo("PushSourceNotFoundException");

        HttpResponse<String> to = api.post(
                "/push", "{'push_source_name':'cgm_stats_push_source','df':{'subject_id':[1]},'to':'nowhere'}");
        assertThat(to.statusCode()).isEqualTo(422);
        assertThat(error(to).get("class").asText()).isEqualTo("FeastError");

        assertThat(api.post("/materialize", "{'end_ts':'then'}").statusCode()).isEqualTo(422);
        assertThat(api.post("/materialize", "{'end_ts':'2026-01-01','feature_views':['nope']}")
                        .statusCode())
                .isEqualTo(404);
        assertThat(api.post("/materialize-incremental", "").body()).contains("\"missing\"");
    }

    @Test
    void noUnusableEntitiesGetThrough() {
        for (String entities : List.of(
                "{}",
                "[]",
                "{'subject_id':[]}",
                "{'subject_id':1}",
                "{'subject_id':[null]}",
                "{'subject':[1]}",
                "{'subject_id':[1,2],'x':[1]}",
                "{'subject_id':[1],'x':[1]}",
                "{'subject_id':[true]}")) {
            HttpResponse<String> answer = api.post(
                    "/get-online-features", "{'entities':" + entities + ",'feature_service':'cgm_activity_v3'}");
            assertThat(answer.statusCode()).as(entities + " → " + answer.body()).isEqualTo(422);
        }
        String many = String.join(",", Collections.nCopies(10_001, "1"));
        assertThat(api.post(
                                "/get-online-features",
                                "{'entities':{'subject_id':[" + many + "]},'feature_service':'cgm_activity_v3'}")
                        .statusCode())
                .isEqualTo(413);
    }

    @Test
    void healthIsAnEmptyAnswer() {
        HttpResponse<String> answer = api.get("/health");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEmpty();
    }

    @Test
    void metricsBearFeastsNames() {
        api.push("online", 815, SECONDS, 100);
        online("{'entities':{'subject_id':[815,816]},'features':['cgm_hourly_stats_fresh:glucose']}");
        api.post(
                "/push",
                "{'push_source_name':'cgm_stats_push_source','df':{'subject_id':[815],'event_timestamp':[1391581982],"
                        + "'glucose':[100]},'to':'online'}");
        api.post("/materialize-incremental", "{'end_ts':'2026-01-01'}");

        assertThat(api.get("/metrics").body().lines())
                .anyMatch(line ->
                        line.startsWith("feast_feature_server_request_total{endpoint=\"/push\",status=\"success\"} "))
                .anyMatch(line -> line.startsWith("feast_online_features_request_total "))
                .anyMatch(line -> line.startsWith("feast_online_features_entity_count_bucket{le=\"5.0\"} "))
                .anyMatch(
                        line -> line.startsWith(
                                "feast_online_features_status_total{feature_view=\"cgm_hourly_stats_fresh\",status=\"not_found\"} "))
                .anyMatch(line -> line.startsWith(
                        "feast_push_request_total{push_source=\"cgm_stats_push_source\",mode=\"online\"} "))
                .anyMatch(line -> line.startsWith(
                        "feast_materialization_result_total{feature_view=\"cgm_hourly_stats\",status=\"success\"} "))
                .anyMatch(line -> line.startsWith(
                        "feast_materialization_duration_seconds_count{feature_view=\"cgm_hourly_stats\"} "))
                .anyMatch(
                        line -> line.startsWith(
                                "feast_feature_server_request_latency_seconds_bucket{endpoint=\"/get-online-features\",le=\"+Inf\"} "));
    }

    @Test
    void aBatchOfEventsIsCheckedWholeAndStored() {
        String batch = "{'push_source_name':'cgm_stats_push_source','store_type':'online_and_offline','events':["
                + "{'event_timestamp':1391581982,'subject_id':820,'glucose':100},"
                + "{'event_timestamp':1391581983,'subject_id':820,'glucose':101},"
                + "{'event_timestamp':1391581981,'subject_id':820,'glucose':%s}]}";

        HttpResponse<String> refused = api.post("/push_stream_event", batch.formatted("true"));
        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(refused.body()).contains("event 2");
        assertThat(api.onlineGlucose("cgm_activity_v3", 820)).isNull();

        assertThat(api.post("/push_stream_event", batch.formatted("99")).statusCode())
                .isEqualTo(200);
        assertThat(api.onlineGlucose("cgm_activity_v3", 820)).isEqualTo(101);
        assertThat(api.posted(
                                "/get_historical_features",
                                "{'features':['cgm_hourly_stats:glucose'],'entities':[{'subject_id':820,"
                                        + "'event_timestamp':1391581981}]}")
                        .at("/0/glucose")
                        .asInt())
                .isEqualTo(99);
    }
}
