package io.glucogrid.client.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code glucogrid apply}: puts feature definitions in force. */
@Command(
        name = "apply",
        description = "Put definition files in force on the whole grid; returns when every node serves them.")
public final class ApplyVerb extends ApiVerb {
    @Parameters(arity = "0..*", paramLabel = "FILE", description = "Definition files. Default: those of the node")
    private List<Path> files = List.of();

    @Option(
            names = "--expect",
            paramLabel = "VERSION",
            description = "Registry version that a plan was made for; refuse where the registry has moved on")
    private @Nullable Long expected;

    @Override
    Duration patience() {
        return Duration.ofMinutes(10);
    }

    @Override
    int run(ApiClient client) {
        if (files.isEmpty() && expected == null) {
            JsonNode answer = client.post("/setup", Json.object()).body();
            return answer(answer, Shown.fields(answer));
        }
        ObjectNode request = DefinitionTexts.request(files);
        if (expected != null) {
            request.put("expected_version", expected);
        }
        JsonNode applied = client.post("/definitions/apply", request).body();
        return answer(applied, text(applied));
    }

    static String text(JsonNode applied) {
        return PlanText.of(applied.path("plan"))
                + (applied.path("changed").asBoolean()
                        ? "Applied as registry version "
                                + applied.path("version").asText() + ".\n"
                        : "");
    }
}
