package io.glucogrid.forecast;

import java.util.Arrays;
import java.util.List;

/** What an {@link EarlyModel} gets wrong: first how errors grow with restlessness, then the errors themselves, scaled by that. */
final class ErrorSums {
    /** Forecasters that are scored, in the order of {@link Scores}. */
    private static final int PERSONAL = 0;

    private static final int POOLED = 1;
    private static final int AUTOREGRESSION = 2;
    private static final int PERSISTENCE = 3;
    private static final int FORECASTERS = 4;

    /**
     * Later examples of one horizon that are kept, about: 12 horizons, four forecasters and three scores take 1,152 bytes for each,
     * and several times that while nodes send them to the one that trains. More do not make quantiles better.
     */
    static final int KEPT = 10_000;

    private ErrorSums() {}

    /** Sums of the volatility regressions, of the early examples: personal and pooled, by horizon. */
    static final class Scales {
        final GramSums[] personal;
        final GramSums[] pooled;

        private Scales(int horizons) {
            personal = PopulationSums.empty(horizons, Volatility.COUNT);
            pooled = PopulationSums.empty(horizons, Volatility.COUNT);
        }

        static Scales of(Horizons horizons, Population population, EarlyModel model) {
            Scales scales = new Scales(horizons.count());
            for (Scales part : population.map(new ScalePass(horizons, model))) {
                PopulationSums.merge(scales.personal, part.personal);
                PopulationSums.merge(scales.pooled, part.pooled);
            }
            return scales;
        }
    }

    private static final class ScalePass implements Population.Work<Scales> {
        private final Horizons horizons;
        private final EarlyModel model;

        ScalePass(Horizons horizons, EarlyModel model) {
            this.horizons = horizons;
            this.model = model;
        }

        @Override
        public Scales of(List<Population.Seen> subjects) {
            Scales scales = new Scales(horizons.count());
            double[] volatility = new double[Volatility.COUNT];
            for (Population.Seen subject : subjects) {
                for (int h = 0; h < horizons.count(); h++) {
                    Examples examples = Examples.of(subject.series(), horizons.slots(h));
                    int size = PopulationSums.earlySize(examples, subject);
                    double[] own = model.personal(h, examples, size, size);
                    for (int i = 0; i < size; i++) {
                        Volatility.fill(examples.values(i), examples.anchor(i), volatility, 0);
                        double target = examples.target(i);
                        scales.personal[h].add(volatility, 0, Math.abs(target - own[i]), 1);
                        scales.pooled[h].add(volatility, 0, Math.abs(target - model.pooled(h, examples, i)), 1);
                    }
                }
            }
            return scales;
        }
    }

    /** Errors of the later examples of one horizon. */
    static final class Scores {
        /** By forecaster. */
        private final Rows[] rows = new Rows[FORECASTERS];

        private final double[] squares = new double[FORECASTERS];
        private double absolutes;
        private long count;

        private Scores() {
            for (int f = 0; f < FORECASTERS; f++) {
                rows[f] = new Rows();
            }
        }

        /**
         * By horizon.
         *
         * @param scales of the personal and the pooled forecaster, by horizon
         * @param later number of later examples of all horizons
         */
        static Scores[] of(
                Horizons horizons, Population population, EarlyModel model, ErrorModel.Scale[][] scales, long later) {
            int stride = stride(later / horizons.count());
            Scores[] scores = new Scores[horizons.count()];
            Arrays.setAll(scores, h -> new Scores());
            for (Scores[] part : population.map(new ScorePass(horizons, model, scales, stride))) {
                for (int h = 0; h < scores.length; h++) {
                    scores[h].merge(part[h]);
                }
            }
            return scores;
        }

        /** Of so many later examples of a horizon, from one that is kept to the next; not always at the same few times of day. */
        static int stride(long later) {
            int stride = (int) Math.max(1, (later + KEPT - 1) / KEPT);
            return stride % 12 == 0 ? stride + 1 : stride; // 288 readings are a day
        }

        long count() {
            return count;
        }

        double rmse() {
            return Math.sqrt(squares[PERSONAL] / count);
        }

        double mae() {
            return absolutes / count;
        }

        double persistenceRmse() {
            return Math.sqrt(squares[PERSISTENCE] / count);
        }

        ErrorModel personal(ErrorModel.Scale scale) {
            return rows[PERSONAL].model(scale);
        }

        ErrorModel pooled(ErrorModel.Scale scale) {
            return rows[POOLED].model(scale);
        }

        ErrorModel autoRegression() {
            return rows[AUTOREGRESSION].model(ErrorModel.Scale.ONE);
        }

        ErrorModel persistence() {
            return rows[PERSISTENCE].model(ErrorModel.Scale.ONE);
        }

        private void merge(Scores other) {
            for (int f = 0; f < FORECASTERS; f++) {
                rows[f].append(other.rows[f]);
                squares[f] += other.squares[f];
            }
            absolutes += other.absolutes;
            count += other.count;
        }

        private void add(int forecaster, Examples examples, int i, double forecast, double sigma, boolean kept) {
            double error = examples.target(i) - forecast;
            squares[forecaster] += error * error;
            if (forecaster == PERSONAL) {
                absolutes += Math.abs(error);
                count++;
            }
            if (kept) {
                rows[forecaster].add(
                        error / sigma,
                        (examples.lowest(i) - forecast) / sigma,
                        (examples.highest(i) - forecast) / sigma);
            }
        }
    }

    /** Scaled errors: at the horizon, and of the lowest and the highest reading on the way. */
    private static final class Rows {
        private double[] target = new double[64];
        private double[] lowest = new double[64];
        private double[] highest = new double[64];
        private int size;

        void add(double atTarget, double ofLowest, double ofHighest) {
            reserve(1);
            target[size] = atTarget;
            lowest[size] = ofLowest;
            highest[size] = ofHighest;
            size++;
        }

        void append(Rows other) {
            reserve(other.size);
            System.arraycopy(other.target, 0, target, size, other.size);
            System.arraycopy(other.lowest, 0, lowest, size, other.size);
            System.arraycopy(other.highest, 0, highest, size, other.size);
            size += other.size;
        }

        private void reserve(int more) {
            if (size + more > target.length) {
                int capacity = Math.max(size + more, 2 * size);
                target = Arrays.copyOf(target, capacity);
                lowest = Arrays.copyOf(lowest, capacity);
                highest = Arrays.copyOf(highest, capacity);
            }
        }

        ErrorModel model(ErrorModel.Scale scale) {
            return ErrorModel.ofScores(
                    scale, Arrays.copyOf(target, size), Arrays.copyOf(lowest, size), Arrays.copyOf(highest, size));
        }
    }

    private static final class ScorePass implements Population.Work<Scores[]> {
        private final Horizons horizons;
        private final EarlyModel model;
        /** Of the personal and the pooled forecaster, by horizon. */
        private final ErrorModel.Scale[][] scales;

        private final int stride;

        ScorePass(Horizons horizons, EarlyModel model, ErrorModel.Scale[][] scales, int stride) {
            this.horizons = horizons;
            this.model = model;
            this.scales = scales;
            this.stride = stride;
        }

        @Override
        public Scores[] of(List<Population.Seen> subjects) {
            Scores[] scores = new Scores[horizons.count()];
            Arrays.setAll(scores, h -> new Scores());
            double[] scratch = new double[Volatility.COUNT];
            for (Population.Seen subject : subjects) {
                for (int h = 0; h < scores.length; h++) {
                    score(scores[h], h, subject, scratch);
                }
            }
            return scores;
        }

        private void score(Scores scores, int h, Population.Seen subject, double[] scratch) {
            Examples examples = Examples.of(subject.series(), horizons.slots(h));
            int size = PopulationSums.earlySize(examples, subject);
            int end = examples.targetsBefore(subject.readings());
            double[] own = model.personal(h, examples, size, end);
            int first = examples.anchorsFrom((int) (subject.readings() * 8L / 10));
            for (int i = first; i < end; i++) {
                double[] values = examples.values(i);
                int anchor = examples.anchor(i);
                boolean kept = scores.count % stride == 0; // over all subjects: of many small ones not all are kept
                double ownSigma = scales[h][PERSONAL].sigma(values, anchor, scratch);
                double pooledSigma = scales[h][POOLED].sigma(values, anchor, scratch);
                scores.add(PERSONAL, examples, i, own[i], ownSigma, kept);
                scores.add(POOLED, examples, i, model.pooled(h, examples, i), pooledSigma, kept);
                scores.add(AUTOREGRESSION, examples, i, model.autoRegression(h, examples, i), 1, kept);
                scores.add(PERSISTENCE, examples, i, values[anchor], 1, kept);
            }
        }
    }
}
