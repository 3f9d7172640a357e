package io.glucogrid.evaluation;

import io.glucogrid.feature.TimeParts;
import io.glucogrid.forecast.AutoRegression;
import io.glucogrid.forecast.CompactFeatures;
import io.glucogrid.forecast.Examples;
import io.glucogrid.forecast.GramSums;
import io.glucogrid.forecast.NightscoutAr2;
import io.glucogrid.forecast.RecursiveLeastSquares;
import io.glucogrid.forecast.RobustFit;
import io.glucogrid.forecast.Scaling;
import java.util.Arrays;
import java.util.List;

/**
 * A forecaster under evaluation: fits what it may see of one horizon and forecasts every example. {@code seen[s]} is the number of
 * subject s's first readings that it may fit; online ones go on learning from later labels, each once it has matured.
 */
interface Candidate {
    String name();

    /** Forecasts in mg/dL, {@code [subject][example]}. */
    double[][] predict(List<Examples> subjects, int[] seen);

    /** Number of leading examples of each subject whose target may be seen. */
    static int[] sizes(List<Examples> subjects, int[] seen) {
        int[] sizes = new int[seen.length];
        for (int s = 0; s < seen.length; s++) {
            sizes[s] = subjects.get(s).targetsBefore(seen[s]);
        }
        return sizes;
    }

    /** A forecast that needs no fit beyond a function of the example. */
    interface Rule {
        double predict(Examples examples, int i);

        static double[][] all(List<Examples> subjects, Rule rule) {
            double[][] out = new double[subjects.size()][];
            for (int s = 0; s < out.length; s++) {
                Examples examples = subjects.get(s);
                out[s] = new double[examples.size()];
                for (int i = 0; i < examples.size(); i++) {
                    out[s][i] = rule.predict(examples, i);
                }
            }
            return out;
        }
    }

    /** No change. */
    record Persistence() implements Candidate {
        @Override
        public String name() {
            return "persistence";
        }

        @Override
        public double[][] predict(List<Examples> subjects, int[] seen) {
            return Rule.all(subjects, (examples, i) -> examples.values(i)[examples.anchor(i)]);
        }
    }

    /** What Nightscout shows its users. */
    record Ar2() implements Candidate {
        @Override
        public String name() {
            return "nightscout_ar2";
        }

        @Override
        public double[][] predict(List<Examples> subjects, int[] seen) {
            return Rule.all(subjects, (examples, i) -> {
                double[] values = examples.values(i);
                int anchor = examples.anchor(i);
                return NightscoutAr2.predict(values[anchor - 1], values[anchor], examples.horizonSlots());
            });
        }
    }

    /** The shipped model of the reference demo, on subject, day of week and hour of the target. */
    record V1() implements Candidate {
        @Override
        public String name() {
            return "v1";
        }

        @Override
        public double[][] predict(List<Examples> subjects, int[] seen) {
            return Rule.all(
                    subjects,
                    (examples, i) -> 103.44523644395339
                            + 4.934799666590164e-10 * examples.series().subjectId()
                            - 0.1968400147036082 * TimeParts.dayOfWeek(examples.targetMicros(i))
                            + 0.07580355186973892 * TimeParts.hour(examples.targetMicros(i)));
        }
    }

    /** Autoregression on the last {@code order} slots, fitted on all subjects. */
    record PooledAr(int order) implements Candidate {
        @Override
        public String name() {
            return "ar" + order;
        }

        @Override
        public double[][] predict(List<Examples> subjects, int[] seen) {
            AutoRegression fitted = AutoRegression.fit(subjects, sizes(subjects, seen), order);
            return Rule.all(subjects, (examples, i) -> fitted.predict(examples.values(i), examples.anchor(i)));
        }
    }

    /** A pooled fit and, on top of it, nothing, one shrunk fit per subject, or one that goes on learning. */
    record Linear(String name, Kind kind, double lambda, int gateLabels) implements Candidate {
        enum Kind {
            POOLED,
            PERSONAL,
            ONLINE
        }

        @Override
        public double[][] predict(List<Examples> subjects, int[] seen) {
            int[] sizes = sizes(subjects, seen);
            GramSums[] own = new GramSums[sizes.length];
            GramSums pooledSums = GramSums.empty(CompactFeatures.COUNT, 1);
            for (int s = 0; s < sizes.length; s++) {
                own[s] = subjects.get(s).sums(0, sizes[s]);
                pooledSums.merge(own[s]);
            }
            Scaling scaling = pooledSums.scaling();
            double[] pooled = pooledSums.ridge(0, scaling, 0, new double[CompactFeatures.COUNT + 1]);
            double[][] out = new double[sizes.length][];
            for (int s = 0; s < sizes.length; s++) {
                Examples examples = subjects.get(s);
                out[s] = kind == Kind.ONLINE
                        ? RecursiveLeastSquares.of(scaling, pooled, lambda, gateLabels, 1)
                                .replay(examples)
                        : fixed(
                                examples,
                                scaling,
                                kind == Kind.POOLED ? pooled : own[s].ridge(0, scaling, lambda, pooled));
            }
            return out;
        }

        private static double[] fixed(Examples examples, Scaling scaling, double[] beta) {
            double[] out = new double[examples.size()];
            for (int i = 0; i < out.length; i++) {
                out[i] = scaling.dot(beta, examples.features(), examples.featuresAt(i));
            }
            return out;
        }
    }

    /** Least absolute deviations, shrunk per subject. */
    record Robust(String name, double lambda) implements Candidate {
        @Override
        public double[][] predict(List<Examples> subjects, int[] seen) {
            int[] sizes = sizes(subjects, seen);
            int rows = Arrays.stream(sizes).sum();
            double[] x = new double[rows * CompactFeatures.COUNT];
            double[] y = new double[rows];
            int row = 0;
            for (int s = 0; s < sizes.length; s++) {
                Examples examples = subjects.get(s);
                System.arraycopy(
                        examples.features(), 0, x, row * CompactFeatures.COUNT, sizes[s] * CompactFeatures.COUNT);
                for (int i = 0; i < sizes[s]; i++) {
                    y[row++] = examples.target(i);
                }
            }
            GramSums sums = GramSums.empty(CompactFeatures.COUNT, 1);
            for (int i = 0; i < rows; i++) {
                sums.add(x, i * CompactFeatures.COUNT, y[i], 1);
            }
            Scaling scaling = sums.scaling();
            double[] pooled = RobustFit.pooled(x, y, rows, scaling);
            double[][] out = new double[sizes.length][];
            for (int s = 0; s < sizes.length; s++) {
                Examples examples = subjects.get(s);
                double[] beta = RobustFit.personal(examples, sizes[s], scaling, lambda, pooled);
                out[s] = Linear.fixed(examples, scaling, beta);
            }
            return out;
        }
    }
}
