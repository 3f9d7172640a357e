package io.glucogrid.forecast;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A {@link ForecastModel} as JSON and back, without loss: numbers are written as the shortest decimals that read back the same. */
public final class ForecastModelJson {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private ForecastModelJson() {}

    public static String write(ForecastModel model) {
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        document.put("kind", "personal_linear");
        document.put("lambda", model.lambda());
        document.put("gate_labels", model.gateLabels());
        ArrayNode features = document.putArray("features");
        CompactFeatures.NAMES.forEach(features::add);
        ArrayNode horizons = document.putArray("horizons");
        for (int h = 0; h < model.horizons().count(); h++) {
            write(model.horizons().minutes(h), model.horizon(h), horizons.addObject());
        }
        return document.toString();
    }

    private static void write(int minutes, HorizonModel model, ObjectNode node) {
        double[] mean = new double[CompactFeatures.COUNT];
        double[] sd = new double[CompactFeatures.COUNT];
        for (int i = 0; i < mean.length; i++) {
            mean[i] = model.scaling().mean(i);
            sd[i] = model.scaling().sd(i);
        }
        node.put("minutes", minutes);
        put(node, "mean", mean);
        put(node, "sd", sd);
        put(node, "coefficients_and_intercept", model.pooled());
        put(node, "lags_and_intercept", model.autoRegression().coefficients());
        ObjectNode errors = node.putObject("errors");
        for (Level level : Level.values()) {
            ErrorModel error = model.errors(level);
            if (level == Level.LEARNING && error == model.errors(Level.POOLED)) {
                continue; // the usual case, and a quarter of the text
            }
            ObjectNode of = errors.putObject(key(level));
            put(of, "volatility_and_intercept", error.volatility());
            of.put("smallest_sigma", error.smallestSigma());
            put(of, "size", error.size());
            put(of, "target", error.target());
            put(of, "lowest", error.lowest());
            put(of, "highest", error.highest());
        }
    }

    /**
     * The model that {@link #write} wrote.
     *
     * @throws GridException INVALID_REQUEST where the text is something else
     */
    public static ForecastModel read(String json) {
        try {
            return read(MAPPER.readTree(json));
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw new GridException(ErrorCode.INVALID_REQUEST, "not a forecast model: " + e.getMessage(), e);
        }
    }

    private static ForecastModel read(JsonNode document) {
        List<String> features = new ArrayList<>();
        document.path("features").forEach(name -> features.add(name.asText()));
        if (!features.equals(CompactFeatures.NAMES)) {
            throw new IllegalArgumentException("its features are " + features);
        }
        JsonNode nodes = document.path("horizons");
        int[] slots = new int[nodes.size()];
        List<HorizonModel> models = new ArrayList<>();
        for (int h = 0; h < slots.length; h++) {
            slots[h] = nodes.path(h).path("minutes").asInt() / Slots.MINUTES;
            models.add(horizon(nodes.path(h)));
        }
        return ForecastModel.of(
                Horizons.of(slots),
                models,
                document.path("lambda").asDouble(),
                document.path("gate_labels").asInt());
    }

    private static HorizonModel horizon(JsonNode node) {
        Map<Level, ErrorModel> errors = new EnumMap<>(Level.class);
        for (Level level : Level.values()) {
            JsonNode of = node.path("errors").path(key(level));
            if (level == Level.LEARNING && of.isMissingNode()) {
                continue;
            }
            errors.put(
                    level,
                    ErrorModel.of(
                            doubles(of, "volatility_and_intercept"),
                            of.path("smallest_sigma").asDouble(),
                            doubles(of, "size"),
                            doubles(of, "target"),
                            doubles(of, "lowest"),
                            doubles(of, "highest")));
        }
        ErrorModel pooled = errors.get(Level.POOLED);
        if (pooled != null) {
            errors.putIfAbsent(Level.LEARNING, pooled);
        }
        return HorizonModel.of(
                Scaling.of(doubles(node, "mean"), doubles(node, "sd")),
                doubles(node, "coefficients_and_intercept"),
                AutoRegression.of(doubles(node, "lags_and_intercept")),
                errors);
    }

    private static String key(Level level) {
        return level.name().toLowerCase(Locale.ROOT);
    }

    private static void put(ObjectNode node, String name, double[] values) {
        ArrayNode array = node.putArray(name);
        for (double value : values) {
            array.add(value);
        }
    }

    private static double[] doubles(JsonNode node, String name) {
        JsonNode array = node.path(name);
        double[] values = new double[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.path(i).asDouble();
        }
        return values;
    }
}
