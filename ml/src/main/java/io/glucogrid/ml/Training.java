package io.glucogrid.ml;

import io.glucogrid.grid.Caches;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.model.LinearModel;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.cluster.ClusterNode;
import org.apache.ignite.lang.IgniteCallable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fits a linear model over the whole grid with Ignite ML, and believes it only where an exact solution agrees.
 *
 * <p><b>Steps.</b> (1) One training at a time: {@link TrainingClaim}. (2) A temporary cache whose partitions are the tier's
 * buckets; every node reads the buckets it owns and puts one example per subject and event time, so that no example crosses the
 * network, and answers the bucket's {@link CentredSums}. (3) The merge of the sums gives means and deviations, and by the normal
 * equations the exact standardised coefficients. (4) Ignite ML's LSQR runs over the cache, on a thread of its own with the
 * deadline. (5) The fit is refused unless it has finite coefficients equal to the exact ones. (6) Residuals are measured where
 * the examples are. (7) The model is stored as the next version.
 *
 * <p><b>Why so careful.</b> Ignite ML 2.15 swallows what fails on a node, repeats steps that had half run, keeps copies of the
 * data on remote nodes, leaves its caches behind when a fit fails, and answers wrong or NaN coefficients without a word. A lost
 * node loses examples (the cache has no backups; the tier has the readings), which shows in their number: the training then
 * starts from scratch while its deadline lasts, and otherwise fails with NOT_READY. Whatever happens, the caches and copies are
 * removed at the end, and what an earlier trainer that died left behind is removed at the beginning.
 *
 * <p><b>Same data, same model.</b> Sums are added in the order of subject and time within a bucket and merged in the order of
 * the buckets; Ignite ML reduces in the order of the partitions. So the number of nodes does not change a result beyond
 * rounding.
 */
final class Training {
    private static final Logger LOG = LoggerFactory.getLogger(Training.class);

    /** Greatest difference to the exact coefficients, relative to the greatest of them; all standardised. */
    private static final double AGREEMENT = 1e-8;
    /** Standardised coefficients below this are rounding. */
    private static final double NOTHING = 1e-3;

    private final Ignite ignite;
    private final ModelRegistry registry;
    private final InstantSource clock;
    private final ServerCalls servers;
    private final TrainingRun run;
    private final ModelRemoval removal;

    Training(Ignite ignite, ModelRegistry registry, InstantSource clock) {
        this.ignite = ignite;
        this.registry = registry;
        this.clock = clock;
        this.servers = new ServerCalls(ignite);
        this.run = new TrainingRun(ignite);
        this.removal = new ModelRemoval(ignite, registry, new PersonalModels(ignite));
    }

    /** Fits the form of a model on all readings of the tier and stores the result as its next version. */
    LinearModel train(String name, Deadline deadline) {
        LinearModel form = registry.model(name);
        ModelInputs.of(form.features());
        long start = System.nanoTime();
        LinearModel model = run.alone(name, () -> {
            LinearModel stored =
                    registry.storeNext(run.whileNodesStay(name, deadline, () -> attempt(form, deadline)), deadline);
            removal.tidy(name, deadline);
            return stored;
        });
        LOG.info(
                "trained model={} rows={} metrics={} took_ms={}",
                model,
                model.trainingRows(),
                model.metrics(),
                (System.nanoTime() - start) / 1_000_000);
        return model;
    }

    private LinearModel attempt(LinearModel form, Deadline deadline) {
        FitThread fit = new FitThread();
        try {
            IgniteCache<ExampleKey, double[]> examples =
                    Caches.startTraining(ignite, UUID.randomUUID().toString());
            Map<ClusterNode, int[]> owners = BucketOwners.of(ignite, examples.getName());
            CentredSums sums = build(examples, owners, form, deadline);
            if (sums.rows() < sums.inputs() + 2) {
                throw new GridException(
                        ErrorCode.INVALID_REQUEST,
                        "there is too little to fit: " + sums.rows() + " readings for " + sums.inputs() + " inputs");
            }
            Standardisation scale = sums.standardisation();
            double[] exact = sums.solve(scale);
            double[] coefficients = fit.run(ignite, examples, scale, deadline);
            double[] raw = scale.raw(coefficients);
            ResidualSums residuals = measure(examples, owners, raw, deadline);
            if (residuals.rows() != sums.rows()) {
                throw new GridException(
                        ErrorCode.NOT_READY,
                        "a node left with its training examples: " + residuals.rows() + " of " + sums.rows()
                                + " are left; try again");
            }
            requireAgreement(coefficients, exact);
            return model(form, raw, sums, residuals);
        } finally {
            run.removeCaches();
            fit.awaitEnd();
            run.removeRemains();
        }
    }

    private CentredSums build(
            IgniteCache<ExampleKey, double[]> examples,
            Map<ClusterNode, int[]> owners,
            LinearModel form,
            Deadline deadline) {
        String doing = "building the training examples";
        Map<ClusterNode, IgniteCallable<Map<Integer, CentredSums>>> jobs = new LinkedHashMap<>();
        owners.forEach((node, buckets) -> jobs.put(
                node, new BuildExamples(examples.getName(), form.features(), buckets, deadline.millisLeft(doing))));
        Map<Integer, CentredSums> byBucket = new TreeMap<>();
        servers.onEach(jobs, doing, deadline).values().forEach(byBucket::putAll);
        CentredSums all = new CentredSums(form.features().size());
        byBucket.values().forEach(all::merge);
        return all;
    }

    private ResidualSums measure(
            IgniteCache<ExampleKey, double[]> examples,
            Map<ClusterNode, int[]> owners,
            double[] coefficients,
            Deadline deadline) {
        String doing = "measuring the model";
        Map<ClusterNode, IgniteCallable<ResidualSums>> jobs = new LinkedHashMap<>();
        owners.forEach((node, buckets) -> jobs.put(
                node, new MeasureResiduals(examples.getName(), buckets, coefficients, deadline.millisLeft(doing))));
        ResidualSums all = new ResidualSums();
        servers.onEach(jobs, doing, deadline).values().forEach(all::merge);
        return all;
    }

    /** Throws INTERNAL unless the fit equals the exact solution. */
    static void requireAgreement(double[] fitted, double[] exact) {
        double greatest = NOTHING;
        for (double coefficient : exact) {
            greatest = Math.max(greatest, Math.abs(coefficient));
        }
        for (int i = 0; i < exact.length; i++) {
            // also false for NaN
            if (!(Math.abs(fitted[i] - exact[i]) <= AGREEMENT * greatest)) {
                throw new GridException(
                        ErrorCode.INTERNAL,
                        "the fit is refused: its standardised coefficient " + i + " is " + fitted[i]
                                + " where the normal equations give " + exact[i]);
            }
        }
    }

    private LinearModel model(LinearModel form, double[] raw, CentredSums sums, ResidualSums residuals) {
        int inputs = sums.inputs();
        double[] coefficients = Arrays.copyOf(raw, inputs);
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("rmse", residuals.rmse());
        metrics.put("mae", residuals.mae());
        double variation = sums.product(inputs, inputs);
        metrics.put("r2", variation == 0 ? 0 : 1 - residuals.squares() / variation);
        long micros = ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
        return new LinearModel(
                form.name(), form.version(), form.features(), raw[inputs], coefficients, micros, sums.rows(), metrics);
    }
}
