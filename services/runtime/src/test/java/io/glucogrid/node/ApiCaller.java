package io.glucogrid.node;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.glucogrid.conversation.ApiDescription;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.apache.ignite.Ignite;
import org.assertj.core.api.Assertions;
import org.awaitility.Awaitility;

/** A client of one node's feature API; every answer is held against the API's description. */
public final class ApiCaller {
    public static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final ApiDescription DESCRIPTION = ApiDescription.shipped();

    private final URI api;

    public ApiCaller(URI api) {
        this.api = api;
    }

    /** The API of a node, once it is ready. */
    public static ApiCaller ready(Ignite ignite) {
        ApiCaller caller = new ApiCaller(TestNode.api(ignite));
        Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> Assertions.assertThat(
                        caller.get("/ready").statusCode())
                .as("readiness of " + ignite.name())
                .isEqualTo(200));
        return caller;
    }

    public URI api() {
        return api;
    }

    public HttpResponse<String> get(String path) {
        return send("GET", path, null, null);
    }

    public HttpResponse<String> post(String path, String body) {
        return send("POST", path, "application/json", body.replace('\'', '"'));
    }

    /** The body of a request that must succeed. */
    public JsonNode posted(String path, String body) {
        HttpResponse<String> answer = post(path, body);
        Assertions.assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return json(answer);
    }

    /** Pushes a reading in seconds and whole mg/dL; it must succeed. */
    public void push(String storeType, long subject, long seconds, int glucose) {
        posted(
                "/push_stream_event",
                "{'push_source_name':'cgm_stats_push_source','store_type':'" + storeType
                        + "','event':{'event_timestamp':" + seconds + ",'subject_id':" + subject + ",'glucose':"
                        + glucose
                        + ",'created':" + seconds + "}}");
    }

    /** Glucose that a service serves for a subject; null where it has none. */
    public Integer onlineGlucose(String service, long subject) {
        JsonNode value = posted(
                        "/get_online_features",
                        "{'entities':[{'subject_id':" + subject + "}],'feature_service':'" + service + "'}")
                .at("/glucose/0");
        return value.isNull() ? null : value.asInt();
    }

    public HttpResponse<String> send(String method, String path, String contentType, String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(api.resolve(path))
                .timeout(Duration.ofSeconds(20))
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        if (contentType != null) {
            request.header("Content-Type", contentType);
        }
        try {
            HttpResponse<String> answer = CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
            DESCRIPTION.check(
                    method,
                    path,
                    answer.statusCode(),
                    answer.headers().firstValue("content-type").orElse(""),
                    answer.body());
            return answer;
        } catch (IOException failed) {
            throw new java.io.UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    public static JsonNode json(HttpResponse<String> answer) {
        try {
            return JSON.readTree(answer.body());
        } catch (IOException malformed) {
            throw new java.io.UncheckedIOException(answer.body(), malformed);
        }
    }
}
