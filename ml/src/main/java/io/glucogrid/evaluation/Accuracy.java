package io.glucogrid.evaluation;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/**
 * How far point forecasts are from what came. Units are mg/dL but for {@code mard} (%), {@code r2} and the shares of zones (%).
 *
 * @param mdae median absolute error
 * @param mard mean absolute relative difference, in per cent of the actual value
 * @param bias mean of forecast − actual
 * @param clarke shares of the zones A to E in per cent
 * @param parkes likewise, type 1
 * @param macroRmse mean over subjects of each subject's RMSE
 * @param worstSubjectRmse the greatest of these
 */
record Accuracy(
        int n,
        double rmse,
        double mae,
        double mdae,
        double mard,
        double bias,
        double r2,
        Map<Zone, Double> clarke,
        Map<Zone, Double> parkes,
        double macroRmse,
        double worstSubjectRmse) {

    /** Judges forecasts; {@code subject[i]} says whose the i-th is, those of one subject being neighbours. */
    static Accuracy of(double[] actual, double[] predicted, int[] subject) {
        int n = actual.length;
        double[] absolute = new double[n];
        double squares = 0;
        double relative = 0;
        double bias = 0;
        double mean = Arrays.stream(actual).average().orElse(0);
        double spread = 0;
        for (int i = 0; i < n; i++) {
            double error = predicted[i] - actual[i];
            absolute[i] = Math.abs(error);
            squares += error * error;
            relative += absolute[i] / actual[i];
            bias += error;
            spread += (actual[i] - mean) * (actual[i] - mean);
        }
        double mae = Arrays.stream(absolute).average().orElse(Double.NaN);
        Arrays.sort(absolute);
        double[] rmse = rmseBySubject(actual, predicted, subject);
        return new Accuracy(
                n,
                Math.sqrt(squares / n),
                mae,
                n == 0 ? Double.NaN : (absolute[(n - 1) / 2] + absolute[n / 2]) / 2,
                100 * relative / n,
                bias / n,
                1 - squares / spread,
                shares(new ClarkeGrid(), actual, predicted),
                shares(new ParkesGrid(), actual, predicted),
                Arrays.stream(rmse).average().orElse(Double.NaN),
                Arrays.stream(rmse).max().orElse(Double.NaN));
    }

    private static Map<Zone, Double> shares(ErrorGrid grid, double[] actual, double[] predicted) {
        Map<Zone, Double> shares = new EnumMap<>(Zone.class);
        for (Zone zone : Zone.values()) {
            shares.put(zone, 0.0);
        }
        double share = 100.0 / actual.length;
        for (int i = 0; i < actual.length; i++) {
            shares.merge(grid.zone(actual[i], predicted[i]), share, Double::sum);
        }
        return shares;
    }

    private static double[] rmseBySubject(double[] actual, double[] predicted, int[] subject) {
        double[] rmse = new double[subject.length];
        int subjects = 0;
        int from = 0;
        while (from < subject.length) {
            int to = from;
            double squares = 0;
            while (to < subject.length && subject[to] == subject[from]) {
                squares += (predicted[to] - actual[to]) * (predicted[to] - actual[to]);
                to++;
            }
            rmse[subjects++] = Math.sqrt(squares / (to - from));
            from = to;
        }
        return Arrays.copyOf(rmse, subjects);
    }
}
