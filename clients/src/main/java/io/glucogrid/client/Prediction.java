package io.glucogrid.client;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * One prediction as a client sees it.
 *
 * @param glucoseMgDl predicted glucose; NaN where a feature was missing
 * @param model {@code name@version} that made it
 */
public record Prediction(String entity, double glucoseMgDl, String model) {
    static Prediction of(JsonNode entity, JsonNode answer, String model) {
        JsonNode value = first(answer, "prediction", "predicted", "expected", "glucose");
        return new Prediction(
                entity.path("subject_id").asText(Json.text(entity)),
                value.isNumber() ? value.doubleValue() : Double.NaN,
                answer.path("model").asText(model));
    }

    private static JsonNode first(JsonNode object, String... names) {
        for (String name : names) {
            JsonNode value = object.path(name);
            if (value.isNumber()) {
                return value;
            }
        }
        return object.path(names[0]);
    }
}
