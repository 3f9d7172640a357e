package io.glucogrid.ml;

import io.glucogrid.grid.Caches;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.ignite.Ignite;
import org.apache.ignite.cluster.ClusterNode;
import org.apache.ignite.lang.IgniteCallable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings back, once in the life of a grid, what it keeps in memory for forecasting: every subject's state, and subjects' own
 * coefficients under the active models. The oldest node sees to it; where it dies meanwhile, the next oldest does. A mark in the
 * replicated registry cache lives as long as the grid.
 */
final class StateKeeper implements Runnable, AutoCloseable {
    private static final String RESTORED = "forecast-states-restored";
    private static final String DOING = "restoring subjects' states";
    private static final Duration DEADLINE = Duration.ofMinutes(30);
    private static final long FIRST_RETRY_MILLIS = 100;
    private static final long LAST_RETRY_MILLIS = 5_000;
    private static final Logger LOG = LoggerFactory.getLogger(StateKeeper.class);

    private final Ignite ignite;
    private final Supplier<ModelRegistry> registry;
    private final PersonalModels personal;
    private final ServerCalls servers;
    private final CountDownLatch stop = new CountDownLatch(1);

    StateKeeper(Ignite ignite, Supplier<ModelRegistry> registry, PersonalModels personal) {
        this.ignite = ignite;
        this.registry = registry;
        this.personal = personal;
        this.servers = new ServerCalls(ignite);
    }

    @Override
    public void run() {
        try {
            long pause = FIRST_RETRY_MILLIS;
            while (!isDone() && !stop.await(pause, TimeUnit.MILLISECONDS)) {
                pause = Math.min(2 * pause, LAST_RETRY_MILLIS);
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        stop.countDown();
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

    private boolean isDone() {
        try {
            if (Caches.REGISTRY.in(ignite).containsKey(RESTORED)) {
                return true;
            }
            ModelRegistry models = registry.get();
            if (!models.isRestored()
                    || !ignite.cluster().forServers().forOldest().node().isLocal()) {
                return false;
            }
            Deadline deadline = Deadline.in(DEADLINE);
            int subjects = restore(deadline);
            for (StoredModel model : models.all()) {
                ForecastVersion version = model.forecaster();
                if (version != null && (models.isActive(model) || version.equals(models.shadow()))) {
                    personal.complete(version, false, deadline);
                }
            }
            Caches.REGISTRY.in(ignite).put(RESTORED, "true");
            LOG.info("forecast states restored subjects={}", subjects);
            return true;
        } catch (RuntimeException notYet) {
            LOG.debug("the states of subjects wait", notYet);
            return false;
        }
    }
}
