package io.glucogrid.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.glucogrid.node.TestNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.ignite.Ignite;
import org.assertj.core.api.SoftAssertions;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replays the captured conversations of the reference, in order, against a fresh node. */
class GoldenReplayTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private final HttpClient client = HttpClient.newHttpClient();

    @Test
    void everyCapturedRequestIsAnsweredAsTheContractSays(@TempDir Path work) throws Exception {
        Path golden = Path.of(System.getProperty("glucogrid.contract", ""));
        assumeThat(Files.isRegularFile(golden)).isTrue();
        try (Ignite ignite = new TestNode(work, "golden").start("golden")) {
            URI api = TestNode.api(ignite);
            awaitReady(api);
            fillTier(api);
            SoftAssertions all = new SoftAssertions();
            for (JsonNode test : JSON.readTree(golden.toFile())) {
                check(all, api, test);
            }
            all.assertAll();
        }
    }

    private void awaitReady(URI api) {
        Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(
                        send(api, "GET", "/ready", null, null).statusCode())
                .isEqualTo(200));
    }

    private void fillTier(URI api) throws Exception {
        push(api, 163_669_001, 1_391_581_682, 111);
        push(api, 163_669_001, 1_391_499_700, 125);
        push(api, 163_669_053, 1_391_000_000, 90);
        push(api, 2_133_011, 1_400_000_000, 80);
    }

    private void push(URI api, long subject, long seconds, int glucose) throws Exception {
        String event = "{\"event_timestamp\":" + seconds + ",\"subject_id\":" + subject + ",\"glucose\":" + glucose
                + ",\"created\":" + seconds + "}";
        String body = "{\"push_source_name\":\"cgm_stats_push_source\",\"store_type\":\"offline\",\"event\":" + event
                + "}";
        assertThat(send(api, "POST", "/push_stream_event", "application/json", body)
                        .statusCode())
                .isEqualTo(200);
    }

    private void check(SoftAssertions all, URI api, JsonNode test) throws Exception {
        String name = test.get("name").asText();
        JsonNode expect = test.get("expect");
        HttpResponse<String> answer = send(
                api,
                test.get("method").asText(),
                test.get("path").asText(),
                text(test.get("content_type")),
                text(test.get("body")));
        String shown = name + " → " + answer.statusCode() + " " + answer.body();
        all.assertThat(answer.statusCode()).as(shown).isEqualTo(expect.get("status").asInt());
        if (expect.has("json")) {
            all.assertThat(numbersByValue(JSON.readTree(answer.body())))
                    .as(shown)
                    .isEqualTo(numbersByValue(expect.get("json")));
        }
        if (expect.has("detail")) {
            all.assertThat(JSON.readTree(answer.body()).path("detail").asText())
                    .as(shown)
                    .isNotBlank();
        }
        if (expect.has("keys_type")) {
            all.assertThat(JSON.readTree(answer.body()).at("/detail/0/type").asText())
                    .as(shown)
                    .isEqualTo(expect.get("keys_type").asText());
        }
        if (expect.has("keys")) {
            List<List<String>> keys = new ArrayList<>();
            for (JsonNode row : JSON.readTree(answer.body())) {
                List<String> names = new ArrayList<>();
                row.fieldNames().forEachRemaining(names::add);
                keys.add(names);
            }
            all.assertThat(JSON.valueToTree(keys).toString())
                    .as(shown)
                    .isEqualTo(expect.get("keys").toString());
        }
        if (expect.has("nonnull")) {
            for (JsonNode column : expect.get("nonnull")) {
                for (JsonNode value : JSON.readTree(answer.body()).path(column.asText())) {
                    all.assertThat(value.isNull()).as(shown).isFalse();
                }
            }
        }
    }

    private static Object numbersByValue(JsonNode node) throws IOException {
        return JSON.readTree(node.toString().replaceAll("(\\d)\\.0(?=[,\\]}])", "$1"));
    }

    private static String text(JsonNode value) {
        return value.isNull() ? null : value.asText();
    }

    private HttpResponse<String> send(URI api, String method, String path, String contentType, String body)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(api.resolve(path))
                .timeout(Duration.ofSeconds(20))
                .method(
                        method,
                        body == null
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body));
        if (contentType != null) {
            request.header("Content-Type", contentType);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
