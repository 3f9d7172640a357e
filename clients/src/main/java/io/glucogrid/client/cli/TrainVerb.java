package io.glucogrid.client.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.glucogrid.cgm.Cgm;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code glucogrid train}: fits a model on all readings of the offline tier. */
@Command(name = "train", description = "Fit a model on all readings of the offline tier, as its name's next version.")
public final class TrainVerb extends ApiVerb {
    @Option(
            names = "--model",
            paramLabel = "NAME",
            defaultValue = Cgm.MODEL_V1,
            description = "Model whose form is fitted. Default: ${DEFAULT-VALUE}")
    private String model;

    @Option(names = "--activate", description = "Serve the new version at once")
    private boolean activate;

    @Override
    Duration patience() {
        return Duration.ofMinutes(5);
    }

    @Override
    int run(ApiClient client) {
        JsonNode trained =
                client.post("/models/train", Json.object().put("model", model)).body();
        if (!activate) {
            return answer(trained, Shown.any(trained));
        }
        String made =
                trained.path("name").asText() + "@" + trained.path("version").asText();
        JsonNode active = ModelsVerb.activate(client, made);
        return answer(active, Shown.any(active));
    }
}
