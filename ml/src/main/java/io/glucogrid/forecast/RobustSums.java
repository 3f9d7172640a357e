package io.glucogrid.forecast;

import java.util.List;

/** Least absolute deviations over a population: iteratively reweighted least squares, one pass over the subjects per step. */
final class RobustSums {
    private static final int STEPS = 8;

    private final GramSums[] all;
    private final GramSums[] early;

    private RobustSums(int horizons) {
        all = PopulationSums.empty(horizons, CompactFeatures.COUNT);
        early = PopulationSums.empty(horizons, CompactFeatures.COUNT);
    }

    /**
     * Replaces least-squares coefficients by those of least absolute deviations.
     *
     * @param all by horizon; of z-scores under {@code scalingAll}, intercept last
     * @param early the same for the early examples
     */
    static void fit(
            Horizons horizons,
            Population population,
            Scaling[] scalingAll,
            double[][] all,
            Scaling[] scalingEarly,
            double[][] early) {
        double[] none = new double[CompactFeatures.COUNT + 1];
        for (int step = 0; step < STEPS; step++) {
            RobustSums sums = new RobustSums(horizons.count());
            for (RobustSums part : population.map(new Pass(horizons, scalingAll, all, scalingEarly, early))) {
                PopulationSums.merge(sums.all, part.all);
                PopulationSums.merge(sums.early, part.early);
            }
            for (int h = 0; h < horizons.count(); h++) {
                all[h] = sums.all[h].ridge(0, scalingAll[h], 0, none);
                early[h] = sums.early[h].ridge(0, scalingEarly[h], 0, none);
            }
        }
    }

    private static final class Pass implements Population.Work<RobustSums> {
        private final Horizons horizons;
        private final Scaling[] scalingAll;
        private final double[][] all;
        private final Scaling[] scalingEarly;
        private final double[][] early;

        Pass(Horizons horizons, Scaling[] scalingAll, double[][] all, Scaling[] scalingEarly, double[][] early) {
            this.horizons = horizons;
            this.scalingAll = scalingAll;
            this.all = all;
            this.scalingEarly = scalingEarly;
            this.early = early;
        }

        @Override
        public RobustSums of(List<Population.Seen> subjects) {
            RobustSums sums = new RobustSums(horizons.count());
            for (Population.Seen subject : subjects) {
                for (int h = 0; h < horizons.count(); h++) {
                    Examples examples = Examples.of(subject.series(), horizons.slots(h));
                    add(sums.all[h], examples, examples.targetsBefore(subject.readings()), scalingAll[h], all[h]);
                    add(
                            sums.early[h],
                            examples,
                            PopulationSums.earlySize(examples, subject),
                            scalingEarly[h],
                            early[h]);
                }
            }
            return sums;
        }

        private static void add(GramSums sums, Examples examples, int size, Scaling scaling, double[] beta) {
            GramSums own = GramSums.empty(CompactFeatures.COUNT, 1);
            for (int i = 0; i < size; i++) {
                int at = examples.featuresAt(i);
                double target = examples.target(i);
                double residual = target - scaling.dot(beta, examples.features(), at);
                own.add(examples.features(), at, target, RobustFit.weight(residual));
            }
            sums.merge(own);
        }
    }
}
