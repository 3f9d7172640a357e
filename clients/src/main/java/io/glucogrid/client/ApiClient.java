package io.glucogrid.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The feature API over HTTP. Every call has a deadline; everything that is not a success is a {@link GridException} that
 * carries the server's own reason. Thread-safe.
 */
public final class ApiClient {
    private static final Duration CONNECT = Duration.ofSeconds(2);

    private final HttpClient http;
    private final URI base;
    private final Duration deadline;

    private ApiClient(HttpClient http, URI base, Duration deadline) {
        this.http = http;
        this.base = base;
        this.deadline = deadline;
    }

    /**
     * A client of the node at {@code address}, such as {@code http://localhost:8000}; nothing is connected yet.
     *
     * @throws GridException INVALID_REQUEST where the address is not one of HTTP
     */
    public static ApiClient of(String address, Duration deadline) {
        URI uri;
        try {
            uri = URI.create(address.strip().replaceAll("/+$", ""));
        } catch (IllegalArgumentException malformed) {
            throw notAnAddress(address, malformed);
        }
        boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
        if (!http || uri.getHost() == null) {
            throw notAnAddress(address, null);
        }
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT)
                .build();
        return new ApiClient(client, uri, deadline);
    }

    private static GridException notAnAddress(String address, @Nullable Throwable cause) {
        return new GridException(
                ErrorCode.INVALID_REQUEST,
                "'" + address + "' is not the address of a node, such as http://localhost:8000",
                cause);
    }

    /** Address of the node, without a slash at its end. */
    public URI base() {
        return base;
    }

    /** The same node with another deadline. */
    public ApiClient within(Duration other) {
        return new ApiClient(http, base, other);
    }

    public ApiAnswer get(String path) {
        return send(HttpRequest.newBuilder(base.resolve(path)).GET());
    }

    public ApiAnswer post(String path, JsonNode body) {
        return send(HttpRequest.newBuilder(base.resolve(path))
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString(Json.text(body), StandardCharsets.UTF_8)));
    }

    /**
     * Starts a request whose answer is too long for memory and goes to a file.
     *
     * @param body JSON in UTF-8
     * @param answer file that is written or replaced; after a refusal it holds the reason only
     */
    public ApiDownload download(String path, byte[] body, Path answer) {
        HttpRequest request = HttpRequest.newBuilder(base.resolve(path))
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofByteArray(body))
                .build();
        return new ApiDownload(this, request, answer, http.sendAsync(request, BodyHandlers.ofFile(answer)));
    }

    /** Waits for a download's last byte. */
    void await(ApiDownload download) {
        try {
            HttpResponse<Path> response = download.response().get(deadline.toMillis(), TimeUnit.MILLISECONDS);
            if (response.statusCode() / 100 != 2) {
                throw refusal(download.request(), response.statusCode(), Files.readString(download.answer()));
            }
        } catch (TimeoutException late) {
            download.response().cancel(true);
            throw late(download.request(), late);
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof IOException broken) {
                throw broken(broken);
            }
            throw new GridException(ErrorCode.INTERNAL, "request to " + base + " failed: " + failed.getCause(), failed);
        } catch (IOException unreadable) {
            throw new GridException(
                    ErrorCode.STORAGE_UNAVAILABLE, "cannot read " + download.answer() + ": " + unreadable, unreadable);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new GridException(ErrorCode.DEADLINE_EXCEEDED, "interrupted while waiting for " + base, interrupted);
        }
    }

    /** {@code POST /get_online_features}: columns by name, one value per entity. */
    public JsonNode onlineFeatures(String service, ArrayNode entities) {
        ObjectNode body = Json.object();
        body.set("entities", entities);
        body.put("feature_service", service);
        return post("/get_online_features", body).body();
    }

    /**
     * {@code POST /get_historical_features}: one record per entity.
     *
     * @param entities each with its {@code event_timestamp}
     */
    public JsonNode historicalFeatures(List<String> features, ArrayNode entities) {
        ObjectNode body = Json.object();
        ArrayNode names = body.putArray("features");
        features.forEach(names::add);
        body.set("entities", entities);
        return post("/get_historical_features", body).body();
    }

    /** Whether the node says that it is ready; false also where nobody answers. */
    public boolean ready() {
        try {
            get("/ready");
            return true;
        } catch (GridException notReady) {
            return false;
        }
    }

    /** {@code GET /status}. */
    public JsonNode status() {
        return get("/status").body();
    }

    /** Opens {@code GET /live}; events arrive until the stream is closed or the node leaves. */
    public LiveStream live(LiveStream.Listener listener) {
        HttpRequest request = HttpRequest.newBuilder(base.resolve("/live"))
                .header("accept", "text/event-stream")
                .build();
        return LiveStream.open(http, request, listener);
    }

    private ApiAnswer send(HttpRequest.Builder unsent) {
        HttpRequest request = unsent.timeout(deadline).build();
        HttpResponse<String> response;
        try {
            response = http.send(request, BodyHandlers.ofString(StandardCharsets.UTF_8));
        } catch (HttpTimeoutException late) {
            if (late instanceof HttpConnectTimeoutException) {
                throw nobody(late);
            }
            throw late(request, late);
        } catch (IOException broken) {
            throw broken(broken);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new GridException(ErrorCode.DEADLINE_EXCEEDED, "interrupted while waiting for " + base, interrupted);
        }
        String text = response.body();
        if (response.statusCode() / 100 != 2) {
            throw refusal(request, response.statusCode(), text);
        }
        JsonNode body = text.isBlank() ? Json.object() : Json.parse(text);
        return new ApiAnswer(response.statusCode(), body, response.headers().map());
    }

    private GridException late(HttpRequest request, Exception cause) {
        return new GridException(
                ErrorCode.DEADLINE_EXCEEDED,
                request.method() + " " + request.uri() + " gave no answer within " + deadline.toMillis() + " ms",
                cause);
    }

    private GridException broken(IOException cause) {
        if (cause instanceof ConnectException) {
            return nobody(cause);
        }
        return new GridException(ErrorCode.NOT_READY, "connection to " + base + " broke: " + reason(cause), cause);
    }

    private GridException nobody(IOException cause) {
        return new GridException(
                ErrorCode.NOT_READY,
                "no node answers at " + base
                        + " (start one with: ./glucogrid node --env local; or name another with --api)",
                cause);
    }

    private static String reason(IOException broken) {
        String message = broken.getMessage();
        return message == null ? broken.getClass().getSimpleName() : message;
    }

    private static GridException refusal(HttpRequest request, int status, String text) {
        return new GridException(code(status), detail(request, status, text));
    }

    /** The code that best fits an HTTP status; several codes share one status. */
    static ErrorCode code(int status) {
        return switch (status) {
            case 403 -> ErrorCode.FORBIDDEN;
            case 404 -> ErrorCode.NOT_FOUND;
            case 409 -> ErrorCode.CONFLICT;
            case 413 -> ErrorCode.TOO_LARGE;
            case 429 -> ErrorCode.OVERLOADED;
            case 503 -> ErrorCode.NOT_READY;
            case 504 -> ErrorCode.DEADLINE_EXCEEDED;
            default -> status / 100 == 4 ? ErrorCode.INVALID_REQUEST : ErrorCode.INTERNAL;
        };
    }

    private static String detail(HttpRequest request, int status, String text) {
        String said = "";
        try {
            said = said(Json.parse(text));
        } catch (GridException noJson) {
            said = Json.abbreviated(text);
        }
        return said.isEmpty() ? request.method() + " " + request.uri().getPath() + " answered status " + status : said;
    }

    /** Reads {@code {"detail": "…"}}, {@code {"detail": [{"loc": […], "msg": "…"}]}} and a bare string. */
    private static String said(JsonNode body) {
        JsonNode detail = body.isObject() && body.has("detail") ? body.get("detail") : body;
        if (detail.isTextual()) {
            return detail.textValue();
        }
        if (!detail.isArray()) {
            return detail.isEmpty() ? "" : Json.abbreviated(Json.text(detail));
        }
        List<String> problems = new ArrayList<>();
        for (JsonNode problem : detail) {
            List<String> where = new ArrayList<>();
            problem.path("loc").forEach(part -> where.add(part.asText()));
            problems.add(String.join(".", where) + ": " + problem.path("msg").asText());
        }
        return String.join("; ", problems);
    }
}
