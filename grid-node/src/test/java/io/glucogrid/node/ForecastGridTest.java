package io.glucogrid.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.api.GridApi;
import io.glucogrid.cgm.Cgm;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import io.glucogrid.client.ThinGrid;
import io.glucogrid.grid.Caches;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Forecasters through every door of three real nodes. */
@ExtendWith(ThreeNodes.class)
class ForecastGridTest {
    private static final long START = 1_600_000_000;
    private static final int SLOT = 300;
    private static final int READINGS = 450;
    private static final long[] SUBJECTS = {880_001, 880_002, 880_003, 880_004};

    @Test
    void forecastersAreTrainedServedAndFedThroughEveryDoor(TestGrid grid) throws Exception {
        for (int i = 0; i < 3; i++) {
            ApiClient api = api(grid, i);
            await().atMost(Duration.ofSeconds(60)).until(api::ready);
        }
        for (long subject : SUBJECTS) {
            for (int from = 0; from < READINGS; from += 150) {
                api(grid, 0).post("/push_stream_event", push(subject, from, 150));
            }
        }

        JsonNode trained = api(grid, 1)
                .within(Duration.ofMinutes(2))
                .post("/models/train", Json.object().put("kind", "v4"))
                .body();
        assertThat(trained.path("version").asInt()).isPositive();
        assertThat(trained.path("subjects").asInt()).isGreaterThanOrEqualTo(4);

        ObjectNode question = Json.object().put("model", "v4");
        ArrayNode entities = question.putArray("entities");
        for (long subject : SUBJECTS) {
            entities.addObject().put(Cgm.SUBJECT, subject);
        }
        JsonNode forecasts = api(grid, 0).post("/predict", question).body();
        assertThat(forecasts).hasSize(4);
        for (JsonNode forecast : forecasts) {
            assertThat(forecast.path("model").asText()).startsWith("v4@");
            assertThat(forecast.path("forecast")).hasSize(3);
            assertThat(forecast.at("/forecast/1/minutes").asInt()).isEqualTo(30);
            assertThat(forecast.at("/forecast/1/level").asText()).isEqualTo("personal");
            assertThat(forecast.at("/risk/below_70_within_30_min").asDouble()).isBetween(0.0, 1.0);
        }
        for (int i = 0; i < 3; i++) {
            assertThat(api(grid, i).post("/predict", question).body()).isEqualTo(forecasts);
            assertThat(rest(grid, i, "io.glucogrid.rest.Predict", Json.text(question)))
                    .isEqualTo(forecasts);
            try (ThinGrid thin =
                    ThinGrid.connect(List.of("127.0.0.1:" + grid.node(i).info().thinPort()), Duration.ofSeconds(20))) {
                assertThat(thin.call(GridApi::predict, question)).isEqualTo(forecasts);
            }
        }

        JsonNode next = api(grid, 2)
                .post("/push_and_predict", push(SUBJECTS[0], READINGS, 1).put("path", true))
                .body();
        assertThat(next.at("/predictions/0/event_timestamp").asText())
                .isGreaterThan(forecasts.at("/0/event_timestamp").asText());
        assertThat(next.at("/predictions/0/forecast")).hasSize(12);
        JsonNode first = api(grid, 2)
                .post("/push_and_predict", push(SUBJECTS[0], READINGS + 1, 1).put("model", "v1@1"))
                .body();
        assertThat(first.at("/predictions/0/model").asText()).isEqualTo("v1@1");

        assertThat(api(grid, 0).get("/models").body().toString()).contains("\"kind\":\"v4\"", "\"name\":\"v1\"");
        assertThat(api(grid, 0).get("/models/v4/export").body().at("/model/horizons"))
                .hasSize(12);
        assertThat(get(grid, "/metrics")).contains("glucogrid_forecasts_skew_compared");

        ObjectNode point =
                Json.object().put(Cgm.SUBJECT, SUBJECTS[1]).put("low", 0).put("high", 1);
        assertThat(api(grid, 0)
                        .post("/operating_points", point)
                        .body()
                        .at("/0/low")
                        .asDouble())
                .isZero();
        JsonNode warned = api(grid, 2).post("/predict", question).body();
        assertThat(warned.at("/1/risk/warns_of_low").asBoolean()).isTrue();
        assertThat(warned.at("/0/risk/warns_of_low").asBoolean()).isFalse();

        ObjectNode other = Json.object().put(Cgm.SUBJECT, SUBJECTS[2]).put("low", 0.25);
        try (ThinGrid thin =
                ThinGrid.connect(List.of("127.0.0.1:" + grid.node(1).info().thinPort()), Duration.ofSeconds(20))) {
            assertThat(thin.call(GridApi::operatingPoints, other)).hasSize(2);
        }
        JsonNode points = rest(grid, 2, "io.glucogrid.rest.OperatingPoints", "{}");
        assertThat(points).isEqualTo(api(grid, 0).get("/operating_points").body());
        assertThat(points.at("/1/low").asDouble()).isEqualTo(0.25);
        other.remove("low");
        assertThat(rest(grid, 0, "io.glucogrid.rest.OperatingPoints", Json.text(other.put("remove", true))))
                .hasSize(1);

        JsonNode old = api(grid, 1)
                .post("/models/train", Json.object().put("kind", "v4").put("from_sums", true))
                .body();
        String id = "v4@" + old.path("version").asInt();
        assertThat(rest(
                                grid,
                                2,
                                "io.glucogrid.rest.RemoveModel",
                                Json.text(Json.object().put("model", id)))
                        .at("/removed/0")
                        .asText())
                .isEqualTo(id);
        for (JsonNode model : api(grid, 0).get("/models").body()) {
            assertThat(model.path("name").asText() + "@" + model.path("version").asInt())
                    .isNotEqualTo(id);
        }
        assertThatThrownBy(() ->
                        api(grid, 0).post("/models/v4/remove", Json.object().put("keep", -9_000_000_000L)))
                .hasMessageContaining("at least one version must stay");

        ObjectNode forgotten = Json.object();
        forgotten.putObject("entity").put(Cgm.SUBJECT, SUBJECTS[3]);
        assertThat(api(grid, 1)
                        .post("/forget", forgotten)
                        .body()
                        .path("derived_rows")
                        .asInt())
                .isEqualTo(1);
        JsonNode after = api(grid, 2).post("/predict", question).body();
        assertThat(after.at("/3/forecast")).isEmpty();
        assertThat(after.at("/2/forecast")).hasSize(3);
    }

    @Test
    void aTeardownLeavesNothingOfAnySubjectToForecastFrom(TestGrid grid) {
        await().atMost(Duration.ofSeconds(60)).until(api(grid, 0)::ready);
        for (long subject = 880_011; subject < 880_015; subject++) {
            for (int from = 0; from < READINGS; from += 150) {
                api(grid, 0).post("/push_stream_event", push(subject, from, 150));
            }
        }
        api(grid, 1)
                .within(Duration.ofMinutes(2))
                .post("/models/train", Json.object().put("kind", "v3"));
        api(grid, 0)
                .post(
                        "/operating_points",
                        Json.object().put(Cgm.SUBJECT, 880_011).put("low", 0).put("high", 1));
        ObjectNode question = Json.object().put("model", "v3");
        question.putArray("entities").addObject().put(Cgm.SUBJECT, 880_011);
        assertThat(api(grid, 2)
                        .post("/predict", question)
                        .body()
                        .at("/0/forecast/1/level")
                        .asText())
                .isEqualTo("personal");

        api(grid, 0).post("/teardown", Json.object());

        List<String> own = grid.ignite(0).cacheNames().stream()
                .filter(name -> name.startsWith(Caches.PERSONAL_PREFIX))
                .toList();
        assertThat(own).isNotEmpty();
        for (String cache : own) {
            assertThat(grid.ignite(1).cache(cache).size()).isZero();
        }
        assertThat(Caches.SUBJECT_STATES.in(grid.ignite(2)).size()).isZero();
        assertThat(Caches.OPERATING_POINTS.in(grid.ignite(2)).size()).isZero();
        api(grid, 0).post("/setup", Json.object());
        assertThat(api(grid, 1).post("/predict", question).body().at("/0/forecast"))
                .isEmpty();
    }

    /** Readings of one subject, a wave, in both stores. */
    private static ObjectNode push(long subject, int from, int count) {
        ObjectNode body =
                Json.object().put("push_source_name", "cgm_stats_push_source").put("store_type", "online_and_offline");
        ArrayNode events = body.putArray("events");
        for (int i = from; i < from + count; i++) {
            long seconds = START + (long) i * SLOT;
            events.addObject()
                    .put("event_timestamp", seconds)
                    .put(Cgm.SUBJECT, subject)
                    .put(Cgm.GLUCOSE, Math.round(110 + 25 * Math.sin((i + subject) / 11.0) + (i * subject) % 7))
                    .put("created", seconds);
        }
        return body;
    }

    private static ApiClient api(TestGrid grid, int node) {
        return ApiClient.of(grid.node(node).info().api(), Duration.ofSeconds(30));
    }

    private static JsonNode rest(TestGrid grid, int node, String task, String json) throws Exception {
        String address = "http://127.0.0.1:" + grid.node(node).info().restPort() + "/ignite?cmd=exe&name=" + task
                + "&p1=" + URLEncoder.encode(json, StandardCharsets.UTF_8);
        return Json.parse(text(address)).at("/response/result");
    }

    private static String get(TestGrid grid, String path) throws Exception {
        return text(grid.node(0).info().api() + path);
    }

    private static String text(String address) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address))
                .timeout(Duration.ofSeconds(20))
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
