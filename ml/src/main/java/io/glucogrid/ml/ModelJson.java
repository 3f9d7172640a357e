package io.glucogrid.ml;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.forecast.ForecastModelJson;
import io.glucogrid.forecast.Kind;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.model.LinearModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Models as JSON documents: {@code {"name", "version", "features", "intercept", "coefficients", "trained_at_micros",
 * "training_rows", "metrics"}}, numbers as the shortest decimals that read back as the same double. Equal models have equal
 * texts.
 */
final class ModelJson {
    /** Words of a path in the tier's {@code meta/}, so nothing else. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,63}");

    private static final String MODEL = "model";
    private static final ObjectMapper JSON = new ObjectMapper();

    private ModelJson() {}

    static String write(LinearModel model) {
        ObjectNode json = JSON.createObjectNode();
        json.put("name", model.name());
        json.put("version", model.version());
        model.features().forEach(json.putArray("features")::add);
        json.put("intercept", model.intercept());
        ArrayNode coefficients = json.putArray("coefficients");
        for (double coefficient : model.coefficients()) {
            coefficients.add(coefficient);
        }
        json.put("trained_at_micros", model.trainedAtMicros());
        json.put("training_rows", model.trainingRows());
        ObjectNode metrics = json.putObject("metrics");
        model.metrics().forEach(metrics::put);
        return text(json);
    }

    /**
     * The model in a document written by {@link #write} or by hand.
     *
     * @throws GridException INVALID_REQUEST that names what is missing or wrong
     */
    static LinearModel read(String text) {
        JsonNode json = parse(text);
        String name = name(json);
        int version = version(json);
        List<String> features = new ArrayList<>();
        required(json, "features").forEach(feature -> features.add(feature.asText()));
        JsonNode weights = required(json, "coefficients");
        if (weights.size() != features.size()) {
            throw invalid(features.size() + " features but " + weights.size() + " coefficients");
        }
        double[] coefficients = new double[weights.size()];
        for (int i = 0; i < coefficients.length; i++) {
            coefficients[i] = finite(weights.path(i), "coefficients");
        }
        return new LinearModel(
                name,
                version,
                features,
                finite(required(json, "intercept"), "intercept"),
                coefficients,
                json.path("trained_at_micros").asLong(),
                json.path("training_rows").asLong(),
                metrics(json));
    }

    private static String name(JsonNode json) {
        String name = required(json, "name").asText();
        if (!NAME.matcher(name).matches()) {
            throw invalid("its name '" + name + "' is not one of letters, digits, '-' and '_'");
        }
        return name;
    }

    private static int version(JsonNode json) {
        JsonNode version = required(json, "version");
        if (!version.canConvertToInt() || version.intValue() < 1) {
            throw invalid("'version' is not a whole number from 1");
        }
        return version.intValue();
    }

    private static Map<String, Double> metrics(JsonNode json) {
        Map<String, Double> metrics = new TreeMap<>();
        json.path("metrics")
                .properties()
                .forEach(metric -> metrics.put(metric.getKey(), finite(metric.getValue(), "metrics")));
        return metrics;
    }

    /**
     * A forecaster's document: what is known of it beside {@code "model"}, which {@link ForecastModelJson} writes.
     */
    static String write(ForecastVersion model) {
        ObjectNode json = JSON.createObjectNode();
        json.put("name", model.name());
        json.put("version", model.version());
        json.put("kind", model.kind().label());
        json.put("share", model.share());
        json.put("trained_at_micros", model.trainedAtMicros());
        json.put("from_micros", model.fromMicros());
        json.put("to_micros", model.toMicros());
        putCut(json, "through_micros", model.cut().throughMicros());
        putCut(json, "known_micros", model.cut().knownMicros());
        json.put("training_rows", model.trainingRows());
        json.put("subjects", model.subjects());
        json.put("fingerprint", model.fingerprint());
        ObjectNode metrics = json.putObject("metrics");
        model.sortedMetrics().forEach(metrics::put);
        json.set(MODEL, parse(ForecastModelJson.write(model.model())));
        return text(json);
    }

    private static void putCut(ObjectNode json, String field, long micros) {
        if (micros != Long.MAX_VALUE) {
            json.put(field, micros);
        }
    }

    /** Whether a document is a forecaster's. */
    static boolean isForecaster(String text) {
        return parse(text).has(MODEL);
    }

    /**
     * The forecaster in a document written by {@link #write(ForecastVersion)}.
     *
     * @throws GridException INVALID_REQUEST that names what is missing or wrong
     */
    static ForecastVersion readForecaster(String text) {
        JsonNode json = parse(text);
        String kind = required(json, "kind").asText();
        if (!Kind.isKind(kind)) {
            throw invalid("'" + kind + "' is no kind of forecaster");
        }
        return new ForecastVersion(
                name(json),
                version(json),
                Kind.of(kind),
                finite(required(json, "share"), "share"),
                json.path("trained_at_micros").asLong(),
                json.path("from_micros").asLong(),
                json.path("to_micros").asLong(),
                new Cut(
                        json.path("through_micros").asLong(Long.MAX_VALUE),
                        json.path("known_micros").asLong(Long.MAX_VALUE)),
                json.path("training_rows").asLong(),
                json.path("subjects").asInt(),
                json.path("fingerprint").asText(),
                metrics(json),
                ForecastModelJson.read(required(json, MODEL).toString()));
    }

    /** A map of names to names, in the order of the names. */
    static String writeNames(Map<String, String> names) {
        ObjectNode json = JSON.createObjectNode();
        new TreeMap<>(names).forEach(json::put);
        return text(json);
    }

    /** A document written by {@link #writeNames}. */
    static Map<String, String> readNames(String text) {
        Map<String, String> names = new TreeMap<>();
        parse(text)
                .properties()
                .forEach(field -> names.put(field.getKey(), field.getValue().asText()));
        return names;
    }

    private static String text(JsonNode json) {
        try {
            return JSON.writeValueAsString(json);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static JsonNode parse(String text) {
        JsonNode json;
        try {
            json = JSON.readTree(text);
        } catch (JsonProcessingException malformed) {
            throw new GridException(
                    ErrorCode.INVALID_REQUEST, "the model is not JSON: " + malformed.getOriginalMessage(), malformed);
        }
        if (!json.isObject()) {
            throw invalid("it is not a JSON object");
        }
        return json;
    }

    private static JsonNode required(JsonNode json, String field) {
        JsonNode value = json.get(field);
        if (value == null || value.isNull()) {
            throw invalid("'" + field + "' is missing");
        }
        return value;
    }

    private static double finite(JsonNode value, String field) {
        double number = value.doubleValue();
        if (!value.isNumber() || !Double.isFinite(number)) {
            throw invalid("'" + field + "' holds something that is not a number");
        }
        return number;
    }

    private static GridException invalid(String what) {
        return new GridException(ErrorCode.INVALID_REQUEST, "the model cannot be read: " + what);
    }
}
