package io.glucogrid.forecast;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Everything a least-squares fit needs to know of its data: {@code Z'Z}, {@code Z'y} and {@code y'y}, where a row of {@code Z} is
 * the raw features and a constant 1.
 *
 * <p>The point of the class is that these sums add up. Kept per subject, they make a pooled model their sum, a model without one
 * subject a subtraction, a personal model one small solve, and retraining an affair of kilobytes that never looks at a reading
 * again. Two choices serve that. The sums are of <em>raw</em> features, so that those of two subjects, two nodes or two years
 * can be merged whatever scaling a model later uses: z-scores are an affine map of the row, {@code z = A·x}, hence {@code Z'Z
 * = A(X'X)A'}, and {@link #standardised} applies that map to the sums instead of to the data. And the constant is the last
 * column, so that the count, the sums of features and the sum of targets are entries of the same matrices and cannot disagree
 * with them.
 *
 * <p>Adding a row updates an <em>information matrix</em>; solving {@code (Z'Z + λI)β = Z'y + λβ₀} after each row is recursive
 * least squares with {@code P₀ = I/λ} and start {@code β₀}, in the form that does not lose symmetry or positive definiteness
 * over millions of updates, and that can change λ, prior and scaling afterwards ({@link RidgeSolver}).
 *
 * <p>Mutable and not thread-safe. Several targets may share one row (the steps of a path).
 */
public final class GramSums {
    private final int columns;
    private final int targets;
    /** Lower triangle by rows: entry (i, j ≤ i) at i(i+1)/2 + j. */
    private final double[] xx;
    /** Target by target. */
    private final double[] xy;

    private final double[] yy;

    private GramSums(int columns, int targets, double[] xx, double[] xy, double[] yy) {
        this.columns = columns;
        this.targets = targets;
        this.xx = xx;
        this.xy = xy;
        this.yy = yy;
    }

    /** Sums of no rows, for that many features (the constant is not one) and targets. */
    public static GramSums empty(int features, int targets) {
        if (features < 0 || targets < 1) {
            throw new IllegalArgumentException(features + " features, " + targets + " targets");
        }
        int columns = features + 1;
        return new GramSums(
                columns,
                targets,
                new double[columns * (columns + 1) / 2],
                new double[columns * targets],
                new double[targets]);
    }

    public int features() {
        return columns - 1;
    }

    public int targets() {
        return targets;
    }

    /** Number of rows, or the sum of their weights. */
    public double count() {
        return xx[xx.length - 1];
    }

    /** Mean of a target. */
    public double targetMean(int target) {
        return xy[(target + 1) * columns - 1] / count();
    }

    /** Adds the row of features {@code x[at..]} with target {@code y}; for sums of one target. */
    public void add(double[] x, int at, double y, double weight) {
        int k = 0;
        int last = columns - 1;
        for (int i = 0; i < last; i++) {
            double wx = weight * x[at + i];
            for (int j = 0; j <= i; j++) {
                xx[k++] += wx * x[at + j];
            }
            xy[i] += wx * y;
        }
        for (int j = 0; j < last; j++) {
            xx[k++] += weight * x[at + j];
        }
        xx[k] += weight;
        xy[last] += weight * y;
        yy[0] += weight * y * y;
    }

    /** Adds the row of features {@code x[at..]} with the targets {@code y[yAt..]}. */
    public void add(double[] x, int at, double[] y, int yAt) {
        addRow(x, at);
        int last = columns - 1;
        for (int t = 0; t < targets; t++) {
            double value = y[yAt + t];
            int row = t * columns;
            for (int i = 0; i < last; i++) {
                xy[row + i] += x[at + i] * value;
            }
            xy[row + last] += value;
            yy[t] += value * value;
        }
    }

    private void addRow(double[] x, int at) {
        int k = 0;
        int last = columns - 1;
        for (int i = 0; i < last; i++) {
            double value = x[at + i];
            for (int j = 0; j <= i; j++) {
                xx[k++] += value * x[at + j];
            }
        }
        for (int j = 0; j < last; j++) {
            xx[k++] += x[at + j];
        }
        xx[k] += 1;
    }

    /** Weighs all rows so far by {@code factor}: forgetting. */
    public void discount(double factor) {
        discount(xx, factor);
        discount(xy, factor);
        discount(yy, factor);
    }

    private static void discount(double[] sums, double factor) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] *= factor;
        }
    }

    /** Adds the rows of {@code other}. */
    public void merge(GramSums other) {
        combine(other, 1);
    }

    /** Takes away rows that are in here. */
    public void subtract(GramSums other) {
        combine(other, -1);
    }

    private void combine(GramSums other, double sign) {
        if (other.columns != columns || other.targets != targets) {
            throw new IllegalArgumentException("sums of another shape");
        }
        accumulate(xx, other.xx, sign);
        accumulate(xy, other.xy, sign);
        accumulate(yy, other.yy, sign);
    }

    private static void accumulate(double[] into, double[] from, double sign) {
        for (int i = 0; i < into.length; i++) {
            into[i] += sign * from[i];
        }
    }

    public GramSums copy() {
        return new GramSums(columns, targets, xx.clone(), xy.clone(), yy.clone());
    }

    /** Means and population deviations of the features; a deviation of 0 becomes 1. */
    public Scaling scaling() {
        if (!(count() > 0)) {
            throw new IllegalStateException("no rows, no scaling");
        }
        double[] mean = new double[columns - 1];
        double[] sd = new double[columns - 1];
        for (int i = 0; i < mean.length; i++) {
            mean[i] = at(columns - 1, i) / count();
            double variance = at(i, i) / count() - mean[i] * mean[i];
            sd[i] = variance > 1e-12 * (1 + mean[i] * mean[i]) ? Math.sqrt(variance) : 1;
        }
        return Scaling.of(mean, sd);
    }

    /** The sums that the same rows give after scaling, computed from these alone. */
    public GramSums standardised(Scaling scaling) {
        GramSums out = new GramSums(columns, targets, new double[xx.length], new double[xy.length], yy.clone());
        standardise(scaling, out.xx);
        for (int t = 0; t < targets; t++) {
            standardise(scaling, t, out.xy, t * columns);
        }
        return out;
    }

    /** Writes {@code Z'Z} of z-scores, packed like here. */
    void standardise(Scaling scaling, double[] out) {
        int last = columns - 1;
        int constants = last * (last + 1) / 2;
        double n = xx[constants + last];
        int k = 0;
        for (int i = 0; i < last; i++) {
            double mi = scaling.mean(i);
            double sumI = xx[constants + i];
            double scaleI = 1 / scaling.sd(i);
            for (int j = 0; j <= i; j++) {
                double mj = scaling.mean(j);
                out[k] = (xx[k] - mi * xx[constants + j] - mj * sumI + mi * mj * n) * scaleI / scaling.sd(j);
                k++;
            }
        }
        for (int j = 0; j < last; j++) {
            out[k] = (xx[k] - scaling.mean(j) * n) / scaling.sd(j);
            k++;
        }
        out[k] = n;
    }

    /** Writes {@code Z'y} of z-scores for one target, from {@code out[outAt]} on. */
    void standardise(Scaling scaling, int target, double[] out, int outAt) {
        int last = columns - 1;
        int row = target * columns;
        double sumY = xy[row + last];
        for (int i = 0; i < last; i++) {
            out[outAt + i] = (xy[row + i] - scaling.mean(i) * sumY) / scaling.sd(i);
        }
        out[outAt + last] = sumY;
    }

    /**
     * Least-squares coefficients of the raw features, intercept last. Solved on z-scores, because raw columns differ in size by
     * orders of magnitude.
     */
    public double[] solve(int target) {
        Scaling scaling = scaling();
        return scaling.toRaw(ridge(target, scaling, 0, new double[columns]));
    }

    /**
     * {@code (Z'Z + λI)⁻¹ (Z'y + λ·prior)} for z-scores under {@code scaling}, intercept last: coefficients pulled towards
     * {@code prior} with the weight of λ rows in each direction.
     *
     * @throws IllegalArgumentException where the matrix is not positive definite, which λ &gt; 0 prevents
     */
    public double[] ridge(int target, Scaling scaling, double lambda, double[] prior) {
        double[] out = new double[columns];
        new RidgeSolver(columns).solve(this, target, scaling, lambda, prior, out);
        return out;
    }

    /** Sum of squared residuals that coefficients of raw features (intercept last) leave. */
    public double squaredResiduals(int target, double[] raw) {
        double sum = yy[target];
        for (int i = 0; i < columns; i++) {
            sum -= 2 * raw[i] * xy[target * columns + i];
            for (int j = 0; j < columns; j++) {
                sum += raw[i] * raw[j] * at(Math.max(i, j), Math.min(i, j));
            }
        }
        return sum;
    }

    private double at(int row, int column) {
        return xx[row * (row + 1) / 2 + column];
    }

    /** Bytes that {@link #write} takes. */
    int bytes() {
        return Double.BYTES * (xx.length + xy.length + yy.length);
    }

    void write(ByteBuffer out) {
        for (double[] sums : new double[][] {xx, xy, yy}) {
            for (double value : sums) {
                out.putDouble(value);
            }
        }
    }

    void read(ByteBuffer in) {
        for (double[] sums : new double[][] {xx, xy, yy}) {
            for (int i = 0; i < sums.length; i++) {
                sums[i] = in.getDouble();
            }
        }
    }

    void clear() {
        Arrays.fill(xx, 0);
        Arrays.fill(xy, 0);
        Arrays.fill(yy, 0);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof GramSums that
                && columns == that.columns
                && Arrays.equals(xx, that.xx)
                && Arrays.equals(xy, that.xy)
                && Arrays.equals(yy, that.yy);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(xx) + Arrays.hashCode(xy);
    }
}
