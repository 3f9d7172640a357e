package io.glucogrid.client.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.cli.Verb;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import io.glucogrid.client.TextTable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code glucogrid streams}: where the streams are, and control over them. */
@Command(
        name = "streams",
        description = "State and lag of each partition of the streams; with a subcommand, pause or resume them.",
        subcommands = {StreamsVerb.StatusOfStreams.class, StreamsVerb.Pause.class, StreamsVerb.Resume.class})
public final class StreamsVerb extends ApiVerb implements Verb {
    @Override
    int run(ApiClient client) {
        return status(this, client);
    }

    private static int status(ApiVerb verb, ApiClient client) {
        ObjectNode answer = Json.object();
        TextTable table = new TextTable(List.of("node", "stream", "state", "partition", "lag", "reason"));
        for (JsonNode node : client.status().path("nodes")) {
            String name = node.path("name").asText();
            answer.set(name, node.path("streams"));
            for (Map.Entry<String, JsonNode> stream : node.path("streams").properties()) {
                rows(table, name, stream.getKey(), stream.getValue());
            }
        }
        return verb.answer(Json.object().set("nodes", answer), table.render());
    }

    private static void rows(TextTable table, String node, String stream, JsonNode status) {
        String state = status.path("state").asText();
        String reason = status.path("reason").asText("");
        if (status.path("lag").isEmpty()) {
            table.row(List.of(node, stream, state, "-", "-", reason));
        }
        for (Map.Entry<String, JsonNode> partition : status.path("lag").properties()) {
            table.row(List.of(
                    node,
                    stream,
                    state,
                    partition.getKey(),
                    partition.getValue().asText(),
                    reason));
        }
    }

    private static int switched(ApiVerb verb, ApiClient client, String path, @Nullable String stream) {
        ObjectNode request = Json.object();
        if (stream != null) {
            request.put("stream", stream);
        }
        JsonNode answer = client.post(path, request).body();
        return verb.answer(answer, answer.path("message").asText() + "\n");
    }

    /** {@code glucogrid streams status}. */
    @Command(name = "status", description = "State and lag of each partition, on every node.")
    static final class StatusOfStreams extends ApiVerb {
        @Override
        int run(ApiClient client) {
            return status(this, client);
        }
    }

    /** {@code glucogrid streams pause}. */
    @Command(name = "pause", description = "Pause on every node, after the batches in hand are committed.")
    static final class Pause extends ApiVerb {
        @Parameters(arity = "0..1", paramLabel = "STREAM", description = "online or offline. Default: both")
        private @Nullable String stream;

        @Override
        Duration patience() {
            return Duration.ofSeconds(70);
        }

        @Override
        int run(ApiClient client) {
            return switched(this, client, "/streams/pause", stream);
        }
    }

    /** {@code glucogrid streams resume}. */
    @Command(name = "resume", description = "Go on at the committed offsets, on every node.")
    static final class Resume extends ApiVerb {
        @Parameters(arity = "0..1", paramLabel = "STREAM", description = "online or offline. Default: both")
        private @Nullable String stream;

        @Override
        int run(ApiClient client) {
            return switched(this, client, "/streams/resume", stream);
        }
    }
}
