package io.glucogrid.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Latest features of one subject.
 *
 * @param values by feature name, in registry order, join key first; JSON null where nothing is stored
 */
public record OnlineFeatures(long subjectId, Map<String, JsonNode> values) {
    public OnlineFeatures {
        values = new LinkedHashMap<>(values);
    }

    /** A whole number; {@link Long#MIN_VALUE} where the feature is null or not there. */
    public long number(String feature) {
        JsonNode value = values.get(feature);
        return value == null || !value.isNumber() ? Long.MIN_VALUE : value.longValue();
    }
}
