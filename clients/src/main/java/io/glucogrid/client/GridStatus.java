package io.glucogrid.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * {@code GET /status} as clients read it: what is missing is shown as {@code -}, what is unknown is passed over.
 *
 * @param definitions version of the applied definitions
 * @param segments named segments of the tier; -1 where the answer does not say
 * @param rows rows in them; -1 where the answer does not say
 */
public record GridStatus(List<Node> nodes, String definitions, String tierUri, long segments, long rows) {
    private static final String NONE = "-";

    /** One server node. */
    public record Node(String name, String http, String state, List<Stream> streams) {}

    /** One stream of a node, as text. */
    public record Stream(
            String name,
            String state,
            String reason,
            String consumed,
            String applied,
            String deadLetters,
            String lag,
            String p50Millis,
            String p99Millis) {}

    public static GridStatus of(JsonNode status) {
        List<Node> nodes = new ArrayList<>();
        for (JsonNode node : status.path("nodes")) {
            nodes.add(new Node(
                    text(node, "name", "node", "id"),
                    text(node, "http", "http_port", "url"),
                    text(node, "state"),
                    streams(node)));
        }
        JsonNode definitions = status.path("definitions");
        JsonNode tier = status.path("tier");
        return new GridStatus(
                nodes,
                definitions.isValueNode() ? definitions.asText() : text(definitions, "version"),
                text(tier, "uri"),
                count(tier.path("segments")),
                count(tier.path("rows")));
    }

    private static List<Stream> streams(JsonNode node) {
        List<Stream> streams = new ArrayList<>();
        for (Map.Entry<String, JsonNode> field : node.path("streams").properties()) {
            JsonNode stream = field.getValue();
            streams.add(new Stream(
                    field.getKey(),
                    text(stream, "state"),
                    stream.path("reason").asText(""),
                    text(stream, "consumed"),
                    text(stream, "applied"),
                    text(stream, "dead_letters"),
                    lag(stream.path("lag")),
                    millis(stream.path("p50_ms")),
                    millis(stream.path("p99_ms"))));
        }
        return streams;
    }

    private static String text(JsonNode object, String... names) {
        for (String name : names) {
            JsonNode value = object.path(name);
            if (value.isValueNode() && !value.isNull()) {
                return value.asText();
            }
        }
        return NONE;
    }

    private static long count(JsonNode value) {
        if (value.isArray()) {
            return value.size();
        }
        return value.isNumber() ? value.longValue() : -1;
    }

    private static String lag(JsonNode lag) {
        if (lag.isObject() || lag.isArray()) {
            long sum = 0;
            for (JsonNode partition : lag) {
                sum += partition.asLong();
            }
            return Long.toString(sum);
        }
        return lag.isNumber() ? lag.asText() : NONE;
    }

    private static String millis(JsonNode value) {
        if (!value.isNumber()) {
            return NONE;
        }
        BigDecimal millis = value.decimalValue();
        return millis.setScale(2, RoundingMode.HALF_UP).toPlainString();
    }
}
