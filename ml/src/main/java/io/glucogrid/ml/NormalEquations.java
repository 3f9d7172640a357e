package io.glucogrid.ml;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;

/**
 * The equations {@code ZᵀZ·β = Zᵀy} of a least-squares fit with standardised inputs {@code Z}, whose last column is all ones
 * for the intercept. Solved by Cholesky decomposition.
 */
final class NormalEquations {
    /** A pivot below this part of its diagonal entry means that the inputs before it determine this one. */
    private static final double SINGULAR = 1e-10;

    private final double[][] matrix;
    private final double[] right;

    /** Owned by the equations from here on; the matrix is symmetric and positive semi-definite. */
    NormalEquations(double[][] matrix, double[] right) {
        this.matrix = matrix;
        this.right = right;
    }

    /**
     * Coefficients with the least sum of squared residuals, the intercept last; 0 for an input that is constantly 0, as the
     * solution of least norm has it.
     *
     * @throws GridException INVALID_REQUEST where the rows do not determine them
     */
    double[] solve() {
        int size = right.length;
        double[][] lower = new double[size][size];
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < i; j++) {
                double sum = matrix[i][j];
                for (int k = 0; k < j; k++) {
                    sum -= lower[i][k] * lower[j][k];
                }
                lower[i][j] = lower[j][j] == 0 ? 0 : sum / lower[j][j];
            }
            double pivot = matrix[i][i];
            for (int k = 0; k < i; k++) {
                pivot -= lower[i][k] * lower[i][k];
            }
            if (matrix[i][i] != 0 && !(pivot > SINGULAR * matrix[i][i])) {
                throw new GridException(
                        ErrorCode.INVALID_REQUEST,
                        "the rows do not determine the model: too few, or input " + i + " follows from the others");
            }
            lower[i][i] = Math.sqrt(pivot);
        }
        double[] solution = right.clone();
        for (int i = 0; i < size; i++) {
            for (int k = 0; k < i; k++) {
                solution[i] -= lower[i][k] * solution[k];
            }
            solution[i] = lower[i][i] == 0 ? 0 : solution[i] / lower[i][i];
        }
        for (int i = size - 1; i >= 0; i--) {
            for (int k = i + 1; k < size; k++) {
                solution[i] -= lower[k][i] * solution[k];
            }
            solution[i] = lower[i][i] == 0 ? 0 : solution[i] / lower[i][i];
        }
        return solution;
    }
}
