package io.glucogrid.registry;

import io.glucogrid.expression.Expression;
import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.OnDemandView;
import io.glucogrid.feature.Source;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.DidYouMean;
import io.glucogrid.grid.GridException;
import io.glucogrid.json.Marked;
import io.glucogrid.value.Coercion;
import io.glucogrid.value.Timestamps;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A test inside a definition file: what an on-demand view must compute from given inputs. Inputs that are left out are null.
 *
 * @param inputs values of features, join keys and request fields, by name
 * @param expected values of the view's features, by name; a feature that is left out is not compared
 */
record GoldenRow(
        String name, String file, int line, String view, Map<String, Marked> inputs, Map<String, Marked> expected) {
    /** Reals that agree to this part of the greater one are equal. */
    private static final double RELATIVE_TOLERANCE = 1e-9;

    /** Runs the test with the code that serves; whatever is wrong is a problem of the files. */
    void run(Definitions definitions, Places places, Problems problems) {
        if (places.isIncomplete(DefinitionsCheck.ON_DEMAND, view)) {
            return; // it cannot be computed, as is said where it stands
        }
        OnDemandView tested = definitions.onDemandViews().get(view);
        if (tested == null) {
            problem(
                    problems,
                    line,
                    "no on-demand feature view is named '" + view + "'"
                            + DidYouMean.suffix(
                                    view, definitions.onDemandViews().keySet()));
            return;
        }
        Map<String, ValueType> types = inputTypes(definitions, tested);
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        inputs.forEach((input, value) -> {
            ValueType type = types.get(input);
            if (type == null) {
                problem(
                        problems,
                        value.line(),
                        "'" + view + "' has no input '" + input + "'" + DidYouMean.suffix(input, types.keySet()));
            } else {
                values.put(input, typed(new Field(input, type), value, problems));
            }
        });
        List<String> names =
                tested.features().stream().map(OnDemandView.Derived::name).toList();
        for (String feature : expected.keySet()) {
            if (!names.contains(feature)) {
                problem(
                        problems,
                        line,
                        "'" + view + "' has no feature '" + feature + "'" + DidYouMean.suffix(feature, names));
            }
        }
        for (OnDemandView.Derived feature : tested.features()) {
            Marked value = expected.get(feature.name());
            if (value != null) {
                compare(feature, value, types, values, problems);
            }
        }
    }

    private void compare(
            OnDemandView.Derived feature,
            Marked value,
            Map<String, ValueType> types,
            Map<String, @Nullable Object> values,
            Problems problems) {
        Object wanted = typed(new Field(feature.name(), feature.type()), value, problems);
        Expression expression = Expression.compile(feature.expression(), types, feature.type());
        Object got = expression.evaluate(
                expression.inputs().stream().map(values::get).toArray());
        if (!equal(wanted, got)) {
            problem(
                    problems,
                    value.line(),
                    "'" + feature.name() + "' is " + shown(feature.type(), got) + ", not "
                            + shown(feature.type(), wanted));
        }
    }

    private @Nullable Object typed(Field field, Marked value, Problems problems) {
        if (value.value() != null && value.scalar() == null) {
            problem(problems, value.line(), "'" + field.name() + "' must be one value, not " + value.kind());
            return null;
        }
        try {
            return Coercion.value(field, value.scalar());
        } catch (GridException wrong) {
            problem(problems, value.line(), wrong.reason());
            return null;
        }
    }

    private static Map<String, ValueType> inputTypes(Definitions definitions, OnDemandView view) {
        Map<String, ValueType> types = new LinkedHashMap<>();
        for (String source : view.sources()) {
            FeatureView stored = definitions.views().get(source);
            if (stored != null) {
                stored.servedFeatures().forEach(field -> types.put(field.name(), field.type()));
                definitions.joinKeys(stored).forEach(field -> types.putIfAbsent(field.name(), field.type()));
            } else if (definitions.sources().get(source) instanceof Source.Request request) {
                request.schema().forEach(field -> types.put(field.name(), field.type()));
            }
        }
        return types;
    }

    private static boolean equal(@Nullable Object wanted, @Nullable Object got) {
        if (wanted instanceof Number a && got instanceof Number b && !(wanted instanceof Long)) {
            double x = a.doubleValue();
            double y = b.doubleValue();
            return Math.abs(x - y) <= RELATIVE_TOLERANCE * Math.max(Math.abs(x), Math.abs(y));
        }
        return (wanted instanceof byte[] a && got instanceof byte[] b)
                ? Arrays.equals(a, b)
                : Objects.equals(wanted, got);
    }

    private static Object shown(ValueType type, @Nullable Object value) {
        if (value == null) {
            return "null";
        }
        return type == ValueType.UNIX_TIMESTAMP ? Timestamps.iso((Long) value) : value;
    }

    private void problem(Problems problems, int at, String problem) {
        problems.add(file, at, "test '" + name + "': " + problem);
    }
}
