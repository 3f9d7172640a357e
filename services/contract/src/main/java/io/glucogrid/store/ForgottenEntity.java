package io.glucogrid.store;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * An entity that the grid was told to forget: every row whose join keys have these values.
 *
 * @param joinKeys values as text, by name of the join key; those of composite entities may be a part of their join keys
 * @param sinceMicros when it was forgotten, microseconds since the epoch
 */
public record ForgottenEntity(Map<String, String> joinKeys, long sinceMicros) {
    public ForgottenEntity {
        joinKeys = Collections.unmodifiableMap(new TreeMap<>(joinKeys));
    }

    @Override
    public String toString() {
        return joinKeys.toString();
    }
}
