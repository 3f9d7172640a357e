package io.glucogrid.client.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.cgm.Cgm;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code glucogrid predict}: predictions from the latest features. */
@Command(name = "predict", description = "Predict glucose from the latest features of entities.")
public final class PredictVerb extends ApiVerb {
    @Option(
            names = "--entity",
            required = true,
            paramLabel = "KEY",
            description = "Subject, or join keys as name=value[,name=value]; may be repeated")
    private List<String> entities;

    @Option(
            names = "--model",
            paramLabel = "NAME[@VERSION]",
            defaultValue = Cgm.MODEL_V1,
            description = "Model; without a version its active one. Default: ${DEFAULT-VALUE}")
    private String model;

    @Override
    int run(ApiClient client) {
        ObjectNode request = Json.object().put("model", model);
        request.set("entities", Entities.of(entities));
        JsonNode answer = client.post("/predict", request).body();
        return answer(answer, Shown.any(answer));
    }
}
