package io.glucogrid.forecast;

/**
 * Least absolute deviations by iteratively reweighted least squares: it aims at the median where least squares aims at the mean,
 * so that a meal nobody announced pulls less on the coefficients. Publish both, for they are good at different things.
 */
public final class RobustFit {
    /** Residuals below this many mg/dL weigh alike. */
    private static final double SMALLEST_RESIDUAL = 2;

    private static final int STEPS = 8;

    private RobustFit() {}

    /**
     * Coefficients of z-scores, intercept last, that about minimise the sum of absolute residuals.
     *
     * @param x rows of {@code scaling.features()} raw features
     */
    public static double[] pooled(double[] x, double[] y, int rows, Scaling scaling) {
        int features = scaling.features();
        RidgeSolver solver = new RidgeSolver(features + 1);
        double[] beta = new double[features + 1];
        double[] none = new double[features + 1];
        for (int step = 0; step <= STEPS; step++) {
            GramSums sums = GramSums.empty(features, 1);
            for (int i = 0; i < rows; i++) {
                double residual = step == 0 ? 1 : y[i] - scaling.dot(beta, x, i * features);
                sums.add(x, i * features, y[i], weight(residual));
            }
            solver.solve(sums, 0, scaling, 0, none, beta);
        }
        return beta;
    }

    /** Weight of a row with that residual in the next least-squares fit. */
    public static double weight(double residual) {
        return 1 / Math.max(Math.abs(residual), SMALLEST_RESIDUAL);
    }

    /**
     * One subject's coefficients, shrunk towards the pooled ones: rows weighed by their residual under the pooled model, the
     * weights scaled to mean 1 so that {@code lambda} still counts in rows.
     */
    public static double[] personal(Examples examples, int size, Scaling scaling, double lambda, double[] pooled) {
        if (size == 0) {
            return pooled.clone();
        }
        double[] weights = new double[size];
        double total = 0;
        for (int i = 0; i < size; i++) {
            double residual = examples.target(i) - scaling.dot(pooled, examples.features(), examples.featuresAt(i));
            weights[i] = weight(residual);
            total += weights[i];
        }
        GramSums sums = GramSums.empty(scaling.features(), 1);
        for (int i = 0; i < size; i++) {
            sums.add(examples.features(), examples.featuresAt(i), examples.target(i), weights[i] * size / total);
        }
        return sums.ridge(0, scaling, lambda, pooled);
    }
}
