package io.glucogrid.ml;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.model.LinearModel;
import org.jspecify.annotations.Nullable;

/**
 * A version of a model on the shelf, of either sort.
 *
 * @param text its document
 * @param linear null where it is a forecaster
 * @param forecaster null where it is a plain linear model
 */
record StoredModel(
        String name, int version, String text, @Nullable LinearModel linear, @Nullable ForecastVersion forecaster) {
    static StoredModel of(LinearModel model) {
        return new StoredModel(model.name(), model.version(), ModelJson.write(model), model, null);
    }

    static StoredModel of(ForecastVersion model) {
        return new StoredModel(model.name(), model.version(), ModelJson.write(model), null, model);
    }

    /** The model in a document; INVALID_REQUEST that names what is wrong with it. */
    static StoredModel read(String text) {
        return ModelJson.isForecaster(text) ? of(ModelJson.readForecaster(text)) : of(ModelJson.read(text));
    }

    String id() {
        return name + "@" + version;
    }

    /** INVALID_REQUEST where it is a forecaster, whose inputs are not served features. */
    LinearModel requireLinear() {
        if (linear == null) {
            throw new GridException(ErrorCode.INVALID_REQUEST, "model '" + id() + "' is a forecaster");
        }
        return linear;
    }

    /** INVALID_REQUEST where it is none. */
    ForecastVersion requireForecaster() {
        if (forecaster == null) {
            throw new GridException(ErrorCode.INVALID_REQUEST, "model '" + id() + "' is not a forecaster");
        }
        return forecaster;
    }
}
