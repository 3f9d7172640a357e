package io.glucogrid.ml;

import java.io.Serializable;

/**
 * Known constants that bring the columns of a regression, its inputs and (last) its label, to mean 0 and deviation 1, and
 * coefficients found there back to raw units. A constant column has deviation 1, so that it becomes all zero. A class, not a
 * record: it travels to the nodes inside Ignite ML's vectorizer.
 */
final class Standardisation implements Serializable {
    private static final long serialVersionUID = 1L;

    private final double[] means;
    private final double[] deviations;

    /** Both by column, the label last. */
    Standardisation(double[] means, double[] deviations) {
        this.means = means;
        this.deviations = deviations;
    }

    int inputs() {
        return means.length - 1;
    }

    double mean(int column) {
        return means[column];
    }

    double deviation(int column) {
        return deviations[column];
    }

    /** The standardised value of a column. */
    double apply(int column, double raw) {
        return (raw - means[column]) / deviations[column];
    }

    /**
     * Raw coefficients of standardised ones.
     *
     * @param standardised by input, the intercept last
     * @return by input, the intercept last
     */
    double[] raw(double[] standardised) {
        int inputs = inputs();
        double[] raw = new double[inputs + 1];
        double intercept = means[inputs] + deviations[inputs] * standardised[inputs];
        for (int i = 0; i < inputs; i++) {
            raw[i] = deviations[inputs] * standardised[i] / deviations[i];
            intercept -= raw[i] * means[i];
        }
        raw[inputs] = intercept;
        return raw;
    }
}
