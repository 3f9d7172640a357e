package io.glucogrid.forecast;

import java.util.Arrays;

/**
 * How wrong a point forecast tends to be: the honest half of a prediction.
 *
 * <p>Split-conformal prediction with a scale. A linear model of the absolute residual on {@link Volatility}, fitted on the
 * training rows, says how many mg/dL an error is worth right now (σ). On rows that neither model has seen, each residual is
 * divided by its σ; the distribution of these scores, kept as quantiles, is the error model. An interval is {@code forecast ± σ·q}
 * with a quantile of the scores' sizes; that it covers its share of future readings rests on no normal distribution, only on the
 * calibration rows being exchangeable with what follows (Lei et al. 2018; Papadopoulos et al. 2002 for the scale). The scores with
 * their signs give the whole predictive distribution, which is skewed: glucose rises faster than it falls.
 *
 * <p>Two more score distributions answer the question that matters more than the point at the horizon: the lowest and the highest
 * reading <em>on the way</em>. A forecast is a conditional mean and hardly ever crosses 70 mg/dL itself, so an alarm must ask for
 * {@link #probabilityOfLow}, never whether the forecast is low.
 *
 * <p>Immutable.
 */
public final class ErrorModel {
    /** Quantiles are kept in steps of half a per cent. */
    private static final int STEPS = 200;

    /** The fewest rows to calibrate on. */
    public static final int SMALLEST_CALIBRATION = 40;

    private static final double SMALLEST_SHARE = 0.25;

    private final double[] volatility;
    private final double smallestSigma;
    private final double[] size;
    private final double[] target;
    private final double[] lowest;
    private final double[] highest;

    private ErrorModel(
            double[] volatility,
            double smallestSigma,
            double[] size,
            double[] target,
            double[] lowest,
            double[] highest) {
        this.volatility = volatility;
        this.smallestSigma = smallestSigma;
        this.size = size;
        this.target = target;
        this.lowest = lowest;
        this.highest = highest;
    }

    /**
     * From its parts, as the accessors give them.
     *
     * @param volatility coefficients of {@link Volatility} and the intercept; all zero for a constant scale
     * @param smallestSigma mg/dL, positive
     */
    public static ErrorModel of(
            double[] volatility,
            double smallestSigma,
            double[] size,
            double[] target,
            double[] lowest,
            double[] highest) {
        if (volatility.length != Volatility.COUNT + 1 || !(smallestSigma > 0)) {
            throw new IllegalArgumentException("not a scale: " + Arrays.toString(volatility) + ", " + smallestSigma);
        }
        for (double[] quantiles : new double[][] {size, target, lowest, highest}) {
            if (quantiles.length != STEPS + 1) {
                throw new IllegalArgumentException(quantiles.length + " quantiles instead of " + (STEPS + 1));
            }
            for (int i = 1; i < quantiles.length; i++) {
                if (!(quantiles[i] >= quantiles[i - 1])) {
                    throw new IllegalArgumentException("quantiles do not ascend");
                }
            }
        }
        return new ErrorModel(
                volatility.clone(), smallestSigma, size.clone(), target.clone(), lowest.clone(), highest.clone());
    }

    public double[] volatility() {
        return volatility.clone();
    }

    public double smallestSigma() {
        return smallestSigma;
    }

    /** Quantiles 0, 0.5 %, … 100 % of |reading at the horizon − forecast| / σ. */
    public double[] size() {
        return size.clone();
    }

    /** Quantiles of (reading at the horizon − forecast) / σ. */
    public double[] target() {
        return target.clone();
    }

    /** Quantiles of (lowest reading up to the horizon − forecast) / σ. */
    public double[] lowest() {
        return lowest.clone();
    }

    /** Quantiles of (highest reading up to the horizon − forecast) / σ. */
    public double[] highest() {
        return highest.clone();
    }

    /** The scale at {@code values[anchor]}, in mg/dL. Nothing is allocated; {@code scratch} has {@link Volatility#COUNT} places. */
    public double sigma(double[] values, int anchor, double[] scratch) {
        return sigma(volatility, smallestSigma, values, anchor, scratch);
    }

    private static double sigma(
            double[] volatility, double smallestSigma, double[] values, int anchor, double[] scratch) {
        Volatility.fill(values, anchor, scratch, 0);
        double sigma = volatility[Volatility.COUNT];
        for (int i = 0; i < Volatility.COUNT; i++) {
            sigma += volatility[i] * scratch[i];
        }
        return Math.max(sigma, smallestSigma);
    }

    /** The scale where there is too little history for {@link #sigma}. */
    public double constantSigma() {
        return Math.max(volatility[Volatility.COUNT], smallestSigma);
    }

    /** Lower end of the symmetric interval that covers {@code coverage} (0 to 1) of readings. */
    public double low(double forecast, double sigma, double coverage) {
        return forecast - sigma * quantile(size, coverage);
    }

    /** Upper end of that interval. */
    public double high(double forecast, double sigma, double coverage) {
        return forecast + sigma * quantile(size, coverage);
    }

    /** Probability that the reading at the horizon is at most {@code glucose}. */
    public double cumulative(double glucose, double forecast, double sigma) {
        return cumulative(target, (glucose - forecast) / sigma);
    }

    /** Probability that a reading up to the horizon is below {@code threshold}. */
    public double probabilityOfLow(double threshold, double forecast, double sigma) {
        return cumulative(lowest, (threshold - forecast) / sigma);
    }

    /** Probability that a reading up to the horizon is above {@code threshold}. */
    public double probabilityOfHigh(double threshold, double forecast, double sigma) {
        return 1 - cumulative(highest, (threshold - forecast) / sigma);
    }

    private static double quantile(double[] quantiles, double p) {
        double position = p * STEPS;
        int below = (int) position;
        if (below >= STEPS) {
            return quantiles[STEPS];
        }
        return quantiles[below] + (position - below) * (quantiles[below + 1] - quantiles[below]);
    }

    private static double cumulative(double[] quantiles, double score) {
        if (score < quantiles[0]) {
            return 0;
        }
        if (score >= quantiles[STEPS]) {
            return 1;
        }
        int low = 0;
        int high = STEPS;
        while (high - low > 1) {
            int middle = (low + high) >>> 1;
            if (quantiles[middle] <= score) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return (low + (score - quantiles[low]) / (quantiles[high] - quantiles[low])) / STEPS;
    }

    /** How many mg/dL an error is worth: linear in {@link Volatility}, with a floor. Immutable. */
    static final class Scale {
        /** For errors that are left as they are. */
        static final Scale ONE = new Scale(new double[Volatility.COUNT + 1], 1);

        private final double[] volatility;
        private final double smallestSigma;

        private Scale(double[] volatility, double smallestSigma) {
            this.volatility = volatility;
            this.smallestSigma = smallestSigma;
        }

        /** Regresses absolute residuals, the target of {@code sums}, on volatility. */
        static Scale fit(GramSums sums) {
            double mean = sums.targetMean(0);
            double[] constant = new double[Volatility.COUNT + 1];
            constant[Volatility.COUNT] = mean;
            // a touch of shrinkage, so that volatility features that move in step are no error
            Scaling scaling = sums.scaling();
            double[] raw = scaling.toRaw(sums.ridge(0, scaling, 1e-6 * sums.count(), constant));
            return new Scale(raw, Math.max(SMALLEST_SHARE * mean, 1e-6));
        }

        double sigma(double[] values, int anchor, double[] scratch) {
            return ErrorModel.sigma(volatility, smallestSigma, values, anchor, scratch);
        }
    }

    /**
     * The error model of scaled errors: at the horizon, and of the lowest and the highest reading on the way.
     *
     * @throws IllegalStateException where there are fewer than {@value #SMALLEST_CALIBRATION}
     */
    static ErrorModel ofScores(Scale scale, double[] target, double[] lowest, double[] highest) {
        int rows = target.length;
        if (rows < SMALLEST_CALIBRATION) {
            throw new IllegalStateException("only " + rows + " rows to calibrate on");
        }
        double[] sorted = Arrays.stream(target).map(Math::abs).sorted().toArray();
        double[] sizes = new double[STEPS + 1];
        for (int k = 0; k <= STEPS; k++) {
            // conformal rank: the k-th of n + 1 gaps, rounded up
            long rank = (long) Math.ceil((rows + 1.0) * k / STEPS);
            sizes[k] = rounded(sorted[(int) Math.min(rows, Math.max(1, rank)) - 1]);
        }
        return ErrorModel.of(
                scale.volatility, scale.smallestSigma, sizes, quantiles(target), quantiles(lowest), quantiles(highest));
    }

    /** Quantiles of scores with a sign, interpolated between ranks. */
    private static double[] quantiles(double[] scores) {
        double[] sorted = scores.clone();
        Arrays.sort(sorted);
        double[] quantiles = new double[STEPS + 1];
        for (int k = 0; k <= STEPS; k++) {
            double position = (sorted.length - 1.0) * k / STEPS;
            int below = Math.min(sorted.length - 2, (int) position);
            quantiles[k] = rounded(sorted[below] + (position - below) * (sorted[below + 1] - sorted[below]));
        }
        return quantiles;
    }

    /** Quantiles are sample estimates: more digits would only make models longer. */
    private static double rounded(double quantile) {
        return Math.rint(quantile * 1e5) / 1e5;
    }

    /** Collects residuals of one forecaster, first those for the scale, then those for the quantiles. Not thread-safe. */
    public static final class Calibration {
        private final GramSums scale = GramSums.empty(Volatility.COUNT, 1);
        private final double[] scratch = new double[Volatility.COUNT];
        private Scale fitted = Scale.ONE;
        private double[] target = new double[256];
        private double[] lowest = new double[256];
        private double[] highest = new double[256];
        private int rows;

        /** Without a call of this before the first {@link #add}, the scale is constant. */
        public void scale(double[] values, int anchor, double residual) {
            Volatility.fill(values, anchor, scratch, 0);
            scale.add(scratch, 0, Math.abs(residual), 1);
        }

        /** Ends the scale's rows. */
        public void fitScale() {
            fitted = Scale.fit(scale);
        }

        /** A calibration row: the forecast made at {@code values[anchor]} and what came. */
        public void add(double[] values, int anchor, double forecast, double actual, double low, double high) {
            if (rows == target.length) {
                target = Arrays.copyOf(target, rows * 2);
                lowest = Arrays.copyOf(lowest, rows * 2);
                highest = Arrays.copyOf(highest, rows * 2);
            }
            double sigma = fitted == Scale.ONE ? 1 : fitted.sigma(values, anchor, scratch);
            target[rows] = (actual - forecast) / sigma;
            lowest[rows] = (low - forecast) / sigma;
            highest[rows] = (high - forecast) / sigma;
            rows++;
        }

        /** The error model of these rows, of which there must be at least {@value #SMALLEST_CALIBRATION}. */
        public ErrorModel finish() {
            return ofScores(
                    fitted, Arrays.copyOf(target, rows), Arrays.copyOf(lowest, rows), Arrays.copyOf(highest, rows));
        }
    }
}
