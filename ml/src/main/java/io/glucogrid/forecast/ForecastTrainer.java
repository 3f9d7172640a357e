package io.glucogrid.forecast;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Fits a {@link ForecastModel} to a population. Coefficients come from all readings that may be seen; the error models come from
 * coefficients of the first 80 % of these, confronted with the rest, so that no interval is calibrated on rows its forecast was
 * fitted to.
 *
 * <p>A handful of passes over the subjects, wherever they are: one for all sums, eight more where absolute deviations are to be
 * least, one for how errors scale, one for the errors.
 */
public final class ForecastTrainer {
    static final int AR_ORDER = 6;

    private static final int MINUTES_15 = 15;
    private static final int MINUTES_30 = 30;
    private static final int MINUTES_60 = 60;

    private final Kind kind;
    private final Horizons horizons;
    private final double lambda;
    private final int gateLabels;

    private ForecastTrainer(Kind kind, Horizons horizons, double lambda, int gateLabels) {
        this.kind = kind;
        this.horizons = horizons;
        this.lambda = lambda;
        this.gateLabels = gateLabels;
    }

    /** Of {@link Kind#ONLINE}; see {@link ForecastModel#of} for the parameters. */
    public static ForecastTrainer of(Horizons horizons, double lambda, int gateLabels) {
        return of(Kind.ONLINE, horizons, lambda, gateLabels);
    }

    /** See {@link ForecastModel#of} for the parameters. */
    public static ForecastTrainer of(Kind kind, Horizons horizons, double lambda, int gateLabels) {
        return new ForecastTrainer(kind, horizons, lambda, gateLabels);
    }

    /**
     * A fitted model.
     *
     * @param examples number of examples of the shortest horizon
     * @param metrics {@code rmse_30}, {@code mae_30}, {@code persistence_rmse_30} and the like in mg/dL: of the last fifth of each
     *     subject's readings, forecast by a model of the first four
     */
    public record Fitted(ForecastModel model, long examples, Map<String, Double> metrics) {}

    /** Finds a horizon's pooled coefficients. */
    @FunctionalInterface
    public interface PooledSolver {
        /**
         * Least-squares coefficients of z-scores under {@code scaling}, intercept last.
         *
         * @param sums of the examples of the horizon of so many slots
         */
        double[] solve(int horizonSlots, GramSums sums, Scaling scaling);
    }

    /** The normal equations' solution. */
    public static double[] leastSquares(int horizonSlots, GramSums sums, Scaling scaling) {
        return sums.ridge(0, scaling, 0, new double[CompactFeatures.COUNT + 1]);
    }

    /** Fits all readings. */
    public ForecastModel fit(List<SubjectSeries> population) {
        return fit(
                population,
                population.stream().mapToInt(SubjectSeries::readings).toArray());
    }

    /**
     * Fits the first {@code seen[s]} readings of each subject.
     *
     * @throws IllegalStateException where that is too little to calibrate on
     */
    public ForecastModel fit(List<SubjectSeries> population, int[] seen) {
        List<Population.Seen> subjects = new ArrayList<>();
        for (int s = 0; s < seen.length; s++) {
            subjects.add(new Population.Seen(population.get(s), seen[s]));
        }
        return fit(new Here(subjects), ForecastTrainer::leastSquares).model();
    }

    /**
     * Fits a population that may be elsewhere.
     *
     * @throws IllegalStateException where that is too little to calibrate on
     */
    public Fitted fit(Population population, PooledSolver solver) {
        PopulationSums sums = PopulationSums.of(horizons, population);
        int count = horizons.count();
        Scaling[] scaling = new Scaling[count];
        Scaling[] earlyScaling = new Scaling[count];
        double[][] beta = new double[count][];
        double[][] earlyBeta = new double[count][];
        AutoRegression[] lags = new AutoRegression[count];
        AutoRegression[] earlyLags = new AutoRegression[count];
        for (int h = 0; h < count; h++) {
            if (sums.early[h].count() < ErrorModel.SMALLEST_CALIBRATION) {
                throw new IllegalStateException("only " + (long) sums.early[h].count() + " examples to fit");
            }
            scaling[h] = sums.all[h].scaling();
            earlyScaling[h] = sums.early[h].scaling();
            beta[h] = solver.solve(horizons.slots(h), sums.all[h], scaling[h]);
            earlyBeta[h] = leastSquares(horizons.slots(h), sums.early[h], earlyScaling[h]);
            lags[h] = AutoRegression.of(sums.lagsAll[h].solve(0));
            earlyLags[h] = AutoRegression.of(sums.lagsEarly[h].solve(0));
        }
        if (kind == Kind.ROBUST) {
            RobustSums.fit(horizons, population, scaling, beta, earlyScaling, earlyBeta);
        }
        EarlyModel early = new EarlyModel(kind, lambda, gateLabels, earlyScaling, earlyBeta, earlyLags);
        ErrorModel.Scale[][] scales = scales(population, early);
        ErrorSums.Scores[] scores = ErrorSums.Scores.of(horizons, population, early, scales, sums.later());
        List<HorizonModel> models = new ArrayList<>();
        for (int h = 0; h < count; h++) {
            models.add(HorizonModel.of(scaling[h], beta[h], lags[h], errors(scores[h], scales[h])));
        }
        return new Fitted(
                ForecastModel.of(horizons, models, lambda, gateLabels), (long) sums.all[0].count(), metrics(scores));
    }

    private ErrorModel.Scale[][] scales(Population population, EarlyModel early) {
        ErrorSums.Scales sums = ErrorSums.Scales.of(horizons, population, early);
        ErrorModel.Scale[][] scales = new ErrorModel.Scale[horizons.count()][];
        for (int h = 0; h < scales.length; h++) {
            scales[h] =
                    new ErrorModel.Scale[] {ErrorModel.Scale.fit(sums.personal[h]), ErrorModel.Scale.fit(sums.pooled[h])
                    };
        }
        return scales;
    }

    private static Map<Level, ErrorModel> errors(ErrorSums.Scores scores, ErrorModel.Scale[] scales) {
        ErrorModel pooled = scores.pooled(scales[1]);
        return Map.of(
                Level.PERSONAL,
                scores.personal(scales[0]),
                Level.LEARNING,
                pooled,
                Level.POOLED,
                pooled,
                Level.AUTOREGRESSION,
                scores.autoRegression(),
                Level.PERSISTENCE,
                scores.persistence());
    }

    private Map<String, Double> metrics(ErrorSums.Scores[] scores) {
        Map<String, Double> metrics = new TreeMap<>();
        for (int h = 0; h < scores.length; h++) {
            int minutes = horizons.minutes(h);
            if (minutes == MINUTES_15 || minutes == MINUTES_30 || minutes == MINUTES_60) {
                metrics.put("rmse_" + minutes, scores[h].rmse());
                metrics.put("mae_" + minutes, scores[h].mae());
                metrics.put("persistence_rmse_" + minutes, scores[h].persistenceRmse());
                metrics.put("scored_" + minutes, (double) scores[h].count());
            }
        }
        return metrics;
    }

    /** A population in this memory, in one group. */
    private record Here(List<Population.Seen> subjects) implements Population {
        @Override
        public <R> List<R> map(Work<R> work) {
            return List.of(work.of(subjects));
        }
    }
}
