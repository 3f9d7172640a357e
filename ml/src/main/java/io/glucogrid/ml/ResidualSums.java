package io.glucogrid.ml;

/** Sums over the residuals of a model on its training examples. A class, not a record: it travels between nodes. */
final class ResidualSums {
    private long rows;
    private double squares;
    private double absolutes;

    void add(double residual) {
        rows++;
        squares += residual * residual;
        absolutes += Math.abs(residual);
    }

    void merge(ResidualSums other) {
        rows += other.rows;
        squares += other.squares;
        absolutes += other.absolutes;
    }

    long rows() {
        return rows;
    }

    /** Root of the mean square; NaN of no rows. */
    double rmse() {
        return Math.sqrt(squares / rows);
    }

    /** Mean of the absolute residuals; NaN of no rows. */
    double mae() {
        return absolutes / rows;
    }

    double squares() {
        return squares;
    }
}
