package io.glucogrid.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.glucogrid.api.Endpoint;
import io.glucogrid.grid.LocalService;
import io.glucogrid.node.ApiCaller;
import io.glucogrid.node.TestNode;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.ignite.Ignite;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node that is about to leave tells its callers. */
class DrainingTest {
    @Test
    void everyAnswerSaysThatTheNodeIsStopping(@TempDir Path work) {
        try (Ignite ignite = new TestNode(work, "draining").start("draining")) {
            ApiCaller api = ApiCaller.ready(ignite);
            new LocalService<>(ignite, Endpoint.NAME, Endpoint.class).get().drain(Duration.ofSeconds(5));

            HttpResponse<String> ready = api.get("/ready");
            assertThat(ready.statusCode()).isEqualTo(503);
            assertThat(ready.body()).contains("\"status\":\"not ready\"", "\"reasons\":[\"the node is stopping\"]");
            assertThat(api.get("/health").statusCode()).isEqualTo(503);
            assertThat(api.get("/metrics").body()).contains("\nglucogrid_http_active_requests 1\n");
            HttpResponse<String> read = api.post("/get_online_features", "{}");
            assertThat(read.statusCode()).isEqualTo(503);
            assertThat(read.body()).isEqualTo("{\"detail\":\"The node is stopping; ask another one\"}");
        }
    }
}
