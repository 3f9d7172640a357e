package io.glucogrid.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ApiClientTest {
    private final FakeApi server = FakeApi.start();
    private final ApiClient client = ApiClient.of(server.address() + "/", Duration.ofSeconds(5));

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void onlineFeaturesAreAskedForAsTheContractSays() {
        server.answer("POST /get_online_features", 200, "{\"subject_id\":[7],\"glucose\":[null]}");

        assertThat(client.onlineFeatures("s", Json.array().add(Json.object().put("subject_id", 7)))
                        .path("glucose")
                        .path(0)
                        .isNull())
                .isTrue();
        assertThat(server.requests())
                .containsExactly(
                        "POST /get_online_features {\"entities\":[{\"subject_id\":7}],\"feature_service\":\"s\"}");
    }

    @ParameterizedTest
    @CsvSource({
        "403, FORBIDDEN",
        "404, NOT_FOUND",
        "409, CONFLICT",
        "422, INVALID_REQUEST",
        "429, OVERLOADED",
        "503, NOT_READY",
        "504, DEADLINE_EXCEEDED",
        "500, INTERNAL"
    })
    void refusalsCarryTheServersReason(int status, ErrorCode code) {
        server.answer("GET /status", status, "{\"detail\":\"because\"}");

        GridException refusal = catchThrowableOfType(GridException.class, client::status);

        assertThat(refusal.code()).isEqualTo(code);
        assertThat(refusal).hasMessage("because");
    }

    @Test
    void everyProblemOfABodyIsNamed() {
        server.answer(
                "POST /setup",
                422,
                "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"a\"],\"msg\":\"Field required\"},"
                        + "{\"loc\":[\"body\"],\"msg\":\"no\"}]}");

        assertThatThrownBy(() -> client.post("/setup", Json.object())).hasMessage("body.a: Field required; body: no");
    }

    @Test
    void refusalsWithoutAReasonNameTheRequest() {
        server.answer("GET /status", 500, "");

        assertThatThrownBy(client::status).hasMessage("GET /status answered status 500");
    }

    @Test
    void nobodyListeningIsSaidWithWhatToDo() {
        server.close();

        GridException nobody = catchThrowableOfType(GridException.class, client::status);

        assertThat(nobody.code()).isEqualTo(ErrorCode.NOT_READY);
        assertThat(nobody.reason()).contains(server.address()).contains("./glucogrid node");
    }

    @Test
    void aNodeThatDoesNotAnswerInTimeIsNotWaitedFor() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            ApiClient hasty = ApiClient.of("http://127.0.0.1:" + silent.getLocalPort(), Duration.ofMillis(200));

            GridException late = catchThrowableOfType(GridException.class, hasty::status);

            assertThat(late.code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
            assertThat(late.reason()).contains("200 ms");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost:8000", "ftp://localhost", "http://", "not an address"})
    void whatIsNoAddressIsRefused(String address) {
        GridException refused =
                catchThrowableOfType(GridException.class, () -> ApiClient.of(address, Duration.ofSeconds(1)));

        assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
    }

    @Test
    void fractionsKeepTheirDigits() {
        server.answer("GET /status", 200, "{\"t\":1738601222.123456}");

        assertThat(client.status().path("t").decimalValue().toPlainString()).isEqualTo("1738601222.123456");
    }

    @Test
    void liveEventsArriveOneByOneUntilTheStreamEnds() throws InterruptedException {
        server.events("GET /live", ": hello\n\ndata: {\"n\":1}\n\nevent: x\ndata:{\"n\":\ndata: 2}\n\n");
        List<String> events = new CopyOnWriteArrayList<>();

        try (LiveStream stream = client.live(events::add)) {
            assertThat(stream.awaitEnd(Duration.ofSeconds(5))).isTrue();
        }

        assertThat(events).containsExactly("{\"n\":1}", "{\"n\":\n2}");
    }
}
