package io.glucogrid.feature;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * A feature computed over the readings of an entity whose event times lie in {@code (t - window, t]}. Online t is the event time
 * of the entity's latest row, in history the time asked for.
 *
 * @param name name of the feature; of {@link Function#LAST_N} the stem of several names
 * @param column numeric feature of the same view
 * @param n how many values {@link Function#LAST_N} gives, from 1; 0 for other functions
 * @param low inclusive lower bound of {@link Function#FRACTION_BETWEEN}; NaN for other functions
 * @param high inclusive upper bound of {@link Function#FRACTION_BETWEEN}; NaN for other functions
 */
public record Aggregation(
        String name, Function function, String column, Duration window, int n, double low, double high) {
    /** What is computed of the values in a window; readings without a value are left out. */
    public enum Function {
        /** Arithmetic mean, DOUBLE. */
        MEAN,
        /** Sample standard deviation (divisor count - 1), DOUBLE; null of fewer than two values. */
        SD,
        /** Least value, of the column's type. */
        MIN,
        /** Greatest value, of the column's type. */
        MAX,
        /** Number of values, INT64; 0 of an empty window. */
        COUNT,
        /** Slope of the least-squares line through the values, in units per minute, DOUBLE; null of fewer than two values. */
        SLOPE,
        /** The n latest values, the latest first, as n features of the column's type; null where there are fewer. */
        LAST_N,
        /** Share of values with {@code low <= value <= high}, from 0 to 1, DOUBLE. */
        FRACTION_BETWEEN;

        /** The name in definition files. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Length of the window in microseconds. */
    public long windowMicros() {
        return TimeUnit.MICROSECONDS.convert(window);
    }

    /** The features that come of it: one, or of {@link Function#LAST_N} {@code <name>_1}, the latest, to {@code <name>_<n>}. */
    public List<Field> outputs(ValueType columnType) {
        return switch (function) {
            case MEAN, SD, SLOPE, FRACTION_BETWEEN -> List.of(new Field(name, ValueType.DOUBLE));
            case COUNT -> List.of(new Field(name, ValueType.INT64));
            case MIN, MAX -> List.of(new Field(name, columnType));
            case LAST_N -> {
                List<Field> fields = new ArrayList<>(n);
                for (int i = 1; i <= n; i++) {
                    fields.add(new Field(name + "_" + i, columnType));
                }
                yield fields;
            }
        };
    }
}
