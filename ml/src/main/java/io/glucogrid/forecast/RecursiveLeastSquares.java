package io.glucogrid.forecast;

/**
 * One subject's linear forecaster of one horizon that learns with every label: recursive least squares with {@code P₀ = I/λ},
 * started at the population's coefficients, kept as an information matrix ({@link GramSums}). Until a first day of labels has been
 * seen, its forecast is the population's, moved towards its own by the share of that day: at an hour's horizon, coefficients of
 * a few hours' wear are worse than nobody's. Not thread-safe.
 */
public final class RecursiveLeastSquares {
    private final Scaling scaling;
    private final double[] prior;
    private final double lambda;
    private final int gateLabels;
    private final double forgetting;
    private final RidgeSolver solver;
    private final GramSums sums;
    private final double[] beta;
    private int labels;
    private boolean stale;

    private RecursiveLeastSquares(
            Scaling scaling, double[] prior, double lambda, int gateLabels, double forgetting, RidgeSolver solver) {
        this.scaling = scaling;
        this.prior = prior;
        this.lambda = lambda;
        this.gateLabels = gateLabels;
        this.forgetting = forgetting;
        this.solver = solver;
        this.sums = GramSums.empty(scaling.features(), 1);
        this.beta = prior.clone();
    }

    /**
     * A learner that has seen nothing.
     *
     * @param prior coefficients of z-scores under {@code scaling}, intercept last
     * @param lambda weight of the prior, in labels
     * @param gateLabels labels over which the own coefficients are phased in
     * @param forgetting weight of the past per label, in (0, 1]; 1 on one wear, 0.9999 for months. The prior is not forgotten.
     */
    public static RecursiveLeastSquares of(
            Scaling scaling, double[] prior, double lambda, int gateLabels, double forgetting) {
        if (prior.length != scaling.features() + 1 || !(lambda > 0) || !(forgetting > 0 && forgetting <= 1)) {
            throw new IllegalArgumentException(
                    "prior of " + prior.length + ", lambda " + lambda + ", forgetting " + forgetting);
        }
        return new RecursiveLeastSquares(
                scaling, prior.clone(), lambda, gateLabels, forgetting, new RidgeSolver(prior.length));
    }

    /** Takes in the label {@code y} of the raw features {@code x[at..]}. */
    public void learn(double[] x, int at, double y) {
        if (forgetting < 1) {
            sums.discount(forgetting);
        }
        sums.add(x, at, y, 1);
        labels++;
        stale = true;
    }

    public int labels() {
        return labels;
    }

    /** Forecast at the raw features {@code x[at..]}. */
    public double predict(double[] x, int at) {
        refresh();
        double pooled = scaling.dot(prior, x, at);
        return pooled + ForecastModel.trust(labels, gateLabels) * (scaling.dot(beta, x, at) - pooled);
    }

    /** The subject's own coefficients of z-scores, intercept last. */
    public double[] coefficients() {
        refresh();
        return beta.clone();
    }

    private void refresh() {
        if (stale) {
            solver.solve(sums, 0, scaling, lambda, prior, beta);
            stale = false;
        }
    }

    /**
     * Forecasts of all examples of a subject in order of time, each made after all labels that had matured by then were learnt.
     */
    public double[] replay(Examples examples) {
        double[] out = new double[examples.size()];
        int matured = 0;
        for (int i = 0; i < out.length; i++) {
            while (matured < i && examples.targetOrdinal(matured) <= examples.anchorOrdinal(i)) {
                learn(examples.features(), examples.featuresAt(matured), examples.target(matured));
                matured++;
            }
            out[i] = predict(examples.features(), examples.featuresAt(i));
        }
        return out;
    }
}
