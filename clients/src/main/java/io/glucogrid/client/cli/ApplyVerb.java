package io.glucogrid.client.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import java.time.Duration;
import picocli.CommandLine.Command;

/** {@code glucogrid apply}: applies the node's feature definitions. */
@Command(name = "apply", description = "Apply the node's feature definitions to the whole grid.")
public final class ApplyVerb extends ApiVerb {
    @Override
    Duration patience() {
        return Duration.ofSeconds(60);
    }

    @Override
    int run(ApiClient client) {
        JsonNode answer = client.post("/setup", Json.object()).body();
        return answer(answer, Shown.fields(answer));
    }
}
