package io.glucogrid.door;

import java.util.Map;

/**
 * What an operation answers.
 *
 * @param json the answer
 * @param headers what is said beside it, by HTTP header name
 */
public record Outcome(byte[] json, Map<String, String> headers) {
    static Outcome of(byte[] json) {
        return new Outcome(json, Map.of());
    }
}
