package io.glucogrid.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.ArrayList;
import java.util.List;

/** Reads the answer of {@code POST /predict}, as a list of records or as columns. */
public final class Predictions {
    private Predictions() {}

    /** One prediction per entity, in order; fewer where the answer has fewer. */
    public static List<Prediction> of(ArrayNode entities, JsonNode answer, String model) {
        String used = answer.path("model").asText(model);
        JsonNode records = answer.isArray() ? answer : answer.path("predictions");
        List<Prediction> predictions = new ArrayList<>();
        for (int i = 0; i < entities.size(); i++) {
            JsonNode entity = entities.get(i);
            if (records.path(i).isObject()) {
                predictions.add(Prediction.of(entity, records.path(i), used));
            } else if (records.path(i).isNumber()) {
                predictions.add(Prediction.of(entity, Json.object().set("prediction", records.path(i)), used));
            } else if (answer.path("prediction").path(i).isNumber()) {
                predictions.add(Prediction.of(
                        entity,
                        Json.object()
                                .set("prediction", answer.path("prediction").path(i)),
                        used));
            }
        }
        return predictions;
    }
}
