package io.glucogrid.forecast;

import java.util.Arrays;

/** Means and standard deviations (population) that turn raw features into z-scores. Immutable. */
public final class Scaling {
    private final double[] mean;
    private final double[] sd;

    private Scaling(double[] mean, double[] sd) {
        this.mean = mean;
        this.sd = sd;
    }

    /** A feature that does not vary must come with a standard deviation of 1. */
    public static Scaling of(double[] mean, double[] sd) {
        if (mean.length != sd.length) {
            throw new IllegalArgumentException(mean.length + " means but " + sd.length + " deviations");
        }
        for (double s : sd) {
            if (!(s > 0)) {
                throw new IllegalArgumentException("a standard deviation must be positive, but is " + s);
            }
        }
        return new Scaling(mean.clone(), sd.clone());
    }

    /** Leaves features as they are. */
    public static Scaling identity(int features) {
        double[] ones = new double[features];
        Arrays.fill(ones, 1);
        return new Scaling(new double[features], ones);
    }

    public int features() {
        return mean.length;
    }

    public double mean(int feature) {
        return mean[feature];
    }

    public double sd(int feature) {
        return sd[feature];
    }

    /** The value of a linear model, given by coefficients of z-scores with the intercept last, at raw features. */
    public double dot(double[] coefficients, double[] x, int at) {
        double sum = coefficients[mean.length];
        for (int i = 0; i < mean.length; i++) {
            sum += coefficients[i] * (x[at + i] - mean[i]) / sd[i];
        }
        return sum;
    }

    /** Coefficients of raw features, intercept last, that give the same values as these coefficients of z-scores. */
    public double[] toRaw(double[] coefficients) {
        double[] raw = coefficients.clone();
        for (int i = 0; i < mean.length; i++) {
            raw[i] = coefficients[i] / sd[i];
            raw[mean.length] -= raw[i] * mean[i];
        }
        return raw;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Scaling that && Arrays.equals(mean, that.mean) && Arrays.equals(sd, that.sd);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(mean) + Arrays.hashCode(sd);
    }
}
