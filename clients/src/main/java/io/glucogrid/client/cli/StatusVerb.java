package io.glucogrid.client.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.GridStatus;
import io.glucogrid.client.TextTable;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;

/** {@code glucogrid status}: nodes, streams, definitions and tier at a glance. */
@Command(name = "status", description = "Nodes, streams, definitions and offline tier.")
public final class StatusVerb extends ApiVerb {
    @Override
    int run(ApiClient client) {
        JsonNode answer = client.status();
        return answer(answer, text(GridStatus.of(answer)));
    }

    private static String text(GridStatus status) {
        TextTable nodes = new TextTable(List.of("node", "feature API", "Ignite REST", "thin clients"));
        TextTable streams = new TextTable(
                List.of("node", "stream", "state", "consumed", "applied", "dead", "lag", "p50 ms", "p99 ms", "reason"));
        for (GridStatus.Node node : status.nodes()) {
            nodes.row(List.of(node.name(), node.api(), node.rest(), node.thin()));
            for (GridStatus.Stream stream : node.streams()) {
                streams.row(List.of(
                        node.name(),
                        stream.name(),
                        stream.state(),
                        stream.consumed(),
                        stream.applied(),
                        stream.deadLetters(),
                        stream.lag(),
                        millis(stream.p50Millis()),
                        millis(stream.p99Millis()),
                        stream.reason()));
            }
        }
        TextTable tables = new TextTable(List.of("table", "segments", "rows"));
        for (GridStatus.Table table : status.tables()) {
            tables.row(List.of(table.name(), Long.toString(table.segments()), Long.toString(table.rows())));
        }
        return nodes.render()
                + (streams.isEmpty() ? "" : "\n" + streams.render())
                + "\ndefinitions: version " + status.definitions() + "\ntier: " + status.tierUri() + "\n"
                + (tables.isEmpty() ? "" : "\n" + tables.render());
    }

    private static String millis(double millis) {
        return Double.isNaN(millis) ? "-" : String.format(Locale.ROOT, "%.2f", millis);
    }
}
