package io.glucogrid.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.glucogrid.api.GridApi;
import io.glucogrid.grid.LocalService;
import io.glucogrid.node.ApiCaller;
import io.glucogrid.node.TestNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.ignite.Ignite;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node whose limits are small, and clients that go beyond them. */
class RequestLimitsTest {
    private static final String V3 = "cgm_activity_v3";

    @TempDir
    static Path work;

    private static Ignite ignite;
    private static ApiCaller api;

    @BeforeAll
    static void startNode() {
        ignite = new TestNode(work, "limits")
                .with("GRID_HTTP_BODY_KB", "4")
                .with("GRID_HTTP_HEADER_KB", "2")
                .with("GRID_HTTP_ENTITIES", "10")
                .with("GRID_HTTP_NESTING", "6")
                .with("GRID_HTTP_WAITING", "1")
                .with("GRID_HTTP_READ_MS", "300")
                .start("limits");
        api = ApiCaller.ready(ignite);
    }

    @AfterAll
    static void stopNode() {
        ignite.close();
    }

    private static String online(int entities) {
        return "{'entities':[" + String.join(",", Collections.nCopies(entities, "{'subject_id':1}"))
                + "],'feature_service':'" + V3 + "'}";
    }

    @Test
    void aLargerBodyIsRefused() {
        assertThat(api.post("/predict", "'" + "x".repeat(4096) + "'").statusCode())
                .isEqualTo(413);
        assertThat(api.post("/push", "'" + "x".repeat(4096) + "'").statusCode()).isEqualTo(413);
    }

    @Test
    void moreEntitiesAndEventsAreRefused() {
        assertThat(api.post("/get_online_features", online(10)).statusCode()).isEqualTo(200);
        assertThat(api.post("/get_online_features", online(11)).statusCode()).isEqualTo(413);
        String events = String.join(",", Collections.nCopies(11, "{'subject_id':1}"));
        assertThat(api.post(
                                "/push_stream_event",
                                "{'push_source_name':'cgm_stats_push_source','store_type':'online','events':[" + events
                                        + "]}")
                        .statusCode())
                .isEqualTo(413);
        assertThat(api.post(
                                "/push_stream_event",
                                "{'push_source_name':'cgm_stats_push_source','store_type':'online','events':[]}")
                        .statusCode())
                .isEqualTo(422);
    }

    @Test
    void deeperNestingIsRefused() {
        assertThat(api.post("/predict", "{'a':[[[[[1]]]]]}").body()).contains("'entities' is missing");
        assertThat(api.post("/predict", "{'a':[[[[[[1]]]]]]}").body()).contains("json_invalid", "Nested too deep");
    }

    @Test
    void aSlowBodyIsCutOff() throws Exception {
        try (Wire wire = Wire.to(api.api())) {
            wire.send("POST /get_online_features HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\n{\"entities\"");
            Wire.Answer answer = wire.receive();

            assertThat(answer.status()).isEqualTo(408);
            assertThat(answer.text()).contains("did not arrive within 300 ms");
            assertThat(wire.endsSoon()).isTrue();
        }
    }

    @Test
    void aLongJoinThatStopsIsCutOff() throws Exception {
        try (Wire wire = Wire.to(api.api())) {
            wire.send(
                    "POST /get_historical_features HTTP/1.1\r\nHost: test\r\nContent-Length: 9000\r\n\r\n{\"entities\"");
            Wire.Answer answer = wire.receive();

            assertThat(answer.status()).isEqualTo(408);
            assertThat(answer.text()).contains("No part of the body arrived within 300 ms");
            assertThat(wire.endsSoon()).isTrue();
        }
    }

    @Test
    void aLongJoinThatDripsIsCutOff() throws Exception {
        try (Wire wire = Wire.to(api.api())) {
            wire.send("POST /get_historical_features HTTP/1.1\r\nHost: test\r\nContent-Length: 9000\r\n\r\n{");

            Awaitility.await()
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> wire.hasAnswer() || wire.send(" ").hasAnswer());

            Wire.Answer answer = wire.receive();
            assertThat(answer.status()).isEqualTo(408);
            assertThat(answer.text()).contains("slower than 65536 bytes per second");
            assertThat(wire.endsSoon()).isTrue();
        }
    }

    @Test
    void aBodyThatDripsIsCutOffToo() throws Exception {
        try (Wire wire = Wire.to(api.api())) {
            wire.send("POST /push HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n");
            long end = System.nanoTime() + 5_000_000_000L;
            int sent = 0;
            try {
                while (System.nanoTime() < end) {
                    wire.send("1\r\n \r\n");
                    sent++;
                    Thread.onSpinWait();
                    if (sent % 50 == 0 && wire.hasAnswer()) {
                        break;
                    }
                }
            } catch (java.io.IOException closed) {
                assertThat(sent).isPositive();
            }
            assertThat(System.nanoTime()).isLessThan(end);
        }
    }

    @Test
    void slowHeadersAreCutOff() throws Exception {
        try (Wire wire = Wire.to(api.api())) {
            wire.send("POST /push HTTP/1.1\r\nHost: te");

            assertThat(wire.endsSoon()).isTrue();
        }
    }

    @Test
    void largeHeadersAreRefusedWithoutAServerError() throws Exception {
        try (Wire wire = Wire.to(api.api())) {
            wire.send("GET / HTTP/1.1\r\nHost: test\r\nX-Large: " + "x".repeat(4_000) + "\r\n\r\n");

            assertThat(wire.receive().status()).isIn(0, 400, 413, 431);
        }
    }

    @Test
    void aLongJoinWhoseCallerDoesNotReadIsCutOff() throws Exception {
        String row = "{\"subject_id\":1,\"event_timestamp\":1,\"note\":\"" + "x".repeat(20_000) + "\"}";
        String rows = String.join(",", Collections.nCopies(1_000, row));
        byte[] request = Wire.request(
                "POST",
                "/get_historical_features",
                null,
                ("{\"features\":[\"cgm_hourly_stats:glucose\"],\"entities\":[" + rows + "]}")
                        .getBytes(StandardCharsets.UTF_8));
        try (Wire wire = Wire.to(api.api())) {
            wire.send(request);

            Awaitility.await().until(wire::hasAnswer);
            Awaitility.await().atMost(Duration.ofSeconds(5)).untilAsserted(RequestLimitsTest::nothingIsActive);
        }
    }

    /** But for the request that asks. */
    private static void nothingIsActive() {
        assertThat(api.get("/metrics").body().lines()).contains("glucogrid_http_active_requests 1");
    }

    @Test
    void aShortJoinMayHaveMoreEntitiesThanARead() {
        String entities = String.join(",", Collections.nCopies(20, "{'subject_id':1,'event_timestamp':1}"));
        String join = "{'features':['cgm_hourly_stats:glucose'],'entities':[" + entities + "]}";

        assertThat(api.posted("/get_historical_features", join)).hasSize(20);
        GridApi door = new LocalService<>(ignite, GridApi.NAME, GridApi.class).get();
        assertThatThrownBy(() -> door.getHistoricalFeatures(join.replace('\'', '"')))
                .hasMessageContaining(
                        "20 entities; one request takes 10; POST /get_historical_features takes any number");
    }

    @Test
    void anOverloadIsToldWhenToTryAgain() throws Exception {
        List<Wire> wires = new ArrayList<>();
        byte[] request = Wire.request(
                "POST",
                "/get_historical_features",
                null,
                ("{\"features\":[\"cgm_hourly_stats:glucose\"],\"entities\":[{\"subject_id\":1,\"event_timestamp\":1}]}")
                        .getBytes(StandardCharsets.UTF_8));
        int overloads = 0;
        try {
            for (int i = 0; i < 16; i++) {
                wires.add(Wire.to(api.api()));
            }
            for (int round = 0; round < 200 && overloads == 0; round++) {
                for (Wire wire : wires) {
                    wire.send(request);
                }
                for (Wire wire : wires) {
                    Wire.Answer answer = wire.receive();
                    assertThat(answer.status()).isIn(200, 429);
                    if (answer.status() == 429) {
                        overloads++;
                        assertThat(answer.header("Retry-After")).isEqualTo("1");
                    }
                }
            }
        } finally {
            for (Wire wire : wires) {
                wire.close();
            }
        }
        assertThat(overloads).as("refused requests").isPositive();
        Awaitility.await().atMost(Duration.ofSeconds(5)).untilAsserted(RequestLimitsTest::nothingIsActive);
    }
}
