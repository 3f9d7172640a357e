package io.glucogrid.client.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.cgm.Cgm;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code glucogrid train}: fits a model on all readings of the offline tier. */
@Command(name = "train", description = "Fit a model on the readings of the offline tier, as its name's next version.")
public final class TrainVerb extends ApiVerb {
    @Option(
            names = "--model",
            paramLabel = "NAME",
            defaultValue = Cgm.MODEL_V1,
            description = "Model whose form is fitted. Default: ${DEFAULT-VALUE}")
    private String model;

    @Option(
            names = "--kind",
            paramLabel = "KIND",
            description = "Train a forecaster instead: v2 pooled by Ignite ML, v3 per subject, v4 online, v5 robust")
    private @Nullable String kind;

    @Option(
            names = "--lambda",
            paramLabel = "LABELS",
            defaultValue = "300",
            description =
                    "Weight of the population in a subject's own coefficients; 1000 suits type 1. Default: ${DEFAULT-VALUE}")
    private double lambda;

    @Option(
            names = "--share",
            paramLabel = "PART",
            defaultValue = "1",
            description = "Leading part of each subject's readings that may be seen. Default: ${DEFAULT-VALUE}")
    private double share;

    @Option(
            names = "--from-sums",
            description = "Refit the active version of the kind from stored sums, without reading the tier")
    private boolean fromSums;

    @Option(names = "--activate", description = "Serve the new version at once")
    private boolean activate;

    @Override
    Duration patience() {
        return Duration.ofMinutes(10);
    }

    @Override
    int run(ApiClient client) {
        JsonNode trained = client.post("/models/train", request()).body();
        if (!activate) {
            return answer(trained, Shown.any(trained));
        }
        String made =
                trained.path("name").asText() + "@" + trained.path("version").asText();
        JsonNode active = ModelsVerb.activate(client, made);
        return answer(active, Shown.any(active));
    }

    private ObjectNode request() {
        if (kind == null) {
            return Json.object().put("model", model);
        }
        return Json.object()
                .put("kind", kind)
                .put("lambda", lambda)
                .put("share", share)
                .put("from_sums", fromSums);
    }
}
