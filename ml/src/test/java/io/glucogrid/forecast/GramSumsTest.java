package io.glucogrid.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class GramSumsTest {
    private static final int FEATURES = 4;

    @Property(tries = 50)
    void mergingIsTheSumOfAllRowsAndSubtractingUndoesIt(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        GramSums one = rows(random, 40);
        GramSums other = rows(random, 60);
        GramSums both = one.copy();
        both.merge(other);

        assertThat(both.count()).isEqualTo(100);
        double[] before = one.solve(0);
        both.subtract(other);
        assertClose(both.solve(0), before, 1e-7);
    }

    @Property(tries = 50)
    void restandardisedSumsEqualThoseOfStandardisedRows(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Scaling scaling = Scaling.of(new double[] {100, -1, 0.5, 3}, new double[] {20, 0.1, 7, 1});
        GramSums raw = GramSums.empty(FEATURES, 1);
        GramSums scaled = GramSums.empty(FEATURES, 1);
        for (int i = 0; i < 80; i++) {
            double[] x = row(random);
            double y = random.nextDouble() * 50;
            raw.add(x, 0, y, 1);
            double[] z = new double[FEATURES];
            for (int k = 0; k < FEATURES; k++) {
                z[k] = (x[k] - scaling.mean(k)) / scaling.sd(k);
            }
            scaled.add(z, 0, y, 1);
        }
        double[] prior = {1, 2, 3, 4, 5};

        double[] fromSums = raw.ridge(0, scaling, 30, prior);
        double[] fromRows = scaled.ridge(0, Scaling.identity(FEATURES), 30, prior);
        double[] standardised = raw.standardised(scaling).ridge(0, Scaling.identity(FEATURES), 30, prior);

        assertClose(fromSums, fromRows, 1e-9);
        assertClose(standardised, fromRows, 1e-9);
    }

    @Property(tries = 50)
    void theInformationMatrixGivesWhatTheTextbookRecursionGives(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double lambda = 5;
        double[] prior = {0.5, -1, 2, 0, 3};
        Scaling scaling = Scaling.of(new double[] {100, 0, 0, 0}, new double[] {20, 1, 1, 1});
        RecursiveLeastSquares learner = RecursiveLeastSquares.of(scaling, prior, lambda, 0, 1);
        TextbookRls textbook = new TextbookRls(prior, lambda);

        for (int i = 0; i < 200; i++) {
            double[] x = row(random);
            double y = 3 * x[1] - 2 * x[2] + random.nextDouble();
            learner.learn(x, 0, y);
            textbook.learn(new double[] {(x[0] - 100) / 20, x[1], x[2], x[3], 1}, y);
        }

        assertClose(learner.coefficients(), textbook.beta, 1e-8);
    }

    @Property(tries = 20)
    void leastSquaresFindsTheCoefficientsOfALinearTruth(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        GramSums sums = GramSums.empty(FEATURES, 2);
        for (int i = 0; i < 100; i++) {
            double[] x = row(random);
            double y = 7 + 0.5 * x[0] - 3 * x[1] + 2 * x[3];
            sums.add(x, 0, new double[] {y, -y}, 0);
        }

        assertClose(sums.solve(0), new double[] {0.5, -3, 0, 2, 7}, 1e-8);
        assertClose(sums.solve(1), new double[] {-0.5, 3, 0, -2, -7}, 1e-8);
        assertThat(sums.squaredResiduals(0, sums.solve(0))).isCloseTo(0, within(1e-4));
    }

    @Test
    void withoutRowsTheRidgeSolutionIsThePrior() {
        double[] prior = {1, 2, 3, 4, 5};
        double[] beta = GramSums.empty(FEATURES, 1).ridge(0, Scaling.identity(FEATURES), 300, prior);
        assertClose(beta, prior, 1e-12);
    }

    @Test
    void aConstantFeatureDoesNotBreakScaling() {
        GramSums sums = GramSums.empty(1, 1);
        for (int i = 0; i < 10; i++) {
            sums.add(new double[] {105.3}, 0, i, 1);
        }
        assertThat(sums.scaling().sd(0)).isEqualTo(1);
    }

    @Test
    void discountingHalvesTheWeightOfThePast() {
        GramSums sums = rows(new SplittableRandom(3), 10);
        double[] before = sums.solve(0);
        sums.discount(0.5);
        assertThat(sums.count()).isEqualTo(5);
        assertClose(sums.solve(0), before, 1e-9);
    }

    @Test
    void fewerRowsThanColumnsAreAnErrorWithoutShrinkage() {
        GramSums sums = rows(new SplittableRandom(4), 2);
        assertThatThrownBy(() -> sums.ridge(0, Scaling.identity(FEATURES), 0, new double[FEATURES + 1]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("positive definite");
    }

    @Test
    void sumsOfAnotherShapeAreRefused() {
        GramSums sums = GramSums.empty(2, 1);
        GramSums other = GramSums.empty(3, 1);
        assertThatThrownBy(() -> sums.merge(other)).isInstanceOf(IllegalArgumentException.class);
    }

    private static GramSums rows(SplittableRandom random, int n) {
        GramSums sums = GramSums.empty(FEATURES, 1);
        for (int i = 0; i < n; i++) {
            sums.add(row(random), 0, random.nextDouble() * 100, 1);
        }
        return sums;
    }

    private static double[] row(SplittableRandom random) {
        return new double[] {
            60 + 100 * random.nextDouble(), random.nextDouble() - 0.5, random.nextDouble(), 2 * random.nextDouble()
        };
    }

    private static void assertClose(double[] actual, double[] expected, double tolerance) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i])
                    .as("column %d", i)
                    .isCloseTo(expected[i], within(tolerance * (1 + Math.abs(expected[i]))));
        }
    }

    /** Recursive least squares as in textbooks: covariance form, one Sherman–Morrison step per label. */
    private static final class TextbookRls {
        private final double[] beta;
        private final double[][] p;

        TextbookRls(double[] prior, double lambda) {
            beta = prior.clone();
            p = new double[prior.length][prior.length];
            for (int i = 0; i < prior.length; i++) {
                p[i][i] = 1 / lambda;
            }
        }

        void learn(double[] z, double y) {
            int n = z.length;
            double[] pz = new double[n];
            double denominator = 1;
            double error = y;
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < n; j++) {
                    pz[i] += p[i][j] * z[j];
                }
                denominator += z[i] * pz[i];
                error -= beta[i] * z[i];
            }
            for (int i = 0; i < n; i++) {
                beta[i] += pz[i] / denominator * error;
                for (int j = 0; j < n; j++) {
                    p[i][j] -= pz[i] * pz[j] / denominator;
                }
            }
        }
    }
}
