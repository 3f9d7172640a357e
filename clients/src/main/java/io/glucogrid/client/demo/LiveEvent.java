package io.glucogrid.client.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.glucogrid.client.Json;
import io.glucogrid.grid.GridException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * One event of {@code GET /live}: a reading that one of the two paths has taken in and predicted from.
 *
 * @param expected predicted glucose; NaN where nothing was predicted
 * @param nanos time that the path took from push to prediction
 */
record LiveEvent(Path path, long subjectId, long eventMicros, String glucose, double expected, long nanos) {
    enum Path {
        ONLINE,
        OFFLINE
    }

    /** Reads an event; null for one of another kind. */
    static @Nullable LiveEvent parse(String data) {
        JsonNode event;
        try {
            event = Json.parse(data);
        } catch (GridException notJson) {
            return null;
        }
        Path path = path(event.path("path").asText());
        JsonNode nanos = event.path("timetaken_ns");
        if (path == null || !nanos.isNumber()) {
            return null;
        }
        JsonNode expected = event.path("expected");
        return new LiveEvent(
                path,
                scalar(event.path("subject_id")).asLong(),
                micros(scalar(event.path("event_timestamp"))),
                scalar(event.path("glucose")).asText("-"),
                scalar(expected).isNumber() ? scalar(expected).doubleValue() : Double.NaN,
                nanos.longValue());
    }

    private static JsonNode scalar(JsonNode value) {
        return value.isArray() ? value.path(0) : value;
    }

    private static @Nullable Path path(String name) {
        return switch (name) {
            case "online" -> Path.ONLINE;
            case "offline" -> Path.OFFLINE;
            default -> null;
        };
    }

    /** Microseconds since the epoch of seconds (with or without a fraction) or ISO-8601; 0 of anything else. */
    static long micros(JsonNode time) {
        if (time.isNumber()) {
            BigDecimal micros = time.decimalValue().movePointRight(6);
            return micros.setScale(0, RoundingMode.HALF_UP).longValue();
        }
        try {
            Instant instant = OffsetDateTime.parse(time.asText()).toInstant();
            return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
        } catch (DateTimeException noTime) {
            return 0;
        }
    }
}
