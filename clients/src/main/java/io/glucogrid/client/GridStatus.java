package io.glucogrid.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * {@code GET /status} as clients read it: what is missing is shown as {@code -}, what is unknown is passed over.
 *
 * @param definitions version of the applied definitions
 * @param tierUri root of the Parquet tier
 */
public record GridStatus(List<Node> nodes, String definitions, String tierUri, List<Table> tables) {
    private static final String NONE = "-";

    /** One server node, and where it listens. */
    public record Node(String name, String api, String rest, String thin, List<Stream> streams) {}

    /**
     * One stream of a node, counts as text.
     *
     * @param p50Millis NaN where it is not known
     * @param p99Millis NaN where it is not known
     */
    public record Stream(
            String name,
            String state,
            String reason,
            String consumed,
            String applied,
            String deadLetters,
            String lag,
            double p50Millis,
            double p99Millis) {}

    /** One history table of the tier. */
    public record Table(String name, long segments, long rows) {}

    /** Reads an answer. */
    public static GridStatus of(JsonNode status) {
        List<Node> nodes = new ArrayList<>();
        for (JsonNode node : status.path("nodes")) {
            nodes.add(new Node(
                    text(node.path("name")),
                    text(node.path("feature_api")),
                    text(node.path("ports").path("ignite_rest")),
                    text(node.path("ports").path("thin_client")),
                    streams(node)));
        }
        List<Table> tables = new ArrayList<>();
        for (JsonNode table : status.path("tier").path("tables")) {
            tables.add(new Table(
                    text(table.path("table")),
                    table.path("segments").asLong(),
                    table.path("rows").asLong()));
        }
        return new GridStatus(
                nodes,
                text(status.path("definitions").path("version")),
                text(status.path("tier").path("uri")),
                tables);
    }

    /** Named segments of all tables. */
    public long segments() {
        return tables.stream().mapToLong(Table::segments).sum();
    }

    /** The streams of one name on all nodes. */
    public List<Stream> streams(String name) {
        return nodes.stream()
                .flatMap(node -> node.streams().stream())
                .filter(stream -> stream.name().equals(name))
                .toList();
    }

    private static List<Stream> streams(JsonNode node) {
        List<Stream> streams = new ArrayList<>();
        for (Map.Entry<String, JsonNode> field : node.path("streams").properties()) {
            JsonNode stream = field.getValue();
            streams.add(new Stream(
                    field.getKey(),
                    text(stream.path("state")),
                    stream.path("reason").asText(""),
                    text(stream.path("consumed")),
                    text(stream.path("applied")),
                    text(stream.path("dead_letters")),
                    lag(stream.path("lag")),
                    millis(stream.path("p50_ms")),
                    millis(stream.path("p99_ms"))));
        }
        return streams;
    }

    private static String text(JsonNode value) {
        return value.isValueNode() && !value.isNull() ? value.asText() : NONE;
    }

    /** Records behind, over all partitions. */
    private static String lag(JsonNode partitions) {
        if (!partitions.isContainerNode()) {
            return text(partitions);
        }
        long sum = 0;
        for (JsonNode partition : partitions) {
            sum += partition.asLong();
        }
        return Long.toString(sum);
    }

    private static double millis(JsonNode value) {
        return value.isNumber() ? value.doubleValue() : Double.NaN;
    }
}
