package io.glucogrid.registry;

import io.glucogrid.feature.Aggregation;
import io.glucogrid.feature.Aggregation.Function;
import io.glucogrid.grid.DidYouMean;
import io.glucogrid.json.Marked;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The windowed features of a view in a definition file: a list of {@code {function, column, time_window}}, as Feast's stream
 * feature views have it, with {@code n} of {@code last_n}, {@code low} and {@code high} of {@code fraction_between}, and a {@code
 * name} in place of {@code <column>_<function>_<time_window>}.
 */
final class Aggregations {
    private static final String KEY = "aggregations";
    private static final Duration LONGEST = Duration.ofDays(7);
    private static final int MOST_LAST = 100;
    private static final int MOST_IN_A_VIEW = 100;

    private Aggregations() {}

    /**
     * Aggregations of a view's section; none where it has none.
     *
     * @param places takes the name and the line of each
     */
    static List<Aggregation> read(Section view, ObjIntConsumer<String> places) {
        Marked value = view.get(KEY);
        if (value == null) {
            return List.of();
        }
        List<Marked> items = value.sequence();
        if (items == null) {
            view.problem(value.line(), "'" + KEY + "' must be a list, not " + value.kind());
            return List.of();
        }
        if (items.size() > MOST_IN_A_VIEW) {
            view.problem(value.line(), items.size() + " aggregations; a view takes " + MOST_IN_A_VIEW);
            return List.of();
        }
        List<Aggregation> aggregations = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            Section item = view.section(String.valueOf(i + 1), items.get(i), "aggregation");
            Aggregation made = item(item);
            item.finish();
            if (made != null) {
                places.accept(made.name(), item.line());
                aggregations.add(made);
            }
        }
        return aggregations;
    }

    private static @Nullable Aggregation item(Section in) {
        String column = in.required("column");
        String windowText = in.required("time_window");
        Duration window = window(in, windowText);
        Function function = function(in, in.required("function"));
        if (function == null) {
            in.get("n");
            in.get("low");
            in.get("high");
            in.get("name");
            return null;
        }
        String name = in.name("name", in.text("name", column + "_" + function.text() + "_" + windowText));
        int n = 0;
        double low = Double.NaN;
        double high = Double.NaN;
        if (function == Function.LAST_N) {
            double asked = number(in, "n");
            if (!(asked >= 1 && asked <= MOST_LAST && asked == Math.rint(asked))) {
                in.problem(in.line("n"), "'n' must be a whole number from 1 to " + MOST_LAST);
                return null;
            }
            n = (int) asked;
        } else if (function == Function.FRACTION_BETWEEN) {
            low = number(in, "low");
            high = number(in, "high");
            if (!(low <= high)) {
                in.problem(in.line("low"), "'low' and 'high' must be numbers, 'low' not above 'high'");
                return null;
            }
        }
        return window == null ? null : new Aggregation(name, function, column, window, n, low, high);
    }

    private static @Nullable Duration window(Section in, String text) {
        Duration window = Ages.parse(text);
        if (!text.isEmpty() && (window == null || window.isZero() || window.compareTo(LONGEST) > 0)) {
            in.problem(
                    in.line("time_window"),
                    "'time_window' must be a duration such as 15m, 3h or 24h, at most " + Ages.write(LONGEST)
                            + ", not '" + text + "'");
            return null;
        }
        return window;
    }

    private static @Nullable Function function(Section in, String text) {
        List<String> names = new ArrayList<>();
        for (Function function : Function.values()) {
            if (function.text().equals(text)) {
                return function;
            }
            names.add(function.text());
        }
        if (!text.isEmpty()) {
            in.problem(
                    in.line("function"),
                    "'function' must be one of " + String.join(", ", names) + ", not '" + text + "'"
                            + DidYouMean.suffix(text, names));
        }
        return null;
    }

    /** A number that must be there; NaN where it is not. */
    private static double number(Section in, String key) {
        String text = in.text(key);
        try {
            return text == null ? Double.NaN : Double.parseDouble(text);
        } catch (NumberFormatException notANumber) {
            return Double.NaN;
        }
    }

    /** What {@link #read} reads back. */
    static Map<String, Object> tree(Aggregation aggregation) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("name", aggregation.name());
        tree.put("function", aggregation.function().text());
        tree.put("column", aggregation.column());
        tree.put("time_window", Ages.write(aggregation.window()));
        if (aggregation.function() == Function.LAST_N) {
            tree.put("n", aggregation.n());
        }
        if (aggregation.function() == Function.FRACTION_BETWEEN) {
            tree.put("low", aggregation.low());
            tree.put("high", aggregation.high());
        }
        return tree;
    }
}
