package io.glucogrid.evaluation;

import io.glucogrid.evaluation.GlucoBench.Parts;
import io.glucogrid.evaluation.GlucoBench.Run;
import io.glucogrid.forecast.ErrorModel;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * GlucoBench's scores on the Hall data. Its "RMSE" is the root of the mean over seeds of the <em>median over windows</em> of a
 * window's mean squared error, its "MAE" the mean over seeds of the median over windows: figures that forgive the worst half of all
 * windows, which is why every line here shows the pooled RMSE of the same forecasts beside them, and why persistence is a line.
 */
final class GlucoBenchProtocol {
    private static final int WINDOW_STRIDE = 6;
    private static final double SELF_CHECK_TOLERANCE = 0.01;

    /**
     * One line of the table.
     *
     * @param part {@code id} for later days of known subjects, {@code od} for unknown ones
     * @param rmse the benchmark's, of medians
     * @param mae the benchmark's, of medians
     * @param pooledRmse root of the mean squared error of all windows and steps, mg/dL
     * @param mard mean absolute relative difference of all windows and steps, %
     * @param calibrationError mean over steps of the sum of squared differences between nominal and actual quantiles
     */
    record Line(
            String model,
            String part,
            String seeds,
            double rmse,
            double mae,
            double pooledRmse,
            double mard,
            double calibrationError) {}

    /**
     * @param comparable whether the file is the whole cohort, by every count that the benchmark logs
     * @param remarks what differs, and the self-check
     */
    record Result(List<Line> lines, boolean comparable, List<String> remarks) {}

    private final GlucoBench data;
    private final Consumer<String> progress;
    private final List<String> remarks = new ArrayList<>();

    GlucoBenchProtocol(GlucoBench data, Consumer<String> progress) {
        this.data = data;
        this.progress = progress;
    }

    static List<PathModel> models() {
        return List.of(
                new PathModel.Persistence(),
                new PathModel.Ar(6),
                new PathModel.Ar(84),
                new PathModel.Compact("v3", PathModel.Compact.Loss.SQUARED, 1000),
                new PathModel.Compact("v5", PathModel.Compact.Loss.ABSOLUTE, 300));
    }

    /**
     * Scores all models under both sets of seeds.
     *
     * @throws GridException INVALID_REQUEST where the data has none of the cohort's subjects or too little of them
     */
    Result run(List<PathModel> models) {
        boolean whole = data.subjects() == GlucoBenchSplits.SUBJECTS
                && data.segments() == GlucoBenchSplits.SEGMENTS
                && data.points() == GlucoBenchSplits.POINTS;
        if (!whole) {
            remarks.add(String.format(
                    "not the whole Hall cohort: %d of %d subjects, %d of %d segments, %d of %d points; the figures are not comparable"
                            + " with published ones",
                    data.subjects(),
                    GlucoBenchSplits.SUBJECTS,
                    data.segments(),
                    GlucoBenchSplits.SEGMENTS,
                    data.points(),
                    GlucoBenchSplits.POINTS));
        }
        if (data.repeated() > 0) {
            remarks.add(data.repeated() + " readings share a minute with an earlier one and were left out");
        }
        List<Line> lines = new ArrayList<>();
        boolean linear = run("10-19", GlucoBenchSplits.LINEAR, models, lines);
        boolean deep = run("1-2", GlucoBenchSplits.DEEP, models, lines);
        boolean comparable = whole && linear && deep;
        if (comparable) {
            selfCheck(lines);
        }
        return new Result(lines, comparable, List.copyOf(remarks));
    }

    private boolean run(String seeds, List<GlucoBenchSplits.Split> splits, List<PathModel> models, List<Line> lines) {
        boolean comparable = true;
        List<Total> totals = new ArrayList<>();
        for (PathModel model : models) {
            totals.add(new Total(model.name(), "id", seeds));
            totals.add(new Total(model.name(), "od", seeds));
        }
        for (GlucoBenchSplits.Split split : splits) {
            Parts parts = data.split(split.heldOut());
            if (parts.train().isEmpty() || parts.test().isEmpty()) {
                throw new GridException(
                        ErrorCode.INVALID_REQUEST,
                        "the glucobench protocol needs the Hall cohort; this file has too little of it");
            }
            if (!parts.counts().equals(split.counts())) {
                comparable = false;
                remarks.add("seed " + split.seed() + ": train/val/test/od points and id/od windows are "
                        + parts.counts() + ", the benchmark's are " + split.counts());
            }
            progress.accept("seed " + split.seed());
            for (int m = 0; m < models.size(); m++) {
                PathModel.Fitted fitted = models.get(m).fit(parts.train());
                ErrorModel[] errors = calibrate(fitted, parts);
                totals.get(2 * m).add(fitted, parts.test(), errors);
                totals.get(2 * m + 1).add(fitted, parts.heldOut(), errors);
            }
        }
        totals.stream().filter(total -> total.seeds > 0).map(Total::line).forEach(lines::add);
        return comparable;
    }

    /** Error models per step, scaled on the training runs and calibrated on the validation runs; null without enough of these. */
    private static ErrorModel @Nullable [] calibrate(PathModel.Fitted fitted, Parts parts) {
        ErrorModel.Calibration[] steps = new ErrorModel.Calibration[PathModel.STEPS];
        Arrays.setAll(steps, k -> new ErrorModel.Calibration());
        double[] path = new double[PathModel.STEPS];
        for (Run run : parts.train()) {
            for (int at = PathModel.Compact.HISTORY; at + PathModel.STEPS <= run.length(); at++) {
                fitted.predict(run, at, path);
                for (int k = 0; k < PathModel.STEPS; k++) {
                    steps[k].scale(run.glucose(), at - 1, run.glucose()[at + k] - path[k]);
                }
            }
        }
        for (ErrorModel.Calibration step : steps) {
            step.fitScale();
        }
        int rows = 0;
        for (Run run : parts.validation()) {
            for (int at = GlucoBench.MAX_INPUT; at + PathModel.STEPS <= run.length(); at++) {
                fitted.predict(run, at, path);
                for (int k = 0; k < PathModel.STEPS; k++) {
                    double actual = run.glucose()[at + k];
                    steps[k].add(run.glucose(), at - 1, path[k], actual, actual, actual);
                }
                rows++;
            }
        }
        if (rows < ErrorModel.SMALLEST_CALIBRATION) {
            return null;
        }
        ErrorModel[] errors = new ErrorModel[PathModel.STEPS];
        Arrays.setAll(errors, k -> steps[k].finish());
        return errors;
    }

    /** Compares AR(84) with the figures measured for it once, by an independent implementation. */
    private void selfCheck(List<Line> lines) {
        double[][] expected = {{7.41, 6.22}, {7.26, 6.14}, {7.36, 6.17}, {7.57, 6.40}};
        int i = 0;
        for (Line line : lines) {
            if (line.model().equals("ar84")) {
                double off = Math.max(Math.abs(line.rmse() - expected[i][0]), Math.abs(line.mae() - expected[i][1]));
                remarks.add(String.format(
                        "self-check %s seeds %s: %.3f/%.3f, expected %.2f/%.2f: %s",
                        line.part(),
                        line.seeds(),
                        line.rmse(),
                        line.mae(),
                        expected[i][0],
                        expected[i][1],
                        off <= SELF_CHECK_TOLERANCE + 0.005 ? "ok" : "FAILED"));
                i++;
            }
        }
    }

    /** Scores of one model on one part, over seeds. */
    private static final class Total {
        private final String model;
        private final String part;
        private final String seedNames;
        private int seeds;
        private double medianSquares;
        private double medianAbsolute;
        private double meanSquares;
        private double relative;
        private double calibration;

        Total(String model, String part, String seedNames) {
            this.model = model;
            this.part = part;
            this.seedNames = seedNames;
        }

        void add(PathModel.Fitted fitted, List<Run> runs, ErrorModel @Nullable [] errors) {
            int windows = runs.stream().mapToInt(GlucoBench::windows).sum();
            if (windows == 0) {
                return;
            }
            double[] squares = new double[windows];
            double[] absolute = new double[windows];
            int[][] below = new int[PathModel.STEPS][11];
            double[] path = new double[PathModel.STEPS];
            double[] scratch = new double[4];
            double relativeSum = 0;
            int w = 0;
            for (Run run : runs) {
                for (int at = GlucoBench.MAX_INPUT; at + PathModel.STEPS <= run.length(); at += WINDOW_STRIDE) {
                    fitted.predict(run, at, path);
                    for (int k = 0; k < PathModel.STEPS; k++) {
                        double actual = run.glucose()[at + k];
                        double error = path[k] - actual;
                        squares[w] += error * error / PathModel.STEPS;
                        absolute[w] += Math.abs(error) / PathModel.STEPS;
                        relativeSum += Math.abs(error) / actual / PathModel.STEPS;
                        if (errors != null) {
                            double sigma = errors[k].sigma(run.glucose(), at - 1, scratch);
                            count(below[k], errors[k].cumulative(actual, path[k], sigma));
                        }
                    }
                    w++;
                }
            }
            seeds++;
            medianSquares += median(squares);
            medianAbsolute += median(absolute);
            meanSquares += Arrays.stream(squares).average().orElse(Double.NaN);
            relative += 100 * relativeSum / windows;
            calibration += errors == null ? Double.NaN : calibrationError(below, windows);
        }

        private static void count(int[] below, double p) {
            for (int q = 0; q <= 10; q++) {
                if (p <= q / 10.0) {
                    below[q]++;
                }
            }
        }

        private static double calibrationError(int[][] below, int windows) {
            double error = 0;
            for (int[] step : below) {
                for (int q = 0; q <= 10; q++) {
                    double off = step[q] / (double) windows - q / 10.0;
                    error += off * off / below.length;
                }
            }
            return error;
        }

        private static double median(double[] values) {
            double[] sorted = values.clone();
            Arrays.sort(sorted);
            return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
        }

        Line line() {
            return new Line(
                    model,
                    part,
                    seedNames,
                    Math.sqrt(medianSquares / seeds),
                    medianAbsolute / seeds,
                    Math.sqrt(meanSquares / seeds),
                    relative / seeds,
                    calibration / seeds);
        }
    }
}
