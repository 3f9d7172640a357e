package io.glucogrid.forecast;

/**
 * Solves ridge systems of one size by Cholesky's decomposition, in memory it keeps: about a microsecond for eleven columns, and
 * nothing allocated. Not thread-safe.
 */
public final class RidgeSolver {
    private final int columns;
    private final double[] matrix;
    private final double[] right;

    /** For that many columns, the constant included. */
    public RidgeSolver(int columns) {
        this.columns = columns;
        this.matrix = new double[columns * (columns + 1) / 2];
        this.right = new double[columns];
    }

    /**
     * Writes {@code (Z'Z + λI)⁻¹ (Z'y + λ·prior)} for z-scores under {@code scaling}, intercept last.
     *
     * @throws IllegalArgumentException where the matrix is not positive definite, which λ &gt; 0 prevents
     */
    public void solve(GramSums sums, int target, Scaling scaling, double lambda, double[] prior, double[] out) {
        sums.standardise(scaling, matrix);
        sums.standardise(scaling, target, right, 0);
        for (int i = 0; i < columns; i++) {
            matrix[i * (i + 1) / 2 + i] += lambda;
            right[i] += lambda * prior[i];
        }
        factorise(0);
        substitute(out);
    }

    /**
     * Writes the solution of {@code matrix · out = right}.
     *
     * @param packed the matrix, symmetric and positive semi-definite: its lower triangle by rows
     * @param smallest part of its own diagonal entry below which what the columns before leave of a column counts as nothing
     * @throws IllegalArgumentException where a column follows from those before it
     */
    public void solve(double[] packed, double[] rightSide, double smallest, double[] out) {
        System.arraycopy(packed, 0, matrix, 0, matrix.length);
        System.arraycopy(rightSide, 0, right, 0, right.length);
        factorise(smallest);
        substitute(out);
    }

    /** Replaces the matrix by its factor L, {@code LL' = matrix}, with the reciprocals of L's diagonal on its diagonal. */
    private void factorise(double smallest) {
        for (int i = 0; i < columns; i++) {
            int rowI = i * (i + 1) / 2;
            for (int j = 0; j <= i; j++) {
                int rowJ = j * (j + 1) / 2;
                double whole = matrix[rowI + j];
                double sum = whole;
                for (int k = 0; k < j; k++) {
                    sum -= matrix[rowI + k] * matrix[rowJ + k];
                }
                if (i == j) {
                    if (!(sum > smallest * whole)) {
                        throw new IllegalArgumentException("not positive definite at column " + i);
                    }
                    matrix[rowI + i] = 1 / Math.sqrt(sum);
                } else {
                    matrix[rowI + j] = sum * matrix[rowJ + j];
                }
            }
        }
    }

    private void substitute(double[] out) {
        for (int i = 0; i < columns; i++) {
            int row = i * (i + 1) / 2;
            double sum = right[i];
            for (int k = 0; k < i; k++) {
                sum -= matrix[row + k] * right[k];
            }
            right[i] = sum * matrix[row + i];
        }
        for (int i = columns - 1; i >= 0; i--) {
            double sum = right[i];
            for (int k = i + 1; k < columns; k++) {
                sum -= matrix[k * (k + 1) / 2 + i] * out[k];
            }
            out[i] = sum * matrix[i * (i + 1) / 2 + i];
        }
    }
}
