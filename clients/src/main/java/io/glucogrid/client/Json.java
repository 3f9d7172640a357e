package io.glucogrid.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;

/** JSON as clients read and write it: fractions keep their digits, because timestamps may have six of them. */
public final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private Json() {}

    public static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    public static ArrayNode array() {
        return MAPPER.createArrayNode();
    }

    /** Compact text on one line. */
    public static String text(JsonNode node) {
        return node.toString();
    }

    /**
     * Parses one JSON value.
     *
     * @throws GridException INTERNAL where the text is no JSON, which no door of the grid answers
     */
    public static JsonNode parse(String text) {
        try {
            JsonNode node = MAPPER.readTree(text);
            return node.isMissingNode() ? MAPPER.nullNode() : node;
        } catch (JsonProcessingException noJson) {
            throw new GridException(ErrorCode.INTERNAL, "answer is not JSON: " + abbreviated(text), noJson);
        }
    }

    static String abbreviated(String text) {
        String line = text.replaceAll("\\s+", " ").strip();
        return line.length() > 200 ? line.substring(0, 200) + "…" : line;
    }
}
