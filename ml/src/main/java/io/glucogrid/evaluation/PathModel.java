package io.glucogrid.evaluation;

import io.glucogrid.evaluation.GlucoBench.Run;
import io.glucogrid.forecast.CompactFeatures;
import io.glucogrid.forecast.GramSums;
import io.glucogrid.forecast.RidgeSolver;
import io.glucogrid.forecast.RobustFit;
import io.glucogrid.forecast.Scaling;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A forecaster of the coming hour, step by step, for the benchmark. */
interface PathModel {
    /** Five-minute steps ahead. */
    int STEPS = 12;

    String name();

    /** Fits the training runs; what comes back forecasts. */
    Fitted fit(List<Run> train);

    /** A fitted model. */
    interface Fitted {
        /** Writes the forecasts of points {@code at}, {@code at + 1}, … from those before {@code at}. */
        void predict(Run run, int at, double[] out);
    }

    /** No change. */
    record Persistence() implements PathModel {
        @Override
        public String name() {
            return "persistence";
        }

        @Override
        public Fitted fit(List<Run> train) {
            return (run, at, out) -> {
                for (int k = 0; k < STEPS; k++) {
                    out[k] = run.glucose()[at - 1];
                }
            };
        }
    }

    /** One linear form on the last {@code order} points per step, least squares; order 84 is the benchmark's linear regression. */
    record Ar(int order) implements PathModel {
        @Override
        public String name() {
            return "ar" + order;
        }

        @Override
        public Fitted fit(List<Run> train) {
            GramSums sums = GramSums.empty(order, STEPS);
            for (Run run : train) {
                for (int at = order; at + STEPS <= run.length(); at++) {
                    sums.add(run.glucose(), at - order, run.glucose(), at);
                }
            }
            double[][] beta = new double[STEPS][];
            for (int k = 0; k < STEPS; k++) {
                beta[k] = sums.solve(k);
            }
            return (run, at, out) -> {
                for (int k = 0; k < STEPS; k++) {
                    double sum = beta[k][order];
                    for (int i = 0; i < order; i++) {
                        sum += beta[k][i] * run.glucose()[at - order + i];
                    }
                    out[k] = sum;
                }
            };
        }
    }

    /** The product's features over a longer past, personal coefficients shrunk towards pooled ones; mean or median. */
    record Compact(String name, Loss loss, double lambda) implements PathModel {
        enum Loss {
            SQUARED,
            ABSOLUTE
        }

        /** Points before the forecast that the features need. */
        static final int HISTORY = 84;

        private static final int FEATURES = CompactFeatures.COUNT + 2;

        /** The compact features with the time of the last input, and two older levels. */
        static void fill(Run run, int at, double[] out, int outAt) {
            double[] values = run.glucose();
            int anchor = at - 1;
            CompactFeatures.fill(values, anchor, run.micros(anchor), out, outAt);
            out[outAt + CompactFeatures.COUNT] = mean(values, anchor - 47, anchor - 24) - values[anchor];
            out[outAt + CompactFeatures.COUNT + 1] = mean(values, anchor - 83, anchor - 48) - values[anchor];
        }

        private static double mean(double[] values, int from, int to) {
            double sum = 0;
            for (int i = from; i <= to; i++) {
                sum += values[i];
            }
            return sum / (to - from + 1);
        }

        @Override
        public Fitted fit(List<Run> train) {
            Rows all = new Rows(train);
            GramSums sums = GramSums.empty(FEATURES, STEPS);
            for (int i = 0; i < all.size; i++) {
                sums.add(all.x, i * FEATURES, all.y, i * STEPS);
            }
            Scaling scaling = sums.scaling();
            double[][] pooled = new double[STEPS][];
            for (int k = 0; k < STEPS; k++) {
                pooled[k] = loss == Loss.SQUARED
                        ? sums.ridge(k, scaling, 0, new double[FEATURES + 1])
                        : RobustFit.pooled(all.x, all.step(k), all.size, scaling);
            }
            Map<Long, double[][]> personal = new HashMap<>();
            train.stream().map(Run::subject).distinct().forEach(subject -> {
                List<Run> own = new ArrayList<>(train);
                own.removeIf(run -> run.subject() != subject);
                personal.put(subject, personal(new Rows(own), scaling, pooled));
            });
            return (run, at, out) -> {
                double[][] beta = personal.getOrDefault(run.subject(), pooled);
                double[] x = new double[FEATURES];
                fill(run, at, x, 0);
                for (int k = 0; k < STEPS; k++) {
                    out[k] = scaling.dot(beta[k], x, 0);
                }
            };
        }

        private double[][] personal(Rows rows, Scaling scaling, double[][] pooled) {
            double[] weights = weights(rows, scaling, pooled);
            RidgeSolver solver = new RidgeSolver(FEATURES + 1);
            double[][] beta = new double[STEPS][FEATURES + 1];
            for (int k = 0; k < STEPS; k++) {
                GramSums sums = GramSums.empty(FEATURES, 1);
                for (int i = 0; i < rows.size; i++) {
                    sums.add(rows.x, i * FEATURES, rows.y[i * STEPS + k], weights[i]);
                }
                solver.solve(sums, 0, scaling, lambda, pooled[k], beta[k]);
            }
            return beta;
        }

        /** One weight for all steps of a row, by its mean absolute residual; their mean is 1. */
        private double[] weights(Rows rows, Scaling scaling, double[][] pooled) {
            double[] weights = new double[rows.size];
            double total = 0;
            for (int i = 0; i < rows.size; i++) {
                double residual = 0;
                for (int k = 0; k < STEPS; k++) {
                    residual += Math.abs(rows.y[i * STEPS + k] - scaling.dot(pooled[k], rows.x, i * FEATURES)) / STEPS;
                }
                weights[i] = loss == Loss.SQUARED ? 1 : RobustFit.weight(residual);
                total += weights[i];
            }
            for (int i = 0; i < rows.size; i++) {
                weights[i] *= rows.size / total;
            }
            return weights;
        }

        /** Features and targets of all positions of some runs. */
        private static final class Rows {
            final int size;
            final double[] x;
            final double[] y;

            Rows(List<Run> runs) {
                int rows = 0;
                for (Run run : runs) {
                    rows += Math.max(0, run.length() - HISTORY - STEPS + 1);
                }
                size = rows;
                x = new double[rows * FEATURES];
                y = new double[rows * STEPS];
                int row = 0;
                for (Run run : runs) {
                    for (int at = HISTORY; at + STEPS <= run.length(); at++) {
                        fill(run, at, x, row * FEATURES);
                        System.arraycopy(run.glucose(), at, y, row * STEPS, STEPS);
                        row++;
                    }
                }
            }

            double[] step(int k) {
                double[] targets = new double[size];
                for (int i = 0; i < size; i++) {
                    targets[i] = y[i * STEPS + k];
                }
                return targets;
            }
        }
    }
}
