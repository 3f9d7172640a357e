package io.glucogrid.client.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.cgm.Cgm;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code glucogrid predict}: predictions from served features. */
@Command(
        name = "predict",
        description = "Predict glucose: v1 from served features, v2 to v5 from subjects' own states.")
public final class PredictVerb extends ApiVerb {
    private static final String FORECAST = "forecast";

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

    @Option(names = "--path", description = "Of a forecaster: every five minutes of the coming hour")
    private boolean path;

    @Option(
            names = "--at",
            paramLabel = "TIME",
            description = "Predict from the features of that time: epoch seconds or ISO-8601. Default: the latest")
    private @Nullable String at;

    @Option(
            names = "--warn-low",
            paramLabel = "P",
            description =
                    "Of a forecaster: warn from this probability of a low within 30 minutes. Default: as set for the user")
    private @Nullable Double warnLow;

    @Option(
            names = "--warn-high",
            paramLabel = "P",
            description =
                    "Of a forecaster: warn from this probability of a high within 30 minutes. Default: as set for the user")
    private @Nullable Double warnHigh;

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
        if (path) {
            request.put("path", true);
        }
        if (warnLow != null || warnHigh != null) {
            request.putObject("operating_point").put("low", warnLow).put("high", warnHigh);
        }
        JsonNode records = client.post("/predict", request).body();
        if (records.path(0).has(FORECAST)) {
            return answer(records, Shown.records(steps(records)));
        }
        return answer(records, Shown.records(beside(rows, records)));
    }

    /** One line per step of each forecast, and one for a subject without a reading. */
    private static ArrayNode steps(JsonNode records) {
        ArrayNode rows = Json.array();
        for (JsonNode record : records) {
            JsonNode risk = record.path("risk");
            for (JsonNode step : record.path(FORECAST)) {
                ObjectNode row = about(record, rows);
                row.put("minutes", step.path("minutes").asInt());
                for (String field : List.of("glucose", "low", "high")) {
                    row.put(
                            field,
                            String.format(Locale.ROOT, "%.1f", step.path(field).asDouble()));
                }
                row.put("level", step.path("level").asText());
                row.put("P(<70)", probability(risk.path("below_70_within_30_min")));
                row.put("P(>180)", probability(risk.path("above_180_within_30_min")));
                row.put("warns", warning(risk));
            }
            if (record.path(FORECAST).isEmpty()) {
                about(record, rows);
            }
        }
        return rows;
    }

    private static String probability(JsonNode value) {
        return String.format(Locale.ROOT, "%.3f", value.asDouble());
    }

    private static String warning(JsonNode risk) {
        boolean low = risk.path("warns_of_low").asBoolean();
        boolean high = risk.path("warns_of_high").asBoolean();
        if (low && high) {
            return "low, high";
        }
        return low ? "low" : high ? "high" : "";
    }

    private static ObjectNode about(JsonNode record, ArrayNode rows) {
        ObjectNode row = rows.addObject();
        for (String field : List.of("subject_id", "model", "event_timestamp")) {
            row.set(field, record.path(field));
        }
        return row;
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
