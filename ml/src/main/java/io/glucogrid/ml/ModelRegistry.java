package io.glucogrid.ml;

import io.glucogrid.grid.Caches;
import io.glucogrid.grid.DidYouMean;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.model.LinearModel;
import io.glucogrid.store.MetaStore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import javax.cache.Cache;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.cache.CacheMode;
import org.apache.ignite.cache.CacheWriteSynchronizationMode;
import org.apache.ignite.cache.query.ContinuousQuery;
import org.apache.ignite.cache.query.QueryCursor;
import org.apache.ignite.configuration.CacheConfiguration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models of the grid and which version of each name is active.
 *
 * <p><b>Where they are.</b> A model is an immutable version: a document {@code models/<name>} in the tier's {@code meta/}, which
 * outlives every node, and an entry of the replicated cache {@link Caches#MODELS}. Which version a name stands for is one
 * entry of {@link Caches#ACTIVE_MODELS}, moved by compare-and-set; all pointers together are the document
 * {@code active-models} of the tier. Readers use neither: each node holds a snapshot of both caches in one field.
 *
 * <p><b>How a snapshot keeps up.</b> A continuous query on each cache asks for a new snapshot after every change. That alone
 * would leave a moment in which {@code activate} has returned and some node still serves the old version, so {@code activate}
 * also calls every server node and returns only when each has read the caches anew. Each reads its own copy, so the caches
 * must be FULL_SYNC (every copy is written before a write returns), which is checked at the start.
 *
 * <p><b>Cold start.</b> A pointer is never put into the cache before the tier was asked: what was active before the grid went
 * down must not be replaced by the shipped version. Until then a name whose pointer the cache lacks answers NOT_READY, while
 * {@code name@version} of a shipped model works from the first moment. Every node restores in the background, again and again
 * until it has succeeded once; restoring only puts what is absent, so late and repeated restores change nothing.
 *
 * <p><b>What is promised.</b> A version that was stored or activated is in the tier before the call returns. Of concurrent
 * activations one comes last in the cache, and the last document in the tier says the same, because a document is written
 * from the cache's state after reading the number that it is to have.
 */
final class ModelRegistry implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ModelRegistry.class);
    private static final String POINTERS = "active-models";
    private static final long FIRST_RETRY_MILLIS = 50;
    /** Before, the services of a starting node are just not all there. */
    private static final long REPORTED_RETRY_MILLIS = 800;

    private static final long LAST_RETRY_MILLIS = 5_000;

    private final Ignite ignite;
    private final Supplier<MetaStore> meta;
    private final List<LinearModel> shipped;
    private final ServerCalls servers;
    private final ScheduledExecutorService background;
    private final AtomicBoolean refreshRequested = new AtomicBoolean();
    private final List<QueryCursor<?>> queries = new ArrayList<>();

    private volatile Snapshot snapshot = new Snapshot(Map.of(), Map.of());
    private volatile boolean restored;

    /** @param meta may fail while the tier is not there yet */
    ModelRegistry(Ignite ignite, Supplier<MetaStore> meta, List<LinearModel> shipped) {
        this.ignite = ignite;
        this.meta = meta;
        this.shipped = shipped;
        this.servers = new ServerCalls(ignite);
        this.background = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "models-" + ignite.name());
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Puts the shipped models where they are absent, takes the first snapshot, and begins to follow and to restore. */
    void start() {
        IgniteCache<String, LinearModel> models = requireFullSync(Caches.MODELS.in(ignite));
        IgniteCache<String, String> active = requireFullSync(Caches.ACTIVE_MODELS.in(ignite));
        for (LinearModel model : shipped) {
            models.putIfAbsent(model.id(), model);
        }
        queries.add(models.query(refreshOnChange()));
        queries.add(active.query(refreshOnChange()));
        refresh();
        background.execute(() -> restore(FIRST_RETRY_MILLIS, null));
    }

    /**
     * The active version of a name, or {@code name@version}; reads no cache.
     *
     * @throws GridException NOT_FOUND, NOT_READY for a name while the active versions are not known yet
     */
    LinearModel model(String ref) {
        Snapshot seen = snapshot;
        String id = ref.indexOf('@') < 0 ? seen.active.get(ref) : ref;
        LinearModel model = id == null ? null : seen.models.get(id);
        if (model == null) {
            if (!restored) {
                throw new GridException(
                        ErrorCode.NOT_READY, "model '" + ref + "': the models are not restored from the tier yet");
            }
            List<String> known = new ArrayList<>(seen.active.keySet());
            known.addAll(seen.models.keySet());
            throw new GridException(
                    ErrorCode.NOT_FOUND, "model '" + ref + "' does not exist" + DidYouMean.suffix(ref, known));
        }
        return model;
    }

    List<LinearModel> models() {
        return snapshot.models.values().stream()
                .sorted(Comparator.comparing(LinearModel::name).thenComparingInt(LinearModel::version))
                .toList();
    }

    /**
     * Makes a version the active one of its name: in the tier and on every server node when this returns. Where it fails, some
     * nodes may serve the version already; doing it again completes it.
     */
    LinearModel activate(String ref, Deadline deadline) {
        requireRestored();
        refresh();
        LinearModel model = model(ref);
        IgniteCache<String, String> active = Caches.ACTIVE_MODELS.in(ignite);
        while (!move(active, model)) {
            deadline.millisLeft("moving the pointer to " + model);
        }
        publishPointers(active, deadline);
        refreshEverywhere(deadline);
        LOG.info("activated model={}", model);
        return model;
    }

    /** Stores a fitted model as its name's next version (its own is ignored), inactive. */
    LinearModel storeNext(LinearModel fitted, Deadline deadline) {
        requireRestored();
        String kind = kind(fitted.name());
        IgniteCache<String, LinearModel> models = Caches.MODELS.in(ignite);
        while (true) {
            deadline.millisLeft("storing the model");
            refresh();
            MetaStore.Document latest = meta.get().latest(kind);
            int version = 1 + Math.max(newestVersion(fitted.name()), latest == null ? 0 : (int) latest.version());
            LinearModel model = numbered(fitted, version);
            if (published(kind, version, ModelJson.write(model))) {
                models.putIfAbsent(model.id(), model);
                refreshEverywhere(deadline);
                return model;
            }
        }
    }

    /** Reads both caches anew; when this returns, the snapshot has everything that was in them when it was called. */
    synchronized void refresh() {
        Map<String, LinearModel> models = new HashMap<>();
        for (Cache.Entry<String, LinearModel> entry : Caches.MODELS.in(ignite)) {
            models.put(entry.getKey(), entry.getValue());
        }
        snapshot = new Snapshot(models, pointers(Caches.ACTIVE_MODELS.in(ignite)));
    }

    @Override
    public void close() {
        background.shutdownNow();
        for (QueryCursor<?> query : queries) {
            try {
                query.close();
            } catch (RuntimeException stopping) {
                LOG.debug("a continuous query ended with its node", stopping);
            }
        }
        try {
            if (!background.awaitTermination(5, TimeUnit.SECONDS)) {
                LOG.warn("the models' background thread is still busy");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Follows this node's own copy: the news of a change from the key's primary node may come before the change itself, and a
     * refresh would then read the old value.
     */
    private <K, V> ContinuousQuery<K, V> refreshOnChange() {
        ContinuousQuery<K, V> query = new ContinuousQuery<>();
        query.setLocal(true);
        query.setLocalListener(events -> requestRefresh());
        return query;
    }

    /** Cache reads do not belong on the thread that reports a change, and one refresh serves many changes. */
    private void requestRefresh() {
        if (refreshRequested.compareAndSet(false, true)) {
            try {
                background.execute(() -> {
                    refreshRequested.set(false);
                    try {
                        refresh();
                    } catch (RuntimeException failure) {
                        if (!background.isShutdown()) {
                            LOG.warn("could not read the models anew", failure);
                        }
                    }
                });
            } catch (RejectedExecutionException closed) {
                LOG.debug("a change of models came while the node stops");
            }
        }
    }

    private void restore(long retryMillis, @Nullable String lastReason) {
        try {
            restoreNow();
        } catch (RuntimeException failure) {
            String reason = ServerCalls.failure("restoring the models", failure).reason();
            if (background.isShutdown()) {
                return;
            }
            if (retryMillis >= REPORTED_RETRY_MILLIS && !reason.equals(lastReason)) {
                LOG.info("models wait for the tier reason=\"{}\"", reason);
            }
            String reported = retryMillis >= REPORTED_RETRY_MILLIS ? reason : null;
            long next = Math.min(2 * retryMillis, LAST_RETRY_MILLIS);
            try {
                Future<?> unused =
                        background.schedule(() -> restore(next, reported), retryMillis, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException closed) {
                LOG.debug("the node stops before its models were restored");
            }
        }
    }

    private void restoreNow() {
        MetaStore store = meta.get();
        IgniteCache<String, LinearModel> models = Caches.MODELS.in(ignite);
        IgniteCache<String, String> active = Caches.ACTIVE_MODELS.in(ignite);
        Map<String, String> pointers = new TreeMap<>();
        for (LinearModel model : shipped) {
            pointers.put(model.name(), model.id());
        }
        MetaStore.Document document = store.latest(POINTERS);
        if (document != null) {
            pointers.putAll(ModelJson.readNames(document.text()));
        }
        for (String name : pointers.keySet()) {
            MetaStore.Document latest = store.latest(kind(name));
            for (long version = 1; latest != null && version <= latest.version(); version++) {
                MetaStore.Document stored = store.read(kind(name), version);
                if (stored != null) {
                    LinearModel model = ModelJson.read(stored.text());
                    models.putIfAbsent(model.id(), model);
                }
            }
        }
        for (Map.Entry<String, String> pointer : pointers.entrySet()) {
            if (!models.containsKey(pointer.getValue())) {
                throw new GridException(
                        ErrorCode.DAMAGED_DATA, "the tier lacks the active model '" + pointer.getValue() + "'");
            }
            active.putIfAbsent(pointer.getKey(), pointer.getValue());
        }
        refresh();
        restored = true;
    }

    private static boolean move(IgniteCache<String, String> active, LinearModel model) {
        String current = active.get(model.name());
        if (current == null) {
            return active.putIfAbsent(model.name(), model.id());
        }
        return current.equals(model.id()) || active.replace(model.name(), current, model.id());
    }

    private void publishPointers(IgniteCache<String, String> active, Deadline deadline) {
        MetaStore store = meta.get();
        while (true) {
            deadline.millisLeft("writing the active models to the tier");
            // the number first, then the pointers: whoever takes a later number has seen at least these pointers
            MetaStore.Document latest = store.latest(POINTERS);
            String text = ModelJson.writeNames(pointers(active));
            if (latest != null && latest.text().equals(text)) {
                return;
            }
            if (published(POINTERS, latest == null ? 1 : latest.version() + 1, text)) {
                return;
            }
        }
    }

    /** Whether the version was free; another writer's version is not an error. */
    private boolean published(String kind, long version, String text) {
        try {
            meta.get().publish(kind, version, text);
            return true;
        } catch (GridException failure) {
            if (failure.code() == ErrorCode.CONFLICT) {
                return false;
            }
            throw failure;
        }
    }

    private void refreshEverywhere(Deadline deadline) {
        refresh();
        servers.onEveryServer(new RefreshModels(), "telling every node of the models", deadline);
    }

    @SuppressWarnings("unchecked") // getConfiguration takes a raw class
    private static <K, V> IgniteCache<K, V> requireFullSync(IgniteCache<K, V> cache) {
        CacheConfiguration<K, V> configuration = cache.getConfiguration(CacheConfiguration.class);
        if (configuration.getCacheMode() != CacheMode.REPLICATED
                || configuration.getWriteSynchronizationMode() != CacheWriteSynchronizationMode.FULL_SYNC) {
            throw new GridException(
                    ErrorCode.INVALID_CONFIG, "cache '" + cache.getName() + "' must be REPLICATED and FULL_SYNC");
        }
        return cache;
    }

    private int newestVersion(String name) {
        return snapshot.models.values().stream()
                .filter(model -> model.name().equals(name))
                .mapToInt(LinearModel::version)
                .max()
                .orElse(0);
    }

    private void requireRestored() {
        if (!restored) {
            throw new GridException(ErrorCode.NOT_READY, "the models are not restored from the tier yet");
        }
    }

    private static Map<String, String> pointers(IgniteCache<String, String> active) {
        Map<String, String> pointers = new HashMap<>();
        for (Cache.Entry<String, String> entry : active) {
            pointers.put(entry.getKey(), entry.getValue());
        }
        return pointers;
    }

    private static LinearModel numbered(LinearModel model, int version) {
        return new LinearModel(
                model.name(),
                version,
                model.features(),
                model.intercept(),
                model.coefficients(),
                model.trainedAtMicros(),
                model.trainingRows(),
                model.metrics());
    }

    private static String kind(String name) {
        return "models/" + name;
    }

    /** Both caches at one time: models by id, and the active id by name. */
    private record Snapshot(Map<String, LinearModel> models, Map<String, String> active) {}
}
