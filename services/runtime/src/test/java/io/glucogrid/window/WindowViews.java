package io.glucogrid.window;

import io.glucogrid.feature.Aggregation;
import io.glucogrid.feature.Aggregation.Function;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.store.TableSchema;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Views with every function over several windows, and the table behind them. */
public final class WindowViews {
    public static final TableSchema TABLE = new TableSchema(
            "readings",
            List.of(new Field("subject_id", ValueType.INT64)),
            "event_timestamp",
            "created",
            List.of(new Field("glucose", ValueType.INT64)));

    private WindowViews() {}

    public static FeatureView view(String name, Duration... windows) {
        List<Aggregation> aggregations = new ArrayList<>();
        for (Duration window : windows) {
            for (Function function : Function.values()) {
                boolean share = function == Function.FRACTION_BETWEEN;
                aggregations.add(new Aggregation(
                        "glucose_" + function.text() + "_" + window.toMinutes() + "m",
                        function,
                        "glucose",
                        window,
                        function == Function.LAST_N ? 3 : 0,
                        share ? 70 : Double.NaN,
                        share ? 180 : Double.NaN));
            }
        }
        return new FeatureView(
                name,
                List.of("subject"),
                null,
                true,
                FeatureView.OnlineTtl.SERVE,
                "push",
                List.of(new Field("glucose", ValueType.INT64)),
                "",
                Map.of(),
                aggregations);
    }
}
