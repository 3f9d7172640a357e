package io.glucogrid.forecast;

import java.util.List;

/** AR(p) fitted by least squares for one horizon directly: an intercept and the last p slots. Immutable. */
public final class AutoRegression {
    private final double[] coefficients;

    private AutoRegression(double[] coefficients) {
        this.coefficients = coefficients;
    }

    /** From coefficients of the slots 0, 1, … p−1 before the forecast and the intercept, in this order. */
    public static AutoRegression of(double[] coefficients) {
        if (coefficients.length < 2) {
            throw new IllegalArgumentException("an autoregression needs a lag and an intercept");
        }
        return new AutoRegression(coefficients.clone());
    }

    /** Fits the leading {@code sizes[i]} examples of each subject. Order at most {@link CompactFeatures#HISTORY}. */
    public static AutoRegression fit(List<Examples> subjects, int[] sizes, int order) {
        if (order < 1 || order > CompactFeatures.HISTORY) {
            throw new IllegalArgumentException("order " + order);
        }
        GramSums sums = GramSums.empty(order, 1);
        double[] lags = new double[order];
        for (int s = 0; s < sizes.length; s++) {
            Examples examples = subjects.get(s);
            for (int i = 0; i < sizes[s]; i++) {
                fillLags(examples.values(i), examples.anchor(i), lags);
                sums.add(lags, 0, examples.target(i), 1);
            }
        }
        return new AutoRegression(sums.solve(0));
    }

    /** Writes {@code values[anchor]}, {@code values[anchor - 1]}, … */
    public static void fillLags(double[] values, int anchor, double[] lags) {
        for (int k = 0; k < lags.length; k++) {
            lags[k] = values[anchor - k];
        }
    }

    public int order() {
        return coefficients.length - 1;
    }

    /** Coefficients of the slots 0, 1, … before the forecast, and the intercept. */
    public double[] coefficients() {
        return coefficients.clone();
    }

    /** Forecast in mg/dL at {@code values[anchor]}, which needs {@link #order} slots. */
    public double predict(double[] values, int anchor) {
        double sum = coefficients[coefficients.length - 1];
        for (int k = 0; k < coefficients.length - 1; k++) {
            sum += coefficients[k] * values[anchor - k];
        }
        return sum;
    }
}
