package io.glucogrid.forecast;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Fits a {@link ForecastModel} to a population. Coefficients come from all readings that may be seen; the error models come from
 * coefficients of the first 80 % of these, confronted with the rest, so that no interval is calibrated on rows its forecast was
 * fitted to.
 */
public final class ForecastTrainer {
    private static final int AR_ORDER = 6;

    private final Horizons horizons;
    private final double lambda;
    private final int gateLabels;

    private ForecastTrainer(Horizons horizons, double lambda, int gateLabels) {
        this.horizons = horizons;
        this.lambda = lambda;
        this.gateLabels = gateLabels;
    }

    /** See {@link ForecastModel#of} for the parameters. */
    public static ForecastTrainer of(Horizons horizons, double lambda, int gateLabels) {
        return new ForecastTrainer(horizons, lambda, gateLabels);
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
        List<HorizonModel> models = new ArrayList<>();
        for (int h = 0; h < horizons.count(); h++) {
            int slots = horizons.slots(h);
            models.add(fitHorizon(
                    population.stream().map(s -> Examples.of(s, slots)).toList(), seen));
        }
        return ForecastModel.of(horizons, models, lambda, gateLabels);
    }

    private HorizonModel fitHorizon(List<Examples> subjects, int[] seen) {
        int[] sizes = sizes(subjects, seen);
        GramSums sums = pooled(subjects, sizes);
        Scaling scaling = sums.scaling();
        double[] beta = sums.ridge(0, scaling, 0, new double[CompactFeatures.COUNT + 1]);
        return HorizonModel.of(scaling, beta, AutoRegression.fit(subjects, sizes, AR_ORDER), errors(subjects, seen));
    }

    private Map<Level, ErrorModel> errors(List<Examples> subjects, int[] seen) {
        int[] fitted = Arrays.stream(seen).map(n -> (int) (n * 8L / 10)).toArray();
        int[] sizes = sizes(subjects, fitted);
        GramSums sums = pooled(subjects, sizes);
        Scaling scaling = sums.scaling();
        double[] beta = sums.ridge(0, scaling, 0, new double[CompactFeatures.COUNT + 1]);
        AutoRegression ar = AutoRegression.fit(subjects, sizes, AR_ORDER);

        ErrorModel.Calibration personal = new ErrorModel.Calibration();
        ErrorModel.Calibration pooled = new ErrorModel.Calibration();
        ErrorModel.Calibration autoRegression = new ErrorModel.Calibration();
        ErrorModel.Calibration persistence = new ErrorModel.Calibration();
        double[][] online = new double[sizes.length][];
        for (int s = 0; s < sizes.length; s++) {
            Examples examples = subjects.get(s);
            online[s] = RecursiveLeastSquares.of(scaling, beta, lambda, gateLabels, 1)
                    .replay(examples);
            for (int i = 0; i < sizes[s]; i++) {
                double[] values = examples.values(i);
                personal.scale(values, examples.anchor(i), examples.target(i) - online[s][i]);
                pooled.scale(
                        values,
                        examples.anchor(i),
                        examples.target(i) - scaling.dot(beta, examples.features(), examples.featuresAt(i)));
            }
        }
        personal.fitScale();
        pooled.fitScale();
        for (int s = 0; s < sizes.length; s++) {
            Examples examples = subjects.get(s);
            for (int i = examples.anchorsFrom(fitted[s]); i < examples.targetsBefore(seen[s]); i++) {
                double[] values = examples.values(i);
                int anchor = examples.anchor(i);
                add(personal, examples, i, online[s][i]);
                add(pooled, examples, i, scaling.dot(beta, examples.features(), examples.featuresAt(i)));
                add(autoRegression, examples, i, ar.predict(values, anchor));
                add(persistence, examples, i, values[anchor]);
            }
        }
        ErrorModel ofPooled = pooled.finish();
        return Map.of(
                Level.PERSONAL,
                personal.finish(),
                Level.LEARNING,
                ofPooled,
                Level.POOLED,
                ofPooled,
                Level.AUTOREGRESSION,
                autoRegression.finish(),
                Level.PERSISTENCE,
                persistence.finish());
    }

    private static void add(ErrorModel.Calibration to, Examples examples, int i, double forecast) {
        to.add(
                examples.values(i),
                examples.anchor(i),
                forecast,
                examples.target(i),
                examples.lowest(i),
                examples.highest(i));
    }

    private static int[] sizes(List<Examples> subjects, int[] seen) {
        int[] sizes = new int[seen.length];
        for (int s = 0; s < seen.length; s++) {
            sizes[s] = subjects.get(s).targetsBefore(seen[s]);
        }
        return sizes;
    }

    private static GramSums pooled(List<Examples> subjects, int[] sizes) {
        GramSums sums = GramSums.empty(CompactFeatures.COUNT, 1);
        for (int s = 0; s < sizes.length; s++) {
            sums.merge(subjects.get(s).sums(0, sizes[s]));
        }
        return sums;
    }
}
