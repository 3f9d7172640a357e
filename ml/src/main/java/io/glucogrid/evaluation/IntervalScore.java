package io.glucogrid.evaluation;

import io.glucogrid.forecast.ErrorModel;
import io.glucogrid.forecast.Forecaster;
import java.util.Arrays;

/**
 * How honest intervals are.
 *
 * @param coverage share of readings inside the 90 % interval, in per cent
 * @param width mean width of the interval in mg/dL
 * @param calibrationError sum over p = 0, 0.1, … 1 of (share of readings below the p-quantile − p)², as in GlucoBench
 * @param worstSubjectCoverage the smallest coverage of a subject, in per cent
 * @param subjectsNearNominal share of subjects covered 85 to 95 %, in per cent
 */
record IntervalScore(
        double coverage,
        double width,
        double calibrationError,
        double worstSubjectCoverage,
        double subjectsNearNominal) {

    /** Rows being judged one after the other; those of one subject are neighbours. */
    static final class Judge {
        private final ErrorModel errors;
        private final double[] scratch = new double[4];
        private final int[] below = new int[11];
        private double inside;
        private double width;
        private int n;
        private int subject = -1;
        private int subjectRows;
        private int subjectInside;
        private double[] coverages = new double[16];
        private int subjects;

        Judge(ErrorModel errors) {
            this.errors = errors;
        }

        void add(int ofSubject, double[] values, int anchor, double predicted, double actual) {
            if (ofSubject != subject) {
                endSubject();
                subject = ofSubject;
            }
            double sigma = errors.sigma(values, anchor, scratch);
            double low = errors.low(predicted, sigma, Forecaster.COVERAGE);
            double high = errors.high(predicted, sigma, Forecaster.COVERAGE);
            width += high - low;
            n++;
            subjectRows++;
            if (actual >= low && actual <= high) {
                inside++;
                subjectInside++;
            }
            double p = errors.cumulative(actual, predicted, sigma);
            for (int k = 0; k <= 10; k++) {
                if (p <= k / 10.0) {
                    below[k]++;
                }
            }
        }

        private void endSubject() {
            if (subjectRows > 0) {
                if (subjects == coverages.length) {
                    coverages = Arrays.copyOf(coverages, subjects * 2);
                }
                coverages[subjects++] = 100.0 * subjectInside / subjectRows;
            }
            subjectRows = 0;
            subjectInside = 0;
        }

        IntervalScore finish() {
            endSubject();
            double error = 0;
            for (int k = 0; k <= 10; k++) {
                double share = below[k] / (double) n - k / 10.0;
                error += share * share;
            }
            double[] all = Arrays.copyOf(coverages, subjects);
            return new IntervalScore(
                    100 * inside / n,
                    width / n,
                    error,
                    Arrays.stream(all).min().orElse(Double.NaN),
                    100.0 * Arrays.stream(all).filter(c -> c >= 85 && c <= 95).count() / Math.max(1, subjects));
        }
    }
}
