package io.glucogrid.ml;

import io.glucogrid.forecast.Kind;
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
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;
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
    /** Pointer to the version that is scored beside the active one; no model can be called so. */
    private static final String SHADOW = "shadow:";
    /** Value of the shadow's pointer where there is none. */
    private static final String NO_SHADOW = "";

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
        IgniteCache<String, String> models = requireFullSync(Caches.MODELS.in(ignite));
        IgniteCache<String, String> active = requireFullSync(Caches.ACTIVE_MODELS.in(ignite));
        for (LinearModel model : shipped) {
            models.putIfAbsent(model.id(), ModelJson.write(model));
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
    StoredModel stored(String ref) {
        Snapshot seen = snapshot;
        String id = ref.indexOf('@') < 0 ? seen.active.get(ref) : ref;
        StoredModel model = id == null ? null : seen.models.get(id);
        if (model == null) {
            if (!restored) {
                throw new GridException(
                        ErrorCode.NOT_READY, "model '" + ref + "': the models are not restored from the tier yet");
            }
            if (Kind.isKind(ref)) {
                throw new GridException(
                        ErrorCode.NOT_FOUND, "model '" + ref + "' has not been trained yet (POST /models/train)");
            }
            List<String> known = new ArrayList<>(seen.active.keySet());
            known.addAll(seen.models.keySet());
            throw new GridException(
                    ErrorCode.NOT_FOUND, "model '" + ref + "' does not exist" + DidYouMean.suffix(ref, known));
        }
        return model;
    }

    /** The same, of a plain linear model. */
    LinearModel model(String ref) {
        return stored(ref).requireLinear();
    }

    /** The active forecaster of a name; null where there is none, or the models are not known yet. */
    @Nullable
    ForecastVersion activeForecaster(String name) {
        Snapshot seen = snapshot;
        String id = seen.active.get(name);
        StoredModel model = id == null ? null : seen.models.get(id);
        return model == null ? null : model.forecaster();
    }

    /** The forecaster that is scored beside the active one; null where there is none. */
    @Nullable
    ForecastVersion shadow() {
        return activeForecaster(SHADOW);
    }

    /** Whether a version is the one that its name stands for. */
    boolean isActive(StoredModel model) {
        return model.id().equals(snapshot.active.get(model.name()));
    }

    /** Changes with every change of the models or of the active versions. */
    Object state() {
        return snapshot;
    }

    boolean isRestored() {
        return restored;
    }

    List<StoredModel> all() {
        return snapshot.models.values().stream()
                .sorted(Comparator.comparing(StoredModel::name).thenComparingInt(StoredModel::version))
                .toList();
    }

    List<LinearModel> models() {
        return all().stream().map(StoredModel::linear).filter(Objects::nonNull).toList();
    }

    /**
     * Makes a version the active one of its name: in the tier and on every server node when this returns. Where it fails, some
     * nodes may serve the version already; doing it again completes it.
     */
    StoredModel activate(String ref, Deadline deadline) {
        requireRestored();
        refresh();
        StoredModel model = stored(ref);
        point(model.name(), model.id(), deadline);
        LOG.info("activated model={}", model.id());
        return model;
    }

    /**
     * Makes the version active that was so before the present one, as the tier remembers it.
     *
     * @throws GridException NOT_FOUND where there was none
     */
    StoredModel rollback(String name, Deadline deadline) {
        requireRestored();
        refresh();
        String current = stored(name).id();
        MetaStore store = meta.get();
        MetaStore.Document latest = store.latest(POINTERS);
        for (long version = latest == null ? 0 : latest.version(); version > 0; version--) {
            deadline.millisLeft("looking for the version before " + current);
            MetaStore.Document document = store.read(POINTERS, version);
            String before = document == null
                    ? null
                    : ModelJson.readNames(document.text()).get(name);
            if (before != null && !before.equals(current) && snapshot.models.containsKey(before)) {
                return activate(before, deadline);
            }
        }
        for (LinearModel model : shipped) {
            if (model.name().equals(name) && !model.id().equals(current)) {
                return activate(model.id(), deadline);
            }
        }
        throw new GridException(ErrorCode.NOT_FOUND, "no other version of '" + name + "' was active before " + current);
    }

    /** Scores a forecaster beside the active one from now on; null ends it. */
    @Nullable
    StoredModel shadow(@Nullable String ref, Deadline deadline) {
        requireRestored();
        refresh();
        StoredModel model = ref == null ? null : stored(ref);
        if (model != null) {
            model.requireForecaster();
        }
        point(SHADOW, model == null ? NO_SHADOW : model.id(), deadline);
        LOG.info("shadow model={}", model == null ? "none" : model.id());
        return model;
    }

    private void point(String name, String id, Deadline deadline) {
        IgniteCache<String, String> active = Caches.ACTIVE_MODELS.in(ignite);
        while (!move(active, name, id)) {
            deadline.millisLeft("moving the pointer to " + id);
        }
        publishPointers(active, deadline);
        refreshEverywhere(deadline);
    }

    /** Stores a fitted model as its name's next version (its own is ignored), inactive. */
    LinearModel storeNext(LinearModel fitted, Deadline deadline) {
        return storeNext(fitted.name(), version -> StoredModel.of(numbered(fitted, version)), deadline)
                .requireLinear();
    }

    /** Stores a fitted forecaster as its name's next version (its own is ignored); active where it is the first. */
    ForecastVersion storeNext(ForecastVersion fitted, Deadline deadline) {
        StoredModel stored = storeNext(fitted.name(), version -> StoredModel.of(fitted.numbered(version)), deadline);
        if (activeForecaster(fitted.name()) == null) {
            activate(stored.id(), deadline);
        }
        return stored.requireForecaster();
    }

    private StoredModel storeNext(String name, IntFunction<StoredModel> numbered, Deadline deadline) {
        requireRestored();
        String kind = kind(name);
        IgniteCache<String, String> models = Caches.MODELS.in(ignite);
        while (true) {
            deadline.millisLeft("storing the model");
            refresh();
            MetaStore.Document latest = meta.get().latest(kind);
            int version = 1 + Math.max(newestVersion(name), latest == null ? 0 : (int) latest.version());
            StoredModel model = numbered.apply(version);
            if (published(kind, version, model.text())) {
                models.putIfAbsent(model.id(), model.text());
                refreshEverywhere(deadline);
                return model;
            }
        }
    }

    /** Reads both caches anew; when this returns, the snapshot has everything that was in them when it was called. */
    synchronized void refresh() {
        Map<String, StoredModel> known = snapshot.models;
        Map<String, StoredModel> models = new HashMap<>();
        for (Cache.Entry<String, String> entry : Caches.MODELS.in(ignite)) {
            StoredModel before = known.get(entry.getKey());
            boolean same = before != null && before.text().equals(entry.getValue());
            models.put(entry.getKey(), same ? before : StoredModel.read(entry.getValue()));
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
        IgniteCache<String, String> models = Caches.MODELS.in(ignite);
        IgniteCache<String, String> active = Caches.ACTIVE_MODELS.in(ignite);
        Map<String, String> pointers = new TreeMap<>();
        for (LinearModel model : shipped) {
            pointers.put(model.name(), model.id());
        }
        MetaStore.Document document = store.latest(POINTERS);
        if (document != null) {
            pointers.putAll(ModelJson.readNames(document.text()));
        }
        for (String name : names(pointers)) {
            MetaStore.Document latest = store.latest(kind(name));
            for (long version = 1; latest != null && version <= latest.version(); version++) {
                MetaStore.Document stored = store.read(kind(name), version);
                if (stored != null) {
                    StoredModel model = StoredModel.read(stored.text());
                    models.putIfAbsent(model.id(), model.text());
                }
            }
        }
        for (Map.Entry<String, String> pointer : pointers.entrySet()) {
            if (!pointer.getValue().equals(NO_SHADOW) && !models.containsKey(pointer.getValue())) {
                throw new GridException(
                        ErrorCode.DAMAGED_DATA, "the tier lacks the active model '" + pointer.getValue() + "'");
            }
            active.putIfAbsent(pointer.getKey(), pointer.getValue());
        }
        refresh();
        restored = true;
    }

    /** Names of models that the tier may have: those of forecasters too, whose inactive versions no pointer shows. */
    private static Set<String> names(Map<String, String> pointers) {
        Set<String> names = new TreeSet<>();
        for (Kind kind : Kind.values()) {
            names.add(kind.label());
        }
        pointers.forEach((name, id) -> {
            if (!name.equals(SHADOW)) {
                names.add(name);
            } else if (!id.equals(NO_SHADOW)) {
                names.add(id.substring(0, id.indexOf('@')));
            }
        });
        return names;
    }

    private static boolean move(IgniteCache<String, String> active, String name, String id) {
        String current = active.get(name);
        if (current == null) {
            return active.putIfAbsent(name, id);
        }
        return current.equals(id) || active.replace(name, current, id);
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
                .mapToInt(StoredModel::version)
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
    private record Snapshot(Map<String, StoredModel> models, Map<String, String> active) {}
}
