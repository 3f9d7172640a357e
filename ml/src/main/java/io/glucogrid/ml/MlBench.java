package io.glucogrid.ml;

import io.glucogrid.cgm.Reading;
import io.glucogrid.cli.Benchmark;
import io.glucogrid.forecast.CompactFeatures;
import io.glucogrid.forecast.Examples;
import io.glucogrid.forecast.Forecast;
import io.glucogrid.forecast.ForecastModel;
import io.glucogrid.forecast.ForecastTrainer;
import io.glucogrid.forecast.Forecaster;
import io.glucogrid.forecast.GramSums;
import io.glucogrid.forecast.HorizonModel;
import io.glucogrid.forecast.Horizons;
import io.glucogrid.forecast.PersonalFit;
import io.glucogrid.forecast.RidgeSolver;
import io.glucogrid.forecast.Scaling;
import io.glucogrid.forecast.SubjectSeries;
import io.glucogrid.forecast.SubjectState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * {@code glucogrid bench ml}: what forecasting costs the node that owns a subject, and what training costs, on made-up readings
 * (which say nothing about accuracy). One thread each; the median of several rounds after one that warms up. What is measured does
 * not fit into a processor's cache, as the memory of a real node does not. Where two things are compared, their rounds alternate.
 */
public final class MlBench implements Benchmark {
    private static final long SLOT_MICROS = 300_000_000L;
    private static final long START_MICROS = 1_700_000_000_000_000L;
    private static final int ROUNDS = 5;
    private static final int ROUNDS_OF_A_PAIR = 3;
    private static final long ROWS = 10_000_000;
    private static final int POPULATION = 240;
    /** Subjects that the model is fitted to; more do not make it slower to use. */
    private static final int FITTED = 60;

    private static final int STORED = 20_000;
    private static final int OWNED = 5_000;
    private static final int DAYS = 14;
    private static final int SLOTS_PER_DAY = 288;
    private static final int PERSONAL = 100_000;
    private static final int LSQR_ROWS = 100_000;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final double NANOS_PER_MICRO = 1e3;

    @Override
    public String name() {
        return "ml";
    }

    @Override
    public List<Mark> run(Request request) {
        long rows = request.rows() > 0 ? request.rows() : ROWS;
        request.progress().accept("making up " + POPULATION + " subjects of " + DAYS + " days");
        List<SubjectSeries> population = new ArrayList<>();
        List<byte[]> states = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(1);
        for (int subject = 0; subject < POPULATION; subject++) {
            int[] glucose = glucose(random.split(), DAYS * SLOTS_PER_DAY);
            population.add(series(subject, glucose));
            states.add(state(glucose).toBytes());
        }
        ForecastModel model = ForecastTrainer.of(Horizons.STANDARD, 300, ForecastModel.LABELS_PER_DAY)
                .fit(population.subList(0, FITTED));
        List<byte[]> stored = copies(states, STORED);

        List<Mark> marks = new ArrayList<>();
        request.progress().accept("prediction and online update");
        marks.add(new Mark("prediction_from_stored_state", predictionMicros(model, stored), "us", 10, false));
        marks.add(new Mark("online_update_of_stored_state", updateMicros(stored), "us", 50, false));
        marks.add(new Mark("state_per_subject", largest(states), "bytes", 8 * 1024, false));

        request.progress().accept("the same through the cache of the node that owns the subject");
        try (OwnerNode owner = OwnerNode.start(request.work(), stored.subList(0, OWNED))) {
            marks.add(new Mark("prediction_on_owner_node", ownerPredictionMicros(model, owner), "us", 10, false));
            marks.add(new Mark("online_update_on_owner_node", ownerUpdateMicros(owner), "us", 50, false));
        }

        request.progress().accept("training on " + rows + " examples");
        Pair training = Pair.of(bareTraining(population, rows), gramTraining(population, rows));
        double gram = training.second() / examples(population, rows);
        marks.add(new Mark("gram_training_over_bare_normal_equations", training.ratio(), "ratio", 0.3, true));
        marks.add(new Mark("gram_training", gram * rows / NANOS_PER_SECOND, "s", 60, false));

        request.progress().accept("from stored sums");
        marks.add(new Mark("retraining_from_sums_of_100000_subjects", retrainSeconds(model, stored), "s", 10, false));
        marks.add(new Mark("personal_models_of_100000_subjects", personalSeconds(model, stored), "s", 10, false));

        request.progress().accept("Ignite ML's LSQR on " + LSQR_ROWS + " examples");
        double lsqr = lsqrNanosPerRow(population);
        marks.add(new Mark("lsqr_over_gram_training", lsqr / gram, "times as long", Double.NaN, false));
        return marks;
    }

    private static int[] glucose(SplittableRandom random, int slots) {
        int[] glucose = new int[slots];
        double level = 100;
        double slope = 0;
        for (int i = 0; i < slots; i++) {
            slope = 0.9 * slope + random.nextDouble(-2, 2);
            level += slope - 0.02 * (level - 110 - 15 * Math.sin(2 * Math.PI * i / SLOTS_PER_DAY));
            glucose[i] = (int) Math.max(40, Math.min(400, Math.round(level)));
        }
        return glucose;
    }

    private static SubjectSeries series(long subject, int[] glucose) {
        long[] micros = new long[glucose.length];
        Arrays.setAll(micros, i -> START_MICROS + i * SLOT_MICROS);
        return SubjectSeries.of(
                subject, micros, Arrays.stream(glucose).asDoubleStream().toArray());
    }

    private static SubjectState state(int[] glucose) {
        SubjectState state = SubjectState.empty(Horizons.STANDARD);
        for (int i = 0; i < glucose.length; i++) {
            long micros = START_MICROS + i * SLOT_MICROS;
            state.apply(micros, glucose[i], micros);
        }
        return state;
    }

    /** The states over and over, each in memory of its own. */
    private static List<byte[]> copies(List<byte[]> states, int count) {
        List<byte[]> copies = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            copies.add(states.get(i % states.size()).clone());
        }
        return copies;
    }

    private static double largest(List<byte[]> states) {
        return states.stream().mapToInt(bytes -> bytes.length).max().orElse(0);
    }

    /** Stored bytes to three horizons with intervals and risk. */
    private static double predictionMicros(ForecastModel model, List<byte[]> states) {
        Forecaster forecaster = Forecaster.of(model);
        Forecast forecast = Forecast.of(Horizons.STANDARD);
        SubjectState state = SubjectState.empty(Horizons.STANDARD);
        int operations = 200_000;
        return median(() -> {
                    double sum = 0;
                    for (int i = 0; i < operations; i++) {
                        state.load(states.get(i % states.size()));
                        forecaster.forecast(state, forecast);
                        sum += forecast.glucose(1);
                    }
                    return sum;
                })
                / operations
                / NANOS_PER_MICRO;
    }

    /** Stored bytes to stored bytes: one new reading, which is a label for three horizons. */
    private static double updateMicros(List<byte[]> states) {
        SubjectState state = SubjectState.empty(Horizons.STANDARD);
        long next = START_MICROS + (long) DAYS * SLOTS_PER_DAY * SLOT_MICROS;
        int operations = 100_000;
        return median(() -> {
                    double sum = 0;
                    for (int i = 0; i < operations; i++) {
                        state.load(states.get(i % states.size()));
                        state.apply(next, 100 + i % 50, next);
                        sum += state.toBytes().length;
                    }
                    return sum;
                })
                / operations
                / NANOS_PER_MICRO;
    }

    /** The cache read included. */
    private static double ownerPredictionMicros(ForecastModel model, OwnerNode owner) {
        Forecaster forecaster = Forecaster.of(model);
        Forecast forecast = Forecast.of(Horizons.STANDARD);
        SubjectState state = SubjectState.empty(Horizons.STANDARD);
        int operations = 100_000;
        return median(() -> {
                    double sum = 0;
                    for (int i = 0; i < operations; i++) {
                        state.load(owner.state(i % OWNED));
                        forecaster.forecast(state, forecast);
                        sum += forecast.glucose(1);
                    }
                    return sum;
                })
                / operations
                / NANOS_PER_MICRO;
    }

    /** The entry processor and what the cache does around it included; each reading is news. */
    private static double ownerUpdateMicros(OwnerNode owner) {
        int operations = 50_000;
        int[] slot = {DAYS * SLOTS_PER_DAY};
        return median(() -> {
                    for (int i = 0; i < operations; i++) {
                        if (i % OWNED == 0) {
                            slot[0]++;
                        }
                        long micros = START_MICROS + slot[0] * SLOT_MICROS;
                        owner.learn(new Reading(i % OWNED, 100 + i % 50, micros, micros));
                    }
                    return slot[0];
                })
                / operations
                / NANOS_PER_MICRO;
    }

    /** From readings: features, and the sums from which coefficients follow. */
    private static Work gramTraining(List<SubjectSeries> population, long rows) {
        long passes = Math.max(1, rows / count(population));
        return () -> {
            double sum = 0;
            for (long pass = 0; pass < passes; pass++) {
                GramSums all = GramSums.empty(CompactFeatures.COUNT, 1);
                for (SubjectSeries series : population) {
                    Examples examples = Examples.of(series, 6);
                    all.merge(examples.sums(0, examples.size()));
                }
                sum += all.solve(0)[0];
            }
            return sum;
        };
    }

    /** The bound: features lie ready in one array, and a loop does nothing but add up their products. */
    private static Work bareTraining(List<SubjectSeries> population, long rows) {
        int n = CompactFeatures.COUNT + 1;
        int perPass = (int) count(population);
        double[] x = new double[perPass * n];
        double[] y = new double[perPass];
        int row = 0;
        for (SubjectSeries series : population) {
            Examples examples = Examples.of(series, 6);
            for (int i = 0; i < examples.size(); i++) {
                System.arraycopy(examples.features(), examples.featuresAt(i), x, row * n, n - 1);
                x[row * n + n - 1] = 1;
                y[row++] = examples.target(i);
            }
        }
        long passes = Math.max(1, rows / perPass);
        return () -> {
            double sum = 0;
            for (long pass = 0; pass < passes; pass++) {
                double[] products = new double[n * n + n];
                add(x, y, perPass, n, products);
                sum += products[0];
            }
            return sum;
        };
    }

    /** Number of examples that the above add up. */
    private static double examples(List<SubjectSeries> population, long rows) {
        long perPass = count(population);
        return Math.max(1, rows / perPass) * (double) perPass;
    }

    private static void add(double[] x, double[] y, int rows, int n, double[] products) {
        for (int r = 0; r < rows; r++) {
            int at = r * n;
            for (int i = 0; i < n; i++) {
                double value = x[at + i];
                for (int j = 0; j <= i; j++) {
                    products[i * n + j] += value * x[at + j];
                }
                products[n * n + i] += value * y[r];
            }
        }
    }

    private static long count(List<SubjectSeries> population) {
        return population.stream()
                .mapToLong(series -> Examples.of(series, 6).size())
                .sum();
    }

    private static double retrainSeconds(ForecastModel model, List<byte[]> states) {
        SubjectState state = SubjectState.empty(Horizons.STANDARD);
        return median(() -> {
                    GramSums[] sums = new GramSums[Horizons.STANDARD.count()];
                    Arrays.setAll(sums, h -> GramSums.empty(CompactFeatures.COUNT, 1));
                    for (int i = 0; i < PERSONAL; i++) {
                        state.load(states.get(i % states.size()));
                        for (int h = 0; h < sums.length; h++) {
                            sums[h].merge(state.learnt(h));
                        }
                    }
                    double sum = 0;
                    for (int h = 0; h < sums.length; h++) {
                        HorizonModel refitted = model.horizon(h).refitted(sums[h]);
                        sum += refitted.pooled()[0];
                    }
                    return sum;
                })
                / NANOS_PER_SECOND;
    }

    private static double personalSeconds(ForecastModel model, List<byte[]> states) {
        SubjectState state = SubjectState.empty(Horizons.STANDARD);
        RidgeSolver solver = new RidgeSolver(CompactFeatures.COUNT + 1);
        return median(() -> {
                    double sum = 0;
                    for (int i = 0; i < PERSONAL; i++) {
                        state.load(states.get(i % states.size()));
                        sum += PersonalFit.of(model, state, solver)[0];
                    }
                    return sum;
                })
                / NANOS_PER_SECOND;
    }

    private static double lsqrNanosPerRow(List<SubjectSeries> population) {
        GramSums sums = GramSums.empty(CompactFeatures.COUNT, 1);
        List<double[]> rows = new ArrayList<>();
        for (SubjectSeries series : population) {
            Examples examples = Examples.of(series, 6);
            sums.merge(examples.sums(0, examples.size()));
            for (int i = 0; i < examples.size() && rows.size() < LSQR_ROWS; i++) {
                double[] row = Arrays.copyOfRange(
                        examples.features(),
                        examples.featuresAt(i),
                        examples.featuresAt(i) + CompactFeatures.COUNT + 1);
                row[CompactFeatures.COUNT] = examples.target(i);
                rows.add(row);
            }
        }
        Scaling scaling = sums.scaling();
        double[] means = new double[CompactFeatures.COUNT + 1];
        double[] deviations = new double[CompactFeatures.COUNT + 1];
        Arrays.fill(deviations, 1);
        for (int i = 0; i < CompactFeatures.COUNT; i++) {
            means[i] = scaling.mean(i);
            deviations[i] = scaling.sd(i);
        }
        return once(() -> LsqrFit.fitHere(rows, new Standardisation(means, deviations))[0]) / rows.size();
    }

    /** Nanoseconds of the middle round, after one that does not count. */
    private static double median(Work work) {
        once(work);
        double[] rounds = new double[ROUNDS];
        Arrays.setAll(rounds, round -> once(work));
        return median(rounds);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static double once(Work work) {
        long start = System.nanoTime();
        double result = work.run();
        long taken = System.nanoTime() - start;
        if (Double.isNaN(result)) {
            throw new IllegalStateException("a benchmark computed nonsense");
        }
        return taken;
    }

    /** Answers a number that depends on all the work, so that none of it is left out. */
    @FunctionalInterface
    private interface Work {
        double run();
    }
    /**
     * Two things measured in turns.
     *
     * @param second nanoseconds of the middle round of the second
     * @param ratio middle of the rounds' times of the first over those of the second
     */
    private record Pair(double second, double ratio) {
        static Pair of(Work first, Work second) {
            once(first);
            once(second);
            double[] seconds = new double[ROUNDS_OF_A_PAIR];
            double[] ratios = new double[ROUNDS_OF_A_PAIR];
            for (int round = 0; round < ROUNDS_OF_A_PAIR; round++) {
                double ofFirst = once(first);
                seconds[round] = once(second);
                ratios[round] = ofFirst / seconds[round];
            }
            return new Pair(median(seconds), median(ratios));
        }
    }
}
