package io.glucogrid.http;

import io.glucogrid.json.Json;
import io.glucogrid.json.MalformedJson;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Request bodies as FastAPI takes a {@code dict}: JSON by content type, and its answers to what is none. */
final class Bodies {
    /** What was wrong is shown, but not megabytes of it. */
    private static final int MAX_SHOWN_CHARS = 1_000;

    private final int nesting;

    /** @param nesting how deep lists and objects may be nested */
    Bodies(int nesting) {
        this.nesting = nesting;
    }

    /** An object, or the answer that says why there is none. */
    record Body(Map<String, @Nullable Object> object, @Nullable Reply refusal) {
        static Body refused(Reply refusal) {
            return new Body(Map.of(), refusal);
        }
    }

    /** The body of a call that needs one. */
    Body required(Call call) {
        if (call.body().length > 0 && !isJson(call.contentType())) {
            return Body.refused(notAnObject(new String(call.body(), StandardCharsets.UTF_8)));
        }
        return ofAnyType(call);
    }

    /** The body of a call that needs one, whatever it says that it is; Feast's old clients say nothing. */
    Body ofAnyType(Call call) {
        if (call.body().length == 0) {
            return Body.refused(missing());
        }
        try {
            Object value = Json.parse(call.body(), nesting);
            Map<String, @Nullable Object> object = Json.object(value);
            if (value == null) {
                return Body.refused(missing());
            }
            return object == null ? Body.refused(notAnObject(value)) : new Body(object, null);
        } catch (MalformedJson malformed) {
            return Body.refused(malformed(malformed));
        }
    }

    /** The body of a call that may have one, whatever it says that it is: an empty object where there is none, or null. */
    Body orNone(Call call) {
        if (call.body().length == 0) {
            return new Body(Map.of(), null);
        }
        try {
            Object value = Json.parse(call.body(), nesting);
            Map<String, @Nullable Object> object = value == null ? Map.of() : Json.object(value);
            return object == null ? Body.refused(notAnObject(value)) : new Body(object, null);
        } catch (MalformedJson malformed) {
            return Body.refused(malformed(malformed));
        }
    }

    private static Reply missing() {
        return Reply.unusableBody("missing", List.of("body"), "Field required", null, null);
    }

    private static Reply notAnObject(@Nullable Object value) {
        return Reply.unusableBody(
                "dict_type", List.of("body"), "Input should be a valid dictionary", shown(value), null);
    }

    /** What came, where it is short. */
    private static @Nullable Object shown(@Nullable Object value) {
        String text = value instanceof String given ? given : Json.text(value);
        if (text.length() <= MAX_SHOWN_CHARS) {
            return value;
        }
        int end = Character.isHighSurrogate(text.charAt(MAX_SHOWN_CHARS - 1)) ? MAX_SHOWN_CHARS - 1 : MAX_SHOWN_CHARS;
        return text.substring(0, end) + "…";
    }

    static Reply malformed(MalformedJson malformed) {
        return Reply.unusableBody(
                "json_invalid", List.of("body", malformed.offset()), "JSON decode error", Map.of(), malformed.reason());
    }

    static boolean isJson(@Nullable String contentType) {
        if (contentType == null || contentType.isBlank()) {
            return true;
        }
        int parameters = contentType.indexOf(';');
        String type = (parameters < 0 ? contentType : contentType.substring(0, parameters))
                .strip()
                .toLowerCase(Locale.ROOT);
        return type.equals("application/json") || (type.startsWith("application/") && type.endsWith("+json"));
    }
}
