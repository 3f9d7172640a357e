package io.glucogrid.ml;

import io.glucogrid.grid.Caches;
import io.glucogrid.grid.GridException;
import io.glucogrid.model.Forecasts;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.cluster.ClusterNode;
import org.apache.ignite.lang.IgniteCallable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings back what a grid keeps in memory for forecasting: every subject's state, and subjects' own coefficients under the active
 * models. It does so once in the life of a grid, and again whenever {@link Forecasts#STATES_WANTED} changes, because partitions
 * were lost with their nodes. The oldest node sees to it; where it dies meanwhile, the next oldest does. A mark in the replicated
 * registry cache lives as long as the grid, and says which wish was fulfilled last: one that comes while another is being
 * fulfilled is not lost.
 */
final class StateKeeper implements Runnable, AutoCloseable {
    private static final String RESTORED = "forecast-states-restored";
    /** The wish of a grid that has just begun. */
    private static final String AT_START = "start";

    private static final String DOING = "restoring subjects' states";
    private static final Duration DEADLINE = Duration.ofMinutes(30);
    private static final long LOOK_MILLIS = 500;
    /** Each attempt reads the whole tier. */
    private static final long LAST_RETRY_MILLIS = 30_000;

    private static final int MOST_DOUBLINGS = 6;
    /** A grid that is coming up is told nothing before. */
    private static final long PATIENCE_NANOS = 15_000_000_000L;

    private static final Logger LOG = LoggerFactory.getLogger(StateKeeper.class);

    private final Ignite ignite;
    private final Supplier<ModelRegistry> registry;
    private final PersonalModels personal;
    private final ServerCalls servers;
    private final CountDownLatch stop = new CountDownLatch(1);
    private volatile String shortfall = "";
    /** Attempts in a row that failed; of the keeper's own thread. */
    private int failures;

    StateKeeper(Ignite ignite, Supplier<ModelRegistry> registry, PersonalModels personal) {
        this.ignite = ignite;
        this.registry = registry;
        this.personal = personal;
        this.servers = new ServerCalls(ignite);
    }

    @Override
    public void run() {
        try {
            long sinceNanos = System.nanoTime();
            String told = "";
            do {
                String problem = step();
                shortfall = problem == null ? "" : problem;
                if (problem == null) {
                    sinceNanos = System.nanoTime();
                    told = "";
                } else if (System.nanoTime() - sinceNanos > PATIENCE_NANOS && !problem.equals(told)) {
                    LOG.warn("subjects' states are not restored reason={}", problem);
                    told = problem;
                }
            } while (!stop.await(pauseMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        stop.countDown();
    }

    private long pauseMillis() {
        return Math.min(LOOK_MILLIS << Math.min(failures, MOST_DOUBLINGS), LAST_RETRY_MILLIS);
    }

    /** See {@link Forecasts#shortfall}. */
    String shortfall() {
        return shortfall;
    }

    /** Rebuilds the states of all subjects from the tier, beside what they know already; answers how many. Idempotent. */
    int restore(Deadline deadline) {
        Map<ClusterNode, IgniteCallable<Integer>> jobs = new LinkedHashMap<>();
        BucketOwners.of(ignite, Caches.SUBJECT_STATES.name())
                .forEach((node, buckets) -> jobs.put(node, new RestoreStates(buckets, deadline.millisLeft(DOING))));
        return servers.onEach(jobs, DOING, deadline).values().stream()
                .mapToInt(Integer::intValue)
                .sum();
    }

    /** Does what is wanted, where this node is to do it; answers why not all is there yet, or null. */
    private @Nullable String step() {
        try {
            IgniteCache<String, String> marks = Caches.REGISTRY.in(ignite);
            String wanted = marks.get(Forecasts.STATES_WANTED);
            String wish = wanted == null ? AT_START : wanted;
            String restored = marks.get(RESTORED);
            if (wish.equals(restored)) {
                return null;
            }
            ModelRegistry models = registry.get();
            if (!models.isRestored()) {
                return "the models are not read from the tier yet";
            }
            if (!ignite.cluster().forServers().forOldest().node().isLocal()) {
                failures = 0;
                return "the oldest node is " + DOING;
            }
            shortfall = "this node is " + DOING;
            fulfil(wish, restored != null, models);
            marks.put(RESTORED, wish);
            failures = 0;
            return null;
        } catch (RuntimeException notYet) {
            failures++;
            LOG.debug("the states of subjects wait", notYet);
            return notYet instanceof GridException known ? known.reason() : notYet.toString();
        }
    }

    private void fulfil(String wish, boolean again, ModelRegistry models) {
        Deadline deadline = Deadline.in(DEADLINE);
        int subjects = restore(deadline);
        for (StoredModel model : models.all()) {
            ForecastVersion version = model.forecaster();
            if (version != null) {
                if (again) {
                    personal.reopen(version, deadline);
                }
                if (models.isActive(model) || version.equals(models.shadow())) {
                    personal.complete(version, false, deadline);
                }
            }
        }
        LOG.info("forecast states restored subjects={} wish={}", subjects, wish);
    }
}
