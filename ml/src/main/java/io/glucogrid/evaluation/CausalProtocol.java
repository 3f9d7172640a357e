package io.glucogrid.evaluation;

import io.glucogrid.forecast.CompactFeatures;
import io.glucogrid.forecast.ErrorModel;
import io.glucogrid.forecast.Examples;
import io.glucogrid.forecast.ForecastModel;
import io.glucogrid.forecast.Forecaster;
import io.glucogrid.forecast.GramSums;
import io.glucogrid.forecast.Horizons;
import io.glucogrid.forecast.RecursiveLeastSquares;
import io.glucogrid.forecast.Scaling;
import io.glucogrid.forecast.SubjectSeries;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.DoubleFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Evaluation without a look ahead. Every subject's first 80 % of readings are for fitting, the last 20 % for scoring; a row belongs to
 * the first part by its target and to the second by its anchor, so that rows that straddle the border are in neither. Targets are real
 * readings, never interpolated ones. Within the first part, 64 % fit and 16 % choose the hyper-parameter and calibrate the intervals;
 * no test row has a say in anything.
 *
 * <p>The second half of the protocol asks for people the model has never seen: subjects in order of their ids, fold = rank mod 5, fitted
 * on the other four folds, which also choose the hyper-parameter, each of them a newcomer to the other three; scored on all rows of
 * the fifth. An online learner starts from the population and learns from the subject's labels as they mature.
 */
final class CausalProtocol {
    static final String SEEN = "causal";
    static final String UNSEEN = "unseen";
    private static final int FOLDS = 5;
    private static final double[] LAMBDAS = {30, 100, 300, 1000, 3000};

    /** By the weight of the population. */
    private static final List<DoubleFunction<Candidate>> NEWCOMERS = List.of(
            lambda -> new Candidate.Persistence(),
            lambda -> new Candidate.Linear("v2", Candidate.Linear.Kind.POOLED, 0, 0),
            lambda -> new Candidate.Linear("v4", Candidate.Linear.Kind.ONLINE, lambda, ForecastModel.LABELS_PER_DAY),
            lambda -> new Candidate.Linear("v4_ungated", Candidate.Linear.Kind.ONLINE, lambda, 0));

    private final List<SubjectSeries> series;
    private final Consumer<String> progress;

    CausalProtocol(List<SubjectSeries> series, Consumer<String> progress) {
        this.series = series;
        this.progress = progress;
    }

    /** Forecasts of the test rows of one model at one horizon, as the plots need them. */
    interface TestRows {
        void accept(int horizonMinutes, String model, double[] actual, double[] predicted, long[] targetMicros);
    }

    /** All lines of the table, by horizon. */
    List<Scored> run(Horizons horizons, TestRows rows) {
        List<Scored> out = new ArrayList<>();
        for (int h = 0; h < horizons.count(); h++) {
            List<Examples> examples = examples(horizons.slots(h));
            Split split = new Split(examples);
            double lambda = chooseLambda(examples, split);
            double[] ofFolds = IntStream.range(0, FOLDS)
                    .mapToDouble(fold -> chooseLambdaWithout(fold, examples))
                    .toArray();
            progress.accept("horizon " + horizons.minutes(h) + " min: " + split.total + " anchors, " + split.train
                    + " train, " + split.test + " test, lambda " + lambda + ", without each fold "
                    + Arrays.toString(ofFolds));
            for (Candidate candidate : candidates(lambda)) {
                out.add(score(candidate, examples, split, lambda, rows));
            }
            for (DoubleFunction<Candidate> candidate : NEWCOMERS) {
                out.add(scoreUnseen(candidate, examples, ofFolds));
            }
        }
        return out;
    }

    List<Examples> examples(int horizonSlots) {
        return series.stream()
                .map(subject -> Examples.of(subject, horizonSlots))
                .toList();
    }

    private static List<Candidate> candidates(double lambda) {
        return List.of(
                new Candidate.Persistence(),
                new Candidate.Ar2(),
                new Candidate.V1(),
                new Candidate.PooledAr(6),
                new Candidate.PooledAr(CompactFeatures.HISTORY),
                new Candidate.Linear("v2", Candidate.Linear.Kind.POOLED, 0, 0),
                new Candidate.Linear("v3", Candidate.Linear.Kind.PERSONAL, lambda, 0),
                new Candidate.Linear("v4", Candidate.Linear.Kind.ONLINE, lambda, ForecastModel.LABELS_PER_DAY),
                new Candidate.Robust("v5", lambda));
    }

    /** The weight of the population that forecasts best, fitted on the first 64 % and judged on the next 16 %. */
    double chooseLambda(List<Examples> examples, Split split) {
        double best = Double.POSITIVE_INFINITY;
        double chosen = LAMBDAS[0];
        for (double lambda : LAMBDAS) {
            Candidate candidate = new Candidate.Linear("v3", Candidate.Linear.Kind.PERSONAL, lambda, 0);
            double[][] predicted = candidate.predict(examples, split.fit);
            double squares = 0;
            for (int s = 0; s < predicted.length; s++) {
                Examples of = examples.get(s);
                for (int i = of.anchorsFrom(split.fit[s]); i < of.targetsBefore(split.seen[s]); i++) {
                    squares += (predicted[s][i] - of.target(i)) * (predicted[s][i] - of.target(i));
                }
            }
            if (squares < best) {
                best = squares;
                chosen = lambda;
            }
        }
        return chosen;
    }

    /**
     * The weight of the population that is best for newcomers, by the subjects of four folds: each of those is forecast as the fold that
     * is left out will be, by an online learner that starts from the other three.
     */
    static double chooseLambdaWithout(int fold, List<Examples> examples) {
        double[] squares = new double[LAMBDAS.length];
        for (int inner = 0; inner < FOLDS; inner++) {
            if (inner == fold) {
                continue;
            }
            GramSums sums = GramSums.empty(CompactFeatures.COUNT, 1);
            for (int s = 0; s < examples.size(); s++) {
                if (s % FOLDS != fold && s % FOLDS != inner) {
                    sums.merge(examples.get(s).sums(0, examples.get(s).size()));
                }
            }
            Scaling scaling = sums.scaling();
            double[] pooled = sums.ridge(0, scaling, 0, new double[CompactFeatures.COUNT + 1]);
            for (int s = inner; s < examples.size(); s += FOLDS) {
                Examples of = examples.get(s);
                for (int l = 0; l < LAMBDAS.length; l++) {
                    double[] predicted = RecursiveLeastSquares.of(
                                    scaling, pooled, LAMBDAS[l], ForecastModel.LABELS_PER_DAY, 1)
                            .replay(of);
                    for (int i = 0; i < predicted.length; i++) {
                        squares[l] += (predicted[i] - of.target(i)) * (predicted[i] - of.target(i));
                    }
                }
            }
        }
        int best = 0;
        for (int l = 1; l < LAMBDAS.length; l++) {
            best = squares[l] < squares[best] ? l : best;
        }
        return LAMBDAS[best];
    }

    Scored score(Candidate candidate, List<Examples> examples, Split split, double lambda, TestRows rows) {
        ErrorModel errors = calibrate(candidate, examples, split);
        double[][] predicted = candidate.predict(examples, split.seen);
        Collected test = new Collected(split.test);
        IntervalScore.Judge judge = errors == null ? null : new IntervalScore.Judge(errors);
        for (int s = 0; s < predicted.length; s++) {
            Examples of = examples.get(s);
            for (int i = of.anchorsFrom(split.seen[s]); i < of.size(); i++) {
                test.add(s, of, i, predicted[s][i], errors);
                if (judge != null) {
                    judge.add(s, of.values(i), of.anchor(i), predicted[s][i], of.target(i));
                }
            }
        }
        int minutes = examples.isEmpty() ? 0 : examples.get(0).horizonSlots() * 5;
        rows.accept(minutes, candidate.name(), test.actual, test.predicted, test.targetMicros);
        return new Scored(
                SEEN,
                candidate.name(),
                minutes,
                Accuracy.of(test.actual, test.predicted, test.subject),
                judge == null ? null : judge.finish(),
                errors == null ? null : test.risk(),
                lambda);
    }

    /** The error model of a candidate fitted on 64 % and confronted with 16 %; null where the data is too small for one. */
    private static @Nullable ErrorModel calibrate(Candidate candidate, List<Examples> examples, Split split) {
        double[][] predicted = candidate.predict(examples, split.fit);
        ErrorModel.Calibration calibration = new ErrorModel.Calibration();
        int rows = 0;
        for (int s = 0; s < predicted.length; s++) {
            Examples of = examples.get(s);
            int size = of.targetsBefore(split.fit[s]);
            for (int i = 0; i < size; i++) {
                calibration.scale(of.values(i), of.anchor(i), of.target(i) - predicted[s][i]);
            }
        }
        calibration.fitScale();
        for (int s = 0; s < predicted.length; s++) {
            Examples of = examples.get(s);
            for (int i = of.anchorsFrom(split.fit[s]); i < of.targetsBefore(split.seen[s]); i++) {
                calibration.add(of.values(i), of.anchor(i), predicted[s][i], of.target(i), of.lowest(i), of.highest(i));
                rows++;
            }
        }
        return rows < ErrorModel.SMALLEST_CALIBRATION ? null : calibration.finish();
    }

    /** @param lambdas by fold, chosen without it */
    Scored scoreUnseen(DoubleFunction<Candidate> candidates, List<Examples> examples, double[] lambdas) {
        int total = examples.stream().mapToInt(Examples::size).sum();
        double[][] predicted = new double[examples.size()][];
        for (int fold = 0; fold < FOLDS; fold++) {
            int[] seen = new int[examples.size()];
            for (int s = 0; s < seen.length; s++) {
                seen[s] = s % FOLDS == fold ? 0 : series.get(s).readings();
            }
            double[][] all = candidates.apply(lambdas[fold]).predict(examples, seen);
            for (int s = fold; s < seen.length; s += FOLDS) {
                predicted[s] = all[s];
            }
        }
        Collected test = new Collected(total);
        for (int s = 0; s < predicted.length; s++) {
            Examples of = examples.get(s);
            for (int i = 0; i < of.size(); i++) {
                test.add(s, of, i, predicted[s][i], null);
            }
        }
        int minutes = examples.isEmpty() ? 0 : examples.get(0).horizonSlots() * 5;
        return new Scored(
                UNSEEN,
                candidates.apply(lambdas[0]).name(),
                minutes,
                Accuracy.of(test.actual, test.predicted, test.subject),
                null,
                null,
                Arrays.stream(lambdas).average().orElse(Double.NaN));
    }

    /** Where the parts of each subject begin, in readings, and how many rows they have. */
    static final class Split {
        /** Readings of the first 64 %. */
        final int[] fit;
        /** Readings of the first 80 %. */
        final int[] seen;

        final int total;
        final int train;
        final int test;

        Split(List<Examples> examples) {
            fit = new int[examples.size()];
            seen = new int[examples.size()];
            int all = 0;
            int inTrain = 0;
            int inTest = 0;
            for (int s = 0; s < fit.length; s++) {
                Examples of = examples.get(s);
                int readings = of.series().readings();
                // whole-number arithmetic: 0.8 is not a binary fraction
                fit[s] = (int) (readings * 64L / 100);
                seen[s] = (int) (readings * 8L / 10);
                all += of.size();
                inTrain += of.targetsBefore(seen[s]);
                inTest += of.size() - of.anchorsFrom(seen[s]);
            }
            total = all;
            train = inTrain;
            test = inTest;
        }
    }

    /** Scored rows of all subjects in one array each. */
    private static final class Collected {
        final double[] actual;
        final double[] predicted;
        final int[] subject;
        final long[] targetMicros;
        private final double[] probabilityOfLow;
        private final boolean[] low;
        private final double[] scratch = new double[4];
        private int size;
        private int atRisk;

        Collected(int rows) {
            actual = new double[rows];
            predicted = new double[rows];
            subject = new int[rows];
            targetMicros = new long[rows];
            probabilityOfLow = new double[rows];
            low = new boolean[rows];
        }

        void add(int ofSubject, Examples of, int i, double forecast, @Nullable ErrorModel errors) {
            actual[size] = of.target(i);
            predicted[size] = forecast;
            subject[size] = ofSubject;
            targetMicros[size] = of.targetMicros(i);
            size++;
            double[] values = of.values(i);
            int anchor = of.anchor(i);
            if (errors != null && values[anchor] >= Forecaster.LOW_MG_DL) {
                double sigma = errors.sigma(values, anchor, scratch);
                probabilityOfLow[atRisk] = errors.probabilityOfLow(Forecaster.LOW_MG_DL, forecast, sigma);
                low[atRisk] = of.lowest(i) < Forecaster.LOW_MG_DL;
                atRisk++;
            }
        }

        RiskScore risk() {
            return RiskScore.of(Arrays.copyOf(probabilityOfLow, atRisk), Arrays.copyOf(low, atRisk));
        }
    }
}
