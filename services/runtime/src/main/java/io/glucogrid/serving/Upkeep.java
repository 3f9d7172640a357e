package io.glucogrid.serving;

import io.glucogrid.cluster.GridHealth;
import io.glucogrid.cluster.RowStore;
import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.feature.Source;
import io.glucogrid.forget.Forgetting;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.registry.DefinitionFiles;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node's background thread: loads or applies the definitions as soon as the tier and a majority of the nodes are there,
 * rebuilds online rows after a cold start, and then looks now and then whether partitions were lost, the registry moved, a change
 * of it was left half-done, or a stream began to feed a view.
 */
final class Upkeep implements Runnable {
    private static final String REBUILT = "online-rebuilt";
    private static final Duration RETRY = Duration.ofMillis(100);
    private static final Duration PERIOD = Duration.ofSeconds(1);
    private static final Duration DEADLINE = Duration.ofSeconds(30);
    private static final Duration FINISH_AGAIN = Duration.ofSeconds(30);
    private static final Duration PRUNE = Duration.ofMinutes(1);
    private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);

    private final Ignite ignite;
    private final Registry registry;
    private final DefinitionFiles files;
    private final Materializer materializer;
    private final OnlineStates states;
    private final Streams streams;
    private final GridHealth health;
    private final Recovery recovery;
    private final RetiredCaches retired;
    private final Administration administration;
    private final ServingWarmUp warmUp;
    private final Forgetting forgetting;
    private final CountDownLatch stop = new CountDownLatch(1);
    private volatile @Nullable String problem;
    private volatile boolean rebuilt;
    private long streamedVersion;
    private long finishAfterNanos = System.nanoTime();
    private long pruneAfterNanos = System.nanoTime();

    Upkeep(
            Ignite ignite,
            Registry registry,
            DefinitionFiles files,
            Materializer materializer,
            OnlineStates states,
            Streams streams,
            GridHealth health,
            Recovery recovery,
            ServingWarmUp warmUp,
            RetiredCaches retired,
            Forgetting forgetting,
            Administration administration) {
        this.ignite = ignite;
        this.registry = registry;
        this.files = files;
        this.materializer = materializer;
        this.states = states;
        this.streams = streams;
        this.health = health;
        this.recovery = recovery;
        this.retired = retired;
        this.administration = administration;
        this.warmUp = warmUp;
        this.forgetting = forgetting;
    }

    /** Why the definitions are not loaded; null where nothing is known to be wrong. */
    @Nullable
    String problem() {
        return problem;
    }

    /** Whether rows lost in a cold start are back, so that a miss means that there is no value. */
    boolean isRebuilt() {
        return rebuilt;
    }

    void stop() {
        stop.countDown();
    }

    @Override
    public void run() {
        try {
            do {
                step();
            } while (!stop.await((rebuilt ? PERIOD : RETRY).toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    /** Tells the other nodes how full this one is, and hears them; on a thread of its own, as a step may take minutes. */
    void watchMemory() {
        try {
            while (!stop.await(PERIOD.toMillis(), TimeUnit.MILLISECONDS)) {
                lookAtMemory();
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    private void lookAtMemory() {
        try {
            if (health.majority().isMet()) {
                health.look(!rebuilt);
            }
        } catch (RuntimeException unreachable) {
            LOG.debug("memory not looked at", unreachable);
        }
    }

    private void step() {
        try {
            recovery.follow();
            if (!health.majority().isMet()) {
                problem = null; // it is the grid's, and told as such
                return;
            }
            if (!registry.isLoaded()) {
                registry.load(files::read, DEADLINE);
            } else {
                registry.refresh();
            }
            health.look(!rebuilt); // before anything is healed
            recovery.step();
            if (!rebuilt && isRebuiltNow()) {
                rebuilt = true;
                health.warm();
                warmUp.run();
            }
            noteStreamedViews();
            finishAbandoned();
            retired.step();
            forgetting.sweep();
            prune();
            noteRows();
            problem = null;
        } catch (GridException expected) {
            note(expected.reason(), expected.code() == ErrorCode.NOT_READY ? null : expected);
        } catch (RuntimeException | Error unexpected) { // nobody else would heal what is lost
            note(unexpected.toString(), unexpected);
        }
    }

    /** For a start of the whole grid with rows that were kept. */
    private void noteRows() {
        if (rebuilt && registry.claim().version() == 0) {
            recovery.note(registry.snapshot().document().version());
        }
    }

    private void prune() {
        if (System.nanoTime() - pruneAfterNanos >= 0) {
            pruneAfterNanos = System.nanoTime() + PRUNE.toNanos();
            materializer.prune();
        }
    }

    /** Logs a problem once, not at each try; what is only not there yet is no problem. */
    private void note(String reason, @Nullable Throwable failed) {
        if (failed != null && !Objects.equals(problem, reason) && stop.getCount() > 0) {
            LOG.error("feature store waits reason={}", reason, failed);
        }
        problem = reason;
    }

    /**
     * A mark in the replicated registry cache lives as long as the grid: where it is missing, the online rows are too. The
     * oldest node rebuilds them; where it dies meanwhile, the next oldest does.
     */
    private boolean isRebuiltNow() {
        IgniteCache<String, String> cache = Caches.REGISTRY.in(ignite);
        if (cache.containsKey(REBUILT)) {
            return true;
        }
        if (!ignite.cluster().forServers().forOldest().node().isLocal()) {
            return false;
        }
        if (RowStore.keptVersion(ignite) == registry.snapshot().document().version()) {
            LOG.info("online rows kept version={}", RowStore.keptVersion(ignite));
            cache.put(REBUILT, "true");
            return true;
        }
        Map<String, String> known = states.all();
        List<FeatureView> lost = registry.snapshot().definitions().views().values().stream()
                .filter(view -> view.online() && known.containsKey(view.name()))
                .toList();
        if (!lost.isEmpty()) {
            long rows = materializer.all(lost).rows();
            LOG.info(
                    "online rows rebuilt views={} rows={}",
                    lost.stream().map(FeatureView::name).toList(),
                    rows);
        }
        cache.put(REBUILT, "true");
        return true;
    }

    /** What fails is tried again, but not at each look. */
    private void finishAbandoned() {
        if (System.nanoTime() - finishAfterNanos < 0
                || !rebuilt
                || !ignite.cluster().forServers().forOldest().node().isLocal()) {
            return;
        }
        try {
            administration.finishAbandoned();
        } catch (GridException failed) {
            finishAfterNanos = System.nanoTime() + FINISH_AGAIN.toNanos();
            throw failed;
        }
    }

    private void noteStreamedViews() {
        long version = registry.snapshot().document().version();
        Map<String, Object> online = streams.status().get("online");
        if (streamedVersion == version
                || online == null
                || !(online.get("applied") instanceof Number applied)
                || applied.longValue() == 0) {
            return;
        }
        Definitions definitions = registry.snapshot().definitions();
        List<FeatureView> streamed = new ArrayList<>();
        for (Source source : definitions.sources().values()) {
            if (source instanceof Source.Push push && push.topic() != null) {
                definitions.viewsOfPushSource(push.name()).stream()
                        .filter(FeatureView::online)
                        .forEach(streamed::add);
            }
        }
        if (!streamed.isEmpty()) {
            states.mark(streamed, OnlineStates.STREAMED);
        }
        streamedVersion = version;
    }
}
