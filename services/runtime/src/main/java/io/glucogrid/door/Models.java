package io.glucogrid.door;

import io.glucogrid.cgm.Cgm;
import io.glucogrid.model.LinearModel;
import io.glucogrid.model.Predictor;
import io.glucogrid.model.Trainer;
import io.glucogrid.value.Timestamps;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Models as clients see them. */
final class Models {
    private static final Duration TRAINING_DEADLINE = Duration.ofMinutes(5);

    private final Supplier<Predictor> predictor;
    private final Supplier<Trainer> trainer;

    Models(Supplier<Predictor> predictor, Supplier<Trainer> trainer) {
        this.predictor = predictor;
        this.trainer = trainer;
    }

    List<Object> list() {
        List<Object> models = new ArrayList<>();
        for (LinearModel model : predictor.get().models()) {
            models.add(tree(model, isActive(model)));
        }
        return models;
    }

    Map<String, Object> train(@Nullable String name) {
        return tree(trainer.get().train(name == null ? Cgm.MODEL_V1 : name, TRAINING_DEADLINE), false);
    }

    Map<String, Object> activate(String ref) {
        return tree(predictor.get().activate(ref), true);
    }

    private boolean isActive(LinearModel model) {
        return predictor.get().model(model.name()).version() == model.version();
    }

    private static Map<String, Object> tree(LinearModel model, boolean active) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("name", model.name());
        tree.put("version", model.version());
        tree.put("active", active);
        tree.put("features", model.features());
        tree.put("intercept", model.intercept());
        List<Double> coefficients = new ArrayList<>();
        for (double coefficient : model.coefficients()) {
            coefficients.add(coefficient);
        }
        tree.put("coefficients", coefficients);
        if (model.trainedAtMicros() != 0) {
            tree.put("trained_at", Timestamps.iso(model.trainedAtMicros()));
            tree.put("training_rows", model.trainingRows());
        }
        tree.put("metrics", model.metrics());
        return tree;
    }
}
