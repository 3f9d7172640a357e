package io.glucogrid.window;

import io.glucogrid.feature.Aggregation;
import io.glucogrid.feature.FeatureRow;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Windowed features by their definition: all readings in a map, textbook formulas. */
public final class NaiveWindows {
    private final NavigableMap<Long, FeatureRow> latestByEvent = new TreeMap<>();

    public void add(FeatureRow reading) {
        latestByEvent.merge(reading.eventMicros(), reading, (a, b) -> b.createdMicros() >= a.createdMicros() ? b : a);
    }

    public long latestEvent() {
        return latestByEvent.lastKey();
    }

    public Collection<FeatureRow> readings() {
        return latestByEvent.values();
    }

    /** Values by feature name at a time; the column is the row's first value. */
    public void evaluate(Aggregation wanted, long at, Map<String, Object> into) {
        List<Double> x = new ArrayList<>();
        List<Double> minutes = new ArrayList<>();
        latestByEvent
                .subMap(at - wanted.windowMicros(), false, at, true)
                .values()
                .forEach(row -> {
                    if (row.value(0) instanceof Number number) {
                        x.add(number.doubleValue());
                        minutes.add((row.eventMicros() - at) / 60e6);
                    }
                });
        int n = x.size();
        double mean = mean(x);
        double meanMinutes = mean(minutes);
        double squares = 0;
        double products = 0;
        double timeSquares = 0;
        int inside = 0;
        for (int i = 0; i < n; i++) {
            squares += Math.pow(x.get(i) - mean, 2);
            products += (x.get(i) - mean) * (minutes.get(i) - meanMinutes);
            timeSquares += Math.pow(minutes.get(i) - meanMinutes, 2);
            inside += x.get(i) >= wanted.low() && x.get(i) <= wanted.high() ? 1 : 0;
        }
        String name = wanted.name();
        switch (wanted.function()) {
            case MEAN -> into.put(name, n == 0 ? null : mean);
            case SD -> into.put(name, n < 2 ? null : Math.sqrt(squares / (n - 1)));
            case MIN ->
                into.put(
                        name,
                        x.stream().min(Double::compare).map(Double::longValue).orElse(null));
            case MAX ->
                into.put(
                        name,
                        x.stream().max(Double::compare).map(Double::longValue).orElse(null));
            case COUNT -> into.put(name, (long) n);
            case SLOPE -> into.put(name, n < 2 ? null : products / timeSquares);
            case FRACTION_BETWEEN -> into.put(name, n == 0 ? null : (double) inside / n);
            case LAST_N -> {
                for (int i = 1; i <= wanted.n(); i++) {
                    into.put(name + "_" + i, i > n ? null : x.get(n - i).longValue());
                }
            }
        }
    }

    private static double mean(List<Double> numbers) {
        return numbers.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    }
}
