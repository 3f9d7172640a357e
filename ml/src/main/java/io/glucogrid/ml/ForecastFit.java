package io.glucogrid.ml;

import io.glucogrid.forecast.ForecastModel;
import io.glucogrid.forecast.ForecastTrainer;
import io.glucogrid.forecast.HorizonModel;
import io.glucogrid.forecast.Horizons;
import io.glucogrid.forecast.Kind;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.model.ForecastTraining;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.ignite.Ignite;
import org.apache.ignite.cluster.ClusterNode;
import org.apache.ignite.lang.IgniteCallable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains forecasters over the whole grid.
 *
 * <p>No reading leaves the node that owns its bucket: a training is a few passes in which each node reads its buckets of the tier
 * and answers sums ({@link GridPopulation}), in between which {@link ForecastTrainer} solves small systems here. Kind v2 takes its
 * pooled coefficients from Ignite ML ({@link PooledLsqr}). Subjects' own coefficients (v3, v5) are fitted and stored where the
 * subjects are ({@link Publication}); those of v4 need no training, their sums are in the subjects' states.
 *
 * <p>From the sums alone, a version is refitted without reading the tier: the pooled coefficients of 15, 30 and 60 minutes and
 * subjects' own ones anew, the error models and the steps of the path as they were.
 *
 * <p>Where a node leaves, the training starts again while its deadline lasts. A version is served only when all of its subjects'
 * own coefficients are stored; where that fails it is removed again.
 */
final class ForecastFit {
    private static final Logger LOG = LoggerFactory.getLogger(ForecastFit.class);
    private static final String SUMMING = "adding up subjects' sums";

    private final Ignite ignite;
    private final ModelRegistry registry;
    private final Publication publication;
    private final StateKeeper states;
    private final InstantSource clock;
    private final TrainingRun run;
    private final ServerCalls servers;

    ForecastFit(
            Ignite ignite, ModelRegistry registry, PersonalModels personal, StateKeeper states, InstantSource clock) {
        this.ignite = ignite;
        this.registry = registry;
        this.publication = new Publication(ignite, registry, personal);
        this.states = states;
        this.clock = clock;
        this.run = new TrainingRun(ignite);
        this.servers = new ServerCalls(ignite);
    }

    /** Trains and stores; see {@link io.glucogrid.model.ModelCatalog#train}. */
    ForecastVersion train(ForecastTraining training, Deadline deadline) {
        Kind kind = checked(training);
        long start = System.nanoTime();
        ForecastVersion version = run.alone(kind.label(), () -> {
            ForecastVersion fitted = run.whileNodesStay(
                    kind.label(),
                    deadline,
                    () -> training.fromSums() ? refitted(kind, training, deadline) : fitted(kind, training, deadline));
            if (kind == Kind.ONLINE && !training.fromSums()) {
                run.whileNodesStay(kind.label(), deadline, () -> states.restore(deadline));
            }
            return publication.publish(fitted, training.fromSums(), deadline);
        });
        LOG.info(
                "trained model={} rows={} subjects={} metrics={} took_ms={}",
                version.id(),
                version.trainingRows(),
                version.subjects(),
                version.metrics(),
                (System.nanoTime() - start) / 1_000_000);
        return version;
    }

    private static Kind checked(ForecastTraining training) {
        if (!Kind.isKind(training.kind())) {
            throw new GridException(
                    ErrorCode.INVALID_REQUEST,
                    "there is no kind '" + training.kind() + "' of forecaster; there are v2, v3, v4, v5");
        }
        if (!(training.lambda() > 0) || !(training.share() > 0 && training.share() <= 1)) {
            throw new GridException(ErrorCode.INVALID_REQUEST, "lambda must be above 0 and share within (0, 1]");
        }
        Kind kind = Kind.of(training.kind());
        if (training.fromSums() && kind == Kind.ROBUST) {
            throw new GridException(
                    ErrorCode.INVALID_REQUEST,
                    "v5 weighs every example anew, which sums cannot; train it from the tier");
        }
        return kind;
    }

    private ForecastVersion fitted(Kind kind, ForecastTraining training, Deadline deadline) {
        TrainingData data = DescribeReadings.everywhere(ignite, training.share(), deadline);
        GridPopulation population = new GridPopulation(ignite, training.share(), data.cut(), deadline);
        ForecastTrainer.PooledSolver solver = kind == Kind.POOLED
                ? new PooledLsqr(ignite, training.share(), data.cut(), deadline)
                : ForecastTrainer::leastSquares;
        ForecastTrainer.Fitted fitted;
        try {
            fitted = ForecastTrainer.of(kind, Horizons.PATH, training.lambda(), ForecastModel.LABELS_PER_DAY)
                    .fit(population, solver);
        } catch (IllegalStateException tooLittle) {
            throw new GridException(
                    ErrorCode.INVALID_REQUEST,
                    "there is too little to fit: " + tooLittle.getMessage() + "; load readings into the tier first",
                    tooLittle);
        }
        return new ForecastVersion(
                kind.label(),
                1,
                kind,
                training.share(),
                now(),
                data.fromMicros(),
                data.toMicros(),
                data.cut(),
                fitted.examples(),
                data.subjects(),
                data.fingerprint(),
                fitted.metrics(),
                fitted.model());
    }

    private ForecastVersion refitted(Kind kind, ForecastTraining training, Deadline deadline) {
        ForecastVersion before = registry.stored(kind.label()).requireForecaster();
        SumStates.Sums sums = sums(deadline);
        if (sums.horizon(0).count() <= 0) {
            throw new GridException(ErrorCode.INVALID_REQUEST, "there is too little to fit: no state has learnt yet");
        }
        List<HorizonModel> models = new ArrayList<>();
        Horizons horizons = before.model().horizons();
        for (int h = 0; h < horizons.count(); h++) {
            int learner = Horizons.STANDARD.indexOf(horizons.slots(h));
            HorizonModel horizon = before.model().horizon(h);
            models.add(learner < 0 ? horizon : horizon.refitted(sums.horizon(learner)));
        }
        return new ForecastVersion(
                kind.label(),
                1,
                kind,
                1,
                now(),
                before.fromMicros(),
                Math.max(before.toMicros(), sums.toMicros()),
                new Cut(sums.toMicros(), Cut.NONE.knownMicros()),
                (long) sums.horizon(0).count(),
                sums.subjects(),
                sums.fingerprint(),
                Map.of(),
                ForecastModel.of(
                        horizons, models, training.lambda(), before.model().gateLabels()));
    }

    private SumStates.Sums sums(Deadline deadline) {
        Map<ClusterNode, IgniteCallable<Map<Integer, SumStates.Sums>>> jobs = new LinkedHashMap<>();
        BucketOwners.of(ignite, Caches.SUBJECT_STATES.name())
                .forEach((node, buckets) -> jobs.put(node, new SumStates(buckets, deadline.millisLeft(SUMMING))));
        Map<Integer, SumStates.Sums> byBucket = new TreeMap<>();
        servers.onEach(jobs, SUMMING, deadline).values().forEach(byBucket::putAll);
        SumStates.Sums all = SumStates.Sums.empty();
        byBucket.values().forEach(all::merge);
        return all;
    }

    private long now() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
    }
}
