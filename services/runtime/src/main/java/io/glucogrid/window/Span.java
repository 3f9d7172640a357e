package io.glucogrid.window;

import org.jspecify.annotations.Nullable;

/**
 * The values of one column in one window by rising event time, and the functions over them. This is the only implementation of
 * the functions: online values and historical ones come from here, from equal arrays, and are therefore equal to the last bit.
 *
 * <p>Sums are taken of differences from the first value or from the mean, so that a large common level costs no digits; the sum
 * of squares is corrected by what rounding left of the sum of differences (Chan, Golub and LeVeque 1983).
 */
final class Span {
    private static final double MICROS_PER_MINUTE = 60e6;

    private final double[] values;
    private final long[] eventMicros;

    private Span(double[] values, long[] eventMicros) {
        this.values = values;
        this.eventMicros = eventMicros;
    }

    /** Values of a column in {@code (at - window, at]}; readings without one are left out. */
    static Span of(Readings readings, int column, long windowMicros, long atMicros) {
        int to = readings.firstAfter(atMicros);
        int from = Math.max(readings.firstAfter(atMicros - windowMicros), to - Readings.MOST);
        int count = 0;
        for (int i = from; i < to; i++) {
            count += Double.isNaN(readings.value(i, column)) ? 0 : 1;
        }
        double[] values = new double[count];
        long[] events = new long[count];
        for (int i = from, next = 0; i < to; i++) {
            double value = readings.value(i, column);
            if (!Double.isNaN(value)) {
                values[next] = value;
                events[next] = readings.event(i);
                next++;
            }
        }
        return new Span(values, events);
    }

    long count() {
        return values.length;
    }

    @Nullable
    Double mean() {
        return values.length == 0 ? null : average();
    }

    private double average() {
        double first = values[0];
        double sum = 0;
        for (double value : values) {
            sum += value - first;
        }
        return first + sum / values.length;
    }

    /** Sample standard deviation: {@code sqrt(sum((x - mean)^2) / (n - 1))}; null of fewer than two values. */
    @Nullable
    Double sd() {
        int n = values.length;
        if (n < 2) {
            return null;
        }
        double mean = average();
        double sum = 0;
        double squares = 0;
        for (double value : values) {
            double difference = value - mean;
            sum += difference;
            squares += difference * difference;
        }
        return Math.sqrt(Math.max(0, (squares - sum * sum / n) / (n - 1)));
    }

    @Nullable
    Double min() {
        if (values.length == 0) {
            return null;
        }
        double least = values[0];
        for (double value : values) {
            least = Math.min(least, value);
        }
        return least;
    }

    @Nullable
    Double max() {
        if (values.length == 0) {
            return null;
        }
        double greatest = values[0];
        for (double value : values) {
            greatest = Math.max(greatest, value);
        }
        return greatest;
    }

    /**
     * Slope of the least-squares line, {@code sum((t - mean t)(x - mean x)) / sum((t - mean t)^2)}, units per minute; null of
     * fewer than two values.
     */
    @Nullable
    Double slope() {
        int n = values.length;
        if (n < 2) {
            return null;
        }
        long origin = eventMicros[0];
        double meanTime = 0;
        for (long micros : eventMicros) {
            meanTime += (micros - origin) / MICROS_PER_MINUTE;
        }
        meanTime /= n;
        double mean = average();
        double products = 0;
        double squares = 0;
        for (int i = 0; i < n; i++) {
            double time = (eventMicros[i] - origin) / MICROS_PER_MINUTE - meanTime;
            products += time * (values[i] - mean);
            squares += time * time;
        }
        return products / squares;
    }

    /** The value that has {@code back} values after it; null where there are not so many. */
    @Nullable
    Double last(int back) {
        return back < values.length ? values[values.length - 1 - back] : null;
    }

    /** Share of values with {@code low <= value <= high}. */
    @Nullable
    Double fractionBetween(double low, double high) {
        if (values.length == 0) {
            return null;
        }
        int inside = 0;
        for (double value : values) {
            inside += value >= low && value <= high ? 1 : 0;
        }
        return (double) inside / values.length;
    }
}
