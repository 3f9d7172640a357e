package io.glucogrid.ml;

import io.glucogrid.forecast.RidgeSolver;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;

/**
 * Everything that a least-squares fit needs to know of its rows, in {@code O(inputs²)} numbers: how many there are, the mean of
 * each column, and the sums of products of the columns' deviations from their means (the centred Gram matrix of inputs and
 * label together).
 *
 * <p><b>Why.</b> The normal equations of linear regression need only such sums, which can be added up row by row and merged over
 * buckets. They are exact in the sense that counts: no iteration, no stopping rule, so they judge what an iterative solver found.
 *
 * <p><b>Why centred.</b> A subject id near 1.6e8 squared is 2.7e16, beyond the 53 bits of a double: sums of raw products
 * would lose what little such a column says. Sums about the running mean keep full precision whatever the offset. For a new
 * row {@code z} and {@code n} rows afterwards, with the mean {@code m} before and {@code m'} after it,
 * {@code m' = m + (z − m)/n} and {@code C' = C + (z − m)(z − m')ᵀ} (B. P. Welford, Technometrics 4(3), 1962). Two sums merge by {@code C = C₁ + C₂ + δδᵀ·n₁n₂/n} with {@code δ = m₂ − m₁}
 * (T. F. Chan, G. H. Golub, R. J. LeVeque, The American Statistician 37(3), 1983).
 *
 * <p>These are the sums of models like v1, whose inputs may be of any size. Everything about subjects (their own sums, models
 * without one of them, shrinking) is the business of the forecaster's {@link io.glucogrid.forecast.GramSums}, which keep raw products
 * that merge under any later scaling; their inputs are differences of glucose, small enough for that.
 *
 * <p>Adding in another order gives the same sums up to rounding; whoever needs the same bits adds in a fixed order. Mutable, not
 * thread-safe. A class, not a record: it travels between nodes.
 */
final class CentredSums {
    /** A pivot below this part of its diagonal entry means that the inputs before it determine this one. */
    private static final double SINGULAR = 1e-10;

    private final int inputs;
    private final double[] means;
    /** Lower triangle by rows; the label is the last row. */
    private final double[] products;

    private long rows;

    /** Sums of no rows of {@code inputs} inputs and one label. */
    CentredSums(int inputs) {
        this(inputs, 0, new double[inputs + 1], new double[(inputs + 1) * (inputs + 2) / 2]);
    }

    private CentredSums(int inputs, long rows, double[] means, double[] products) {
        this.inputs = inputs;
        this.rows = rows;
        this.means = means;
        this.products = products;
    }

    int inputs() {
        return inputs;
    }

    long rows() {
        return rows;
    }

    /** Mean of a column; the label is column {@link #inputs}. 0 where there are no rows. */
    double mean(int column) {
        return means[column];
    }

    /** Sum over the rows of the product of two columns' deviations from their means. */
    double product(int column, int other) {
        return products[index(Math.max(column, other), Math.min(column, other))];
    }

    /** Adds a row whose values are {@code x[0 … inputs)} and, as label, {@code y}. */
    void add(double[] x, double y) {
        rows++;
        double[] before = new double[inputs + 1];
        for (int i = 0; i <= inputs; i++) {
            before[i] = (i < inputs ? x[i] : y) - means[i];
            means[i] += before[i] / rows;
        }
        for (int i = 0, k = 0; i <= inputs; i++) {
            double after = (i < inputs ? x[i] : y) - means[i];
            for (int j = 0; j <= i; j++, k++) {
                products[k] += before[j] * after;
            }
        }
    }

    /** Adds all rows of {@code other}. */
    void merge(CentredSums other) {
        requireSameInputs(other);
        if (other.rows == 0) {
            return;
        }
        long total = rows + other.rows;
        double share = (double) other.rows / total;
        double weight = (double) rows * share;
        double[] delta = new double[inputs + 1];
        for (int i = 0; i <= inputs; i++) {
            delta[i] = other.means[i] - means[i];
        }
        for (int i = 0, k = 0; i <= inputs; i++) {
            for (int j = 0; j <= i; j++, k++) {
                products[k] += other.products[k] + delta[i] * delta[j] * weight;
            }
        }
        for (int i = 0; i <= inputs; i++) {
            means[i] += delta[i] * share;
        }
        rows = total;
    }

    /** The columns' own means and (population) deviations; needs at least one row. */
    Standardisation standardisation() {
        requireRows(1);
        double[] deviations = new double[inputs + 1];
        for (int i = 0; i <= inputs; i++) {
            double deviation = Math.sqrt(Math.max(0, product(i, i)) / rows);
            deviations[i] = deviation > Math.ulp(means[i]) * 16 ? deviation : 1;
        }
        return new Standardisation(means.clone(), deviations);
    }

    /**
     * Coefficients of standardised inputs with the least sum of squared residuals, the intercept last; 0 for an input that is
     * constantly 0 then, as the solution of least norm has it. The columns need not be standardised by these rows' own.
     *
     * @throws GridException INVALID_REQUEST where the rows do not determine them
     */
    double[] solve(Standardisation scale) {
        double[] shift = new double[inputs + 1];
        for (int i = 0; i <= inputs; i++) {
            shift[i] = scale.apply(i, means[i]);
        }
        double[] matrix = new double[products.length];
        double[] right = new double[inputs + 1];
        int k = 0;
        for (int i = 0; i < inputs; i++) {
            for (int j = 0; j <= i; j++) {
                matrix[k++] = scaled(scale, shift, i, j);
            }
            if (matrix[k - 1] == 0) {
                matrix[k - 1] = 1; // all else of this row is 0, and so is its coefficient
            }
            right[i] = scaled(scale, shift, i, inputs);
        }
        for (int j = 0; j < inputs; j++) {
            matrix[k++] = rows * shift[j];
        }
        matrix[k] = rows;
        right[inputs] = rows * shift[inputs];
        double[] solution = new double[inputs + 1];
        try {
            new RidgeSolver(inputs + 1).solve(matrix, right, SINGULAR, solution);
        } catch (IllegalArgumentException undetermined) {
            throw new GridException(
                    ErrorCode.INVALID_REQUEST,
                    "the rows do not determine the model: too few, or an input follows from the others",
                    undetermined);
        }
        return solution;
    }

    private double scaled(Standardisation scale, double[] shift, int i, int j) {
        return product(i, j) / (scale.deviation(i) * scale.deviation(j)) + rows * shift[i] * shift[j];
    }

    private static int index(int row, int column) {
        return row * (row + 1) / 2 + column;
    }

    private void requireRows(long least) {
        if (rows < least) {
            throw new IllegalStateException("needs " + least + " rows, has " + rows);
        }
    }

    private void requireSameInputs(CentredSums other) {
        if (other.inputs != inputs) {
            throw new IllegalArgumentException(other.inputs + " inputs where " + inputs + " are expected");
        }
    }

    @Override
    public String toString() {
        return "CentredSums[" + rows + " rows, " + inputs + " inputs]";
    }
}
