package io.glucogrid.client.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.cgm.Cgm;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code glucogrid predict}: predictions from served features. */
@Command(name = "predict", description = "Predict glucose from the features of entities.")
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

    @Option(
            names = "--at",
            paramLabel = "TIME",
            description = "Predict from the features of that time: epoch seconds or ISO-8601. Default: the latest")
    private @Nullable String at;

    @Override
    int run(ApiClient client) {
        ArrayNode rows = Entities.of(entities);
        if (at != null) {
            for (JsonNode row : rows) {
                Entities.putTime((ObjectNode) row, "event_timestamp", at);
            }
        }
        ObjectNode request = Json.object().put("model", model);
        request.set("entities", rows);
        JsonNode records = client.post("/predict", request).body();
        return answer(records, Shown.records(beside(rows, records)));
    }

    /** The answer's records, each after the entity it is about. */
    private static ArrayNode beside(ArrayNode entities, JsonNode records) {
        ArrayNode both = Json.array();
        for (int i = 0; i < records.size(); i++) {
            ObjectNode row = both.addObject();
            entities.path(i).properties().forEach(field -> row.set(field.getKey(), field.getValue()));
            records.path(i).properties().forEach(field -> row.set(field.getKey(), field.getValue()));
        }
        return both;
    }
}
