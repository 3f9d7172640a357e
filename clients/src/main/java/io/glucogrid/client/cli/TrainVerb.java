package io.glucogrid.client.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.cgm.Cgm;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
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
        ObjectNode both = Json.object();
        both.set("trained", trained);
        both.set("active", ModelsVerb.activate(client, reference(trained)));
        return answer(both, Shown.any(trained) + "active\n");
    }

    private String reference(JsonNode trained) {
        JsonNode described = trained.path("model").isObject() ? trained.path("model") : trained;
        if (described.path("id").isTextual()) {
            return described.path("id").textValue();
        }
        if (described.path("model").asText().contains("@")) {
            return described.path("model").textValue();
        }
        if (described.path("version").canConvertToInt()) {
            return model + "@" + described.path("version").intValue();
        }
        throw new GridException(
                ErrorCode.INTERNAL, "trained, but the answer names no version to activate: " + Json.text(trained));
    }
}
