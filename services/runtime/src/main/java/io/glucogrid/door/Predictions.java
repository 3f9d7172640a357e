package io.glucogrid.door;

import io.glucogrid.cgm.Cgm;
import io.glucogrid.feature.FeatureTable;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.Deadline;
import io.glucogrid.grid.DidYouMean;
import io.glucogrid.json.Json;
import io.glucogrid.model.LinearModel;
import io.glucogrid.model.Predictor;
import io.glucogrid.serving.FeatureRuntime;
import io.glucogrid.serving.HistoricalAnswer;
import io.glucogrid.serving.Selection;
import io.glucogrid.value.Timestamps;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Predictions for entities, from served features. An entity with an {@code event_timestamp} is read as of that time from
 * history, one without from the online store.
 */
final class Predictions {
    private static final String EVENT_TIMESTAMP = "event_timestamp";

    private final Supplier<FeatureRuntime> store;
    private final Supplier<Predictor> predictor;

    Predictions(Supplier<FeatureRuntime> store, Supplier<Predictor> predictor) {
        this.store = store;
        this.predictor = predictor;
    }

    /** Columns by name, whatever the read was. */
    private record Features(List<String> names, List<@Nullable ValueType> types, @Nullable Object[][] rows) {}

    /** One record per entity: its prediction, null where an input is, the model, and the inputs. */
    List<Object> predict(
            @Nullable String modelRef, @Nullable String service, @Nullable Object entities, Deadline deadline) {
        LinearModel model = predictor.get().model(modelRef == null ? Cgm.MODEL_V1 : modelRef);
        Features features = features(service, entities, deadline);
        int[] columns = new int[model.features().size()];
        for (int i = 0; i < columns.length; i++) {
            String input = model.features().get(i);
            columns[i] = features.names().indexOf(input);
            if (columns[i] < 0) {
                throw Operations.invalid("model '" + model.id() + "' needs the feature '" + input
                        + "', which the feature service does not serve"
                        + DidYouMean.suffix(input, features.names()));
            }
        }
        List<Object> records = new ArrayList<>(features.rows().length);
        double[] inputs = new double[columns.length];
        for (@Nullable Object[] row : features.rows()) {
            Map<String, @Nullable Object> used = new LinkedHashMap<>();
            for (int i = 0; i < columns.length; i++) {
                Object value = row[columns[i]];
                inputs[i] =
                        number(model.features().get(i), value, features.types().get(columns[i]));
                used.put(model.features().get(i), value);
            }
            Map<String, @Nullable Object> record = new LinkedHashMap<>();
            record.put("prediction", model.predict(inputs));
            record.put("model", model.id());
            record.put("features", used);
            records.add(record);
        }
        return records;
    }

    /** Throws where the model or the feature service is not there, or the entities are not usable. */
    void check(@Nullable String modelRef, @Nullable String service, List<Object> entities) {
        predictor.get().model(modelRef == null ? Cgm.MODEL_V1 : modelRef);
        store.get().checkOnline(Selection.of(service == null ? Cgm.ONLINE_SERVICE : service), entities);
    }

    private Features features(@Nullable String service, @Nullable Object entities, Deadline deadline) {
        List<@Nullable Object> rows = Json.list(entities);
        Map<String, @Nullable Object> first = rows == null || rows.isEmpty() ? null : Json.object(rows.get(0));
        if (first != null && first.containsKey(EVENT_TIMESTAMP)) {
            Selection selection = Selection.of(service == null ? Cgm.OFFLINE_SERVICE : service);
            HistoricalAnswer answer =
                    store.get().historical(selection, entities, store.get().maxEntities(), false, deadline);
            return new Features(answer.names(), Arrays.asList(answer.types()), answer.rows());
        }
        Selection selection = Selection.of(service == null ? Cgm.ONLINE_SERVICE : service);
        FeatureTable table = store.get().online(selection, entities, deadline).table();
        return new Features(table.names(), new ArrayList<>(table.types()), table.rows());
    }

    private static double number(String input, @Nullable Object value, @Nullable ValueType type) {
        if (value == null) {
            return Double.NaN;
        }
        if (type == ValueType.UNIX_TIMESTAMP && value instanceof Long micros) {
            return micros / (double) Timestamps.MICROS_PER_SECOND;
        }
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        if (value instanceof Boolean flag) {
            return flag ? 1 : 0;
        }
        throw Operations.invalid("feature '" + input + "' is not a number");
    }
}
