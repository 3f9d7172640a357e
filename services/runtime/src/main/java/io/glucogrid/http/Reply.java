package io.glucogrid.http;

import io.glucogrid.door.Outcome;
import io.glucogrid.feast.FeastReply;
import io.glucogrid.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An answer, whole. */
record Reply(int status, String contentType, byte[] body, Map<String, String> headers) {
    static final String JSON = "application/json";

    static Reply of(Outcome outcome) {
        return new Reply(200, JSON, outcome.json(), outcome.headers());
    }

    static Reply of(FeastReply feast) {
        return new Reply(feast.status(), feast.json().length == 0 ? "" : JSON, feast.json(), Map.of());
    }

    static Reply movedTo(String location) {
        return new Reply(307, "", new byte[0], Map.of("Location", location));
    }

    static Reply json(int status, Object tree) {
        return new Reply(status, JSON, Json.write(tree), Map.of());
    }

    static Reply text(String contentType, String text) {
        return new Reply(200, contentType, text.getBytes(StandardCharsets.UTF_8), Map.of());
    }

    /** {@code {"detail":"…"}}. */
    static Reply detail(int status, String detail) {
        return json(status, Map.of("detail", detail));
    }

    /** FastAPI's answer to an unusable body. */
    static Reply unusableBody(
            String type, List<Object> location, String message, @Nullable Object input, @Nullable String error) {
        Map<String, @Nullable Object> problem = new LinkedHashMap<>();
        problem.put("type", type);
        problem.put("loc", location);
        problem.put("msg", message);
        problem.put("input", input);
        if (error != null) {
            problem.put("ctx", Map.of("error", error));
        }
        return json(422, Map.of("detail", List.of(problem)));
    }

    Reply with(String header, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(header, value);
        return new Reply(status, contentType, body, more);
    }
}
