package io.glucogrid.client.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.GridStatus;
import io.glucogrid.client.TextTable;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code glucogrid status}: nodes, streams, definitions and tier at a glance. */
@Command(name = "status", description = "Nodes, streams, definitions and offline tier.")
public final class StatusVerb extends ApiVerb {
    @Override
    int run(ApiClient client) {
        JsonNode answer = client.status();
        return answer(answer, text(GridStatus.of(answer)));
    }

    static String text(GridStatus status) {
        TextTable nodes = new TextTable(List.of("node", "http", "state"));
        TextTable streams = new TextTable(
                List.of("node", "stream", "state", "consumed", "applied", "dead", "lag", "p50 ms", "p99 ms", "reason"));
        for (GridStatus.Node node : status.nodes()) {
            nodes.row(List.of(node.name(), node.http(), node.state()));
            for (GridStatus.Stream stream : node.streams()) {
                streams.row(List.of(
                        node.name(),
                        stream.name(),
                        stream.state(),
                        stream.consumed(),
                        stream.applied(),
                        stream.deadLetters(),
                        stream.lag(),
                        stream.p50Millis(),
                        stream.p99Millis(),
                        stream.reason()));
            }
        }
        return nodes.render()
                + (streams.isEmpty() ? "" : "\n" + streams.render())
                + "\ndefinitions  version " + status.definitions()
                + "\ntier         " + status.tierUri()
                + "\n             " + status.segments() + " segments, " + status.rows() + " rows\n";
    }
}
