package io.glucogrid.client.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code glucogrid definitions}: the registry and its versions. */
@Command(
        name = "definitions",
        aliases = "registry",
        description = "Show the registry's versions, or the definitions of one of them.")
public final class DefinitionsVerb extends ApiVerb {
    @Option(names = "--number", paramLabel = "VERSION", description = "Show the definitions of this version")
    private @Nullable Long version;

    @Override
    int run(ApiClient client) {
        JsonNode answer = client.get(version == null ? "/definitions" : "/definitions/" + version)
                .body();
        if (version != null) {
            return answer(answer, Json.text(answer.path("definitions")) + "\n");
        }
        StringBuilder text = new StringBuilder("Registry version ")
                .append(answer.path("version").asText())
                .append(", ")
                .append(answer.path("state").asText())
                .append("\n\n");
        JsonNode definitions = answer.path("definitions");
        for (String kind : Shown.names(definitions)) {
            if (definitions.path(kind).isObject()) {
                text.append(kind)
                        .append(": ")
                        .append(String.join(", ", Shown.names(definitions.path(kind))))
                        .append('\n');
            }
        }
        return answer(
                answer,
                text.append('\n').append(Shown.records(answer.path("versions"))).toString());
    }
}
