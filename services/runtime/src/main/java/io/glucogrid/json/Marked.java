package io.glucogrid.json;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A value of a YAML text and the line it stands on.
 *
 * @param value {@code String} for any scalar, {@code List<Marked>}, {@code Map<String, Marked>}, or null
 */
public record Marked(int line, @Nullable Object value) {
    /** The members of a mapping; null where this is something else. */
    @SuppressWarnings("unchecked") // Yaml makes no other maps
    public @Nullable Map<String, Marked> mapping() {
        return value instanceof Map<?, ?> ? (Map<String, Marked>) value : null;
    }

    /** The elements of a sequence; null where this is something else. */
    @SuppressWarnings("unchecked") // Yaml makes no other lists
    public @Nullable List<Marked> sequence() {
        return value instanceof List<?> ? (List<Marked>) value : null;
    }

    /** The text of a scalar; null where this is something else. */
    public @Nullable String scalar() {
        return value instanceof String text ? text : null;
    }

    /** What the value is, for people. */
    public String kind() {
        if (value == null) {
            return "nothing";
        }
        return value instanceof Map ? "a mapping" : value instanceof List ? "a list" : "'" + value + "'";
    }
}
