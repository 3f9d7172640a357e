package io.glucogrid.client.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.glucogrid.client.FakeApi;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WireClientTest {
    private final FakeApi server = FakeApi.start();
    private final URI node = URI.create(server.address());

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void oneConnectionServesManyRequests() throws IOException {
        server.answer("POST /a", 200, "{\"ü\":1}").answer("POST /b", 404, "{}");

        try (WireClient client = WireClient.connect(node)) {
            assertThat(client.exchange(WireClient.post("/a", "{\"ä\":1}")).text())
                    .isEqualTo("{\"ü\":1}");
            assertThat(client.exchange(WireClient.post("/b", "{}")).status()).isEqualTo(404);
            assertThat(client.exchange(WireClient.post("/a", "{}")).status()).isEqualTo(200);
        }

        assertThat(server.requests()).contains("POST /a {\"ä\":1}");
    }

    @Test
    void onlyWhatIsMeasuredIsCounted() {
        server.answer("POST /a", 200, "{}");

        assertThat(Latency.measure(node, List.of(WireClient.post("/a", "{}")), 3, 5)
                        .getTotalCount())
                .isEqualTo(5);
        assertThat(server.requests()).hasSize(8);
    }

    @Test
    void anErrorEndsTheMeasurement() {
        server.answer("POST /a", 422, "{\"detail\":\"no\"}");

        assertThatThrownBy(() -> Latency.measure(node, List.of(WireClient.post("/a", "{}")), 0, 5))
                .hasMessage("status 422: {\"detail\":\"no\"}");
    }
}
