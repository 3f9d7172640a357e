package io.glucogrid.ml;

import io.glucogrid.forecast.CompactFeatures;
import io.glucogrid.forecast.ForecastTrainer;
import io.glucogrid.forecast.GramSums;
import io.glucogrid.forecast.Horizons;
import io.glucogrid.forecast.Scaling;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.cluster.ClusterNode;
import org.apache.ignite.lang.IgniteCallable;

/**
 * Pooled coefficients by Ignite ML's LSQR: the examples of a horizon are built colocated from the tier into a temporary cache, and
 * the fit is refused unless it equals the normal equations' solution. The horizons of 15, 30 and 60 minutes are fitted so; the
 * steps of the path between them take the normal equations' solution itself.
 *
 * <p>The examples' own sums judge the fit, and not those of an earlier pass: readings that come meanwhile are in both or in none.
 */
final class PooledLsqr implements ForecastTrainer.PooledSolver {
    private static final String DOING = "building the training examples";

    private final Ignite ignite;
    private final ServerCalls servers;
    private final TrainingRun run;
    private final double share;
    private final Cut cut;
    private final Deadline deadline;

    PooledLsqr(Ignite ignite, double share, Cut cut, Deadline deadline) {
        this.ignite = ignite;
        this.servers = new ServerCalls(ignite);
        this.run = new TrainingRun(ignite);
        this.share = share;
        this.cut = cut;
        this.deadline = deadline;
    }

    @Override
    public double[] solve(int horizonSlots, GramSums sums, Scaling scaling) {
        return Horizons.STANDARD.indexOf(horizonSlots) < 0
                ? ForecastTrainer.leastSquares(horizonSlots, sums, scaling)
                : fitted(horizonSlots, scaling);
    }

    private double[] fitted(int horizonSlots, Scaling scaling) {
        FitThread fit = new FitThread();
        try {
            IgniteCache<ExampleKey, double[]> examples =
                    Caches.startTraining(ignite, UUID.randomUUID().toString());
            Map<ClusterNode, IgniteCallable<Map<Integer, GramSums>>> jobs = new LinkedHashMap<>();
            BucketOwners.of(ignite, examples.getName())
                    .forEach((node, buckets) -> jobs.put(
                            node,
                            new BuildForecastExamples(
                                    examples.getName(),
                                    horizonSlots,
                                    buckets,
                                    share,
                                    cut,
                                    deadline.millisLeft(DOING))));
            Map<Integer, GramSums> byBucket = new TreeMap<>();
            servers.onEach(jobs, DOING, deadline).values().forEach(byBucket::putAll);
            GramSums sums = GramSums.empty(CompactFeatures.COUNT, 1);
            byBucket.values().forEach(sums::merge);
            long built = requireSome(Math.round(sums.count()));
            double[] standardised = fit.run(ignite, examples, standardisation(sums, scaling), deadline);
            if (examples.sizeLong() != built) {
                throw new GridException(
                        ErrorCode.NOT_READY,
                        "a node left with its training examples: " + examples.sizeLong() + " of " + built
                                + " are left; try again");
            }
            double[] beta = unscaledTarget(standardised, sums);
            Training.requireAgreement(beta, ForecastTrainer.leastSquares(horizonSlots, sums, scaling));
            return beta;
        } finally {
            run.removeCaches();
            fit.awaitEnd();
            run.removeRemains();
        }
    }

    private static long requireSome(long examples) {
        if (examples == 0) {
            throw new GridException(ErrorCode.NOT_READY, "the readings went during the fit; try again");
        }
        return examples;
    }

    private static Standardisation standardisation(GramSums sums, Scaling scaling) {
        double[] means = new double[CompactFeatures.COUNT + 1];
        double[] deviations = new double[CompactFeatures.COUNT + 1];
        for (int i = 0; i < CompactFeatures.COUNT; i++) {
            means[i] = scaling.mean(i);
            deviations[i] = scaling.sd(i);
        }
        means[CompactFeatures.COUNT] = sums.targetMean(0);
        deviations[CompactFeatures.COUNT] = targetDeviation(sums);
        return new Standardisation(means, deviations);
    }

    private static double targetDeviation(GramSums sums) {
        double[] mean = new double[CompactFeatures.COUNT + 1];
        mean[CompactFeatures.COUNT] = sums.targetMean(0);
        double variance = sums.squaredResiduals(0, mean) / sums.count();
        return variance > 0 ? Math.sqrt(variance) : 1;
    }

    private static double[] unscaledTarget(double[] standardised, GramSums sums) {
        double deviation = targetDeviation(sums);
        double[] beta = new double[standardised.length];
        for (int i = 0; i < beta.length; i++) {
            beta[i] = standardised[i] * deviation;
        }
        beta[beta.length - 1] += sums.targetMean(0);
        return beta;
    }
}
