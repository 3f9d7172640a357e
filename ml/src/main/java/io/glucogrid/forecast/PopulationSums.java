package io.glucogrid.forecast;

import java.util.List;

/** Sums of all examples of a group of subjects, and of the earlier ones alone, for each horizon. */
final class PopulationSums {
    final GramSums[] all;
    final GramSums[] early;
    final GramSums[] lagsAll;
    final GramSums[] lagsEarly;
    /** Examples after the early ones, of all horizons. */
    private long later;

    private PopulationSums(int horizons) {
        all = empty(horizons, CompactFeatures.COUNT);
        early = empty(horizons, CompactFeatures.COUNT);
        lagsAll = empty(horizons, ForecastTrainer.AR_ORDER);
        lagsEarly = empty(horizons, ForecastTrainer.AR_ORDER);
    }

    static PopulationSums of(Horizons horizons, Population population) {
        PopulationSums sums = new PopulationSums(horizons.count());
        population.map(new Pass(horizons)).forEach(sums::merge);
        return sums;
    }

    long later() {
        return later;
    }

    static GramSums[] empty(int count, int features) {
        GramSums[] sums = new GramSums[count];
        for (int h = 0; h < count; h++) {
            sums[h] = GramSums.empty(features, 1);
        }
        return sums;
    }

    static void merge(GramSums[] into, GramSums[] from) {
        for (int h = 0; h < into.length; h++) {
            into[h].merge(from[h]);
        }
    }

    private void merge(PopulationSums other) {
        merge(all, other.all);
        merge(early, other.early);
        merge(lagsAll, other.lagsAll);
        merge(lagsEarly, other.lagsEarly);
        later += other.later;
    }

    /** Number of a subject's leading examples that its early readings hold. */
    static int earlySize(Examples examples, Population.Seen subject) {
        return examples.targetsBefore((int) (subject.readings() * 8L / 10));
    }

    private void add(int h, Population.Seen subject, int slots) {
        Examples examples = Examples.of(subject.series(), slots);
        int size = examples.targetsBefore(subject.readings());
        int earlySize = earlySize(examples, subject);
        early[h].merge(examples.sums(0, earlySize));
        // all of them anew: bit for bit what a learner that saw them one after the other has
        all[h].merge(examples.sums(0, size));
        double[] lags = new double[ForecastTrainer.AR_ORDER];
        GramSums firstLags = GramSums.empty(lags.length, 1);
        GramSums otherLags = GramSums.empty(lags.length, 1);
        for (int i = 0; i < size; i++) {
            AutoRegression.fillLags(examples.values(i), examples.anchor(i), lags);
            (i < earlySize ? firstLags : otherLags).add(lags, 0, examples.target(i), 1);
        }
        lagsEarly[h].merge(firstLags);
        firstLags.merge(otherLags);
        lagsAll[h].merge(firstLags);
        later += size - earlySize;
    }

    private static final class Pass implements Population.Work<PopulationSums> {
        private final Horizons horizons;

        Pass(Horizons horizons) {
            this.horizons = horizons;
        }

        @Override
        public PopulationSums of(List<Population.Seen> subjects) {
            PopulationSums sums = new PopulationSums(horizons.count());
            for (Population.Seen subject : subjects) {
                for (int h = 0; h < horizons.count(); h++) {
                    sums.add(h, subject, horizons.slots(h));
                }
            }
            return sums;
        }
    }
}
