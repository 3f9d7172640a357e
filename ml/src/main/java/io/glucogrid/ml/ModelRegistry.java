package io.glucogrid.ml;

import io.glucogrid.forecast.Kind;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.DidYouMean;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.model.LinearModel;
import io.glucogrid.store.MetaStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.cache.CacheMode;
import org.apache.ignite.cache.CacheWriteSynchronizationMode;
import org.apache.ignite.configuration.CacheConfiguration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models of the grid and which version of each name is active.
 *
 * <p><b>Where they are.</b> A model is an immutable version on the {@link ModelShelf}; which version a name stands for is one of
 * the {@link ModelPointers}. Both are in the tier's {@code meta/}, which outlives every node, and in replicated caches. Readers
 * use neither: each node holds a snapshot of both caches in one field.
 *
 * <p><b>How a snapshot keeps up.</b> A continuous query on each cache asks for a new snapshot after every change. That alone
 * would leave a moment in which {@code activate} has returned and some node still serves the old version, so {@code activate}
 * also calls every server node and returns only when each has read the caches anew. Each reads its own copy, so the caches
 * must be FULL_SYNC (every copy is written before a write returns), which is checked at the start.
 *
 * <p><b>Cold start.</b> A pointer is never put into the cache before the tier was asked: what was active before the grid went
 * down must not be replaced by the shipped version. Until then a name whose pointer the cache lacks answers NOT_READY, while
 * {@code name@version} of a shipped model works from the first moment. The oldest node restores ({@link RestoredOnce}), again and
 * again until it has succeeded. A document that is damaged, or lost, costs no more than its own version: where a name stood for
 * that, it stands for the last one before that is there.
 *
 * <p><b>Pointing and removing.</b> Both may happen at once, so each writes first and looks then: whoever points at a version
 * looks whether it is still on the shelf, and whoever took it off whether somebody points at it. One of them at least sees the
 * other and takes its own step back. So what a name stands for is always there. A version leaves the tier last, when the tier's
 * pointers say what the grid's do; where that fails it is put back, and removing it may be tried again.
 *
 * <p><b>What is promised.</b> A version that was stored or activated is in the tier before the call returns.
 */
final class ModelRegistry implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ModelRegistry.class);
    /** Of one that no caller's deadline is for. */
    private static final Duration WRITING = Duration.ofSeconds(60);

    private final Ignite ignite;
    private final List<LinearModel> shipped;
    private final ModelShelf shelf;
    private final ModelPointers pointers;
    private final ServerCalls servers;
    private final ScheduledExecutorService background;
    private final RestoredOnce once;
    private final UntilRestored restoring;
    private final ChangeFollower follower;

    private volatile Snapshot snapshot = new Snapshot(Map.of(), Map.of());

    /** @param meta may fail while the tier is not there yet */
    ModelRegistry(Ignite ignite, Supplier<MetaStore> meta, List<LinearModel> shipped) {
        this.ignite = ignite;
        this.shipped = shipped;
        this.shelf = new ModelShelf(ignite, meta);
        this.pointers = new ModelPointers(ignite, meta);
        this.servers = new ServerCalls(ignite);
        this.background = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "models-" + ignite.name());
            thread.setDaemon(true);
            return thread;
        });
        this.follower = new ChangeFollower(this::refresh, background);
        this.once = new RestoredOnce(ignite, "models", "models-restored");
        this.restoring = new UntilRestored("models", this::restore, background);
    }

    /** Puts the shipped models where they are absent, takes the first snapshot, and begins to follow and to restore. */
    void start() {
        IgniteCache<String, String> models = requireFullSync(Caches.MODELS.in(ignite));
        IgniteCache<String, String> active = requireFullSync(Caches.ACTIVE_MODELS.in(ignite));
        Deadline deadline = Deadline.in(WRITING);
        shipped.forEach(model -> shelf.putBack(StoredModel.of(model), deadline));
        follower.follow(models);
        follower.follow(active);
        refresh();
        restoring.start();
    }

    /**
     * The active version of a name, or {@code name@version}; reads no cache.
     *
     * @throws GridException NOT_FOUND, NOT_READY for a name while the active versions are not known yet
     */
    StoredModel stored(String ref) {
        Snapshot seen = snapshot;
        StoredModel model = seen.models.get(ref.indexOf('@') < 0 ? seen.active(ref) : ref);
        if (model == null) {
            if (!isRestored()) {
                throw new GridException(
                        ErrorCode.NOT_READY, "model '" + ref + "': the models are not restored from the tier yet");
            }
            if (Kind.isKind(ref)) {
                throw new GridException(
                        ErrorCode.NOT_FOUND, "model '" + ref + "' has not been trained yet (POST /models/train)");
            }
            List<String> known = new ArrayList<>(seen.trails.keySet());
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
        StoredModel model = seen.models.get(seen.active(name));
        return model == null ? null : model.forecaster();
    }

    /** The forecaster that is scored beside the active one; null where there is none. */
    @Nullable
    ForecastVersion shadow() {
        return activeForecaster(ModelPointers.SHADOW);
    }

    /** Whether a version is the one that its name stands for. */
    boolean isActive(StoredModel model) {
        return model.id().equals(snapshot.active(model.name()));
    }

    boolean isRestored() {
        return restoring.isDone();
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
     *
     * @param prepared does what the version needs before it is served, or refuses it
     */
    StoredModel activate(String ref, Consumer<StoredModel> prepared, Deadline deadline) {
        requireRestored();
        refresh();
        StoredModel model = stored(ref);
        prepared.accept(model);
        point(model.name(), trail -> trail.moved(model.id()), deadline);
        LOG.info("activated model={}", model.id());
        return model;
    }

    /** The same where its name stands for nothing yet; does nothing otherwise. */
    void activateFirst(StoredModel model, Deadline deadline) {
        requireRestored();
        point(model.name(), trail -> trail.isNone() ? Trail.of(model.id()) : trail, deadline);
    }

    /**
     * Makes the version active that was so before the present one. A rollback leaves no trace to come back by: the next one goes
     * further back.
     *
     * @param prepared does what the version needs before it is served
     * @throws GridException NOT_FOUND where there was none
     */
    StoredModel rollback(String name, Consumer<StoredModel> prepared, Deadline deadline) {
        requireRestored();
        refresh();
        stored(name);
        StoredModel model = stored(point(name, trail -> rolledBack(name, trail, prepared), deadline)
                .id());
        LOG.info("rolled back model={}", model.id());
        return model;
    }

    private Trail rolledBack(String name, Trail trail, Consumer<StoredModel> prepared) {
        Trail back = trail.back(shelf::has);
        if (back == null) {
            throw new GridException(
                    ErrorCode.NOT_FOUND, "no other version of '" + name + "' was active before " + trail.id());
        }
        prepared.accept(stored(back.id()));
        return back;
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
        Trail shadow = model == null ? Trail.NONE : Trail.of(model.id());
        point(ModelPointers.SHADOW, trail -> shadow, deadline);
        LOG.info("shadow model={}", model == null ? "none" : model.id());
        return model;
    }

    /** Moves a pointer, tells the tier and every server node, and answers where it points now. */
    private Trail point(String name, UnaryOperator<Trail> move, Deadline deadline) {
        Trail before;
        Trail now;
        do {
            deadline.millisLeft("moving the pointer of " + name);
            before = pointers.of(name);
            now = move.apply(before);
        } while (!pointers.replace(name, before, now, deadline));
        boolean there = isThere(now);
        if (!there) {
            stepBack(name, now, before, deadline);
        }
        pointers.publish(deadline);
        refreshEverywhere(deadline);
        if (!there) {
            throw new GridException(ErrorCode.NOT_FOUND, "model '" + now.id() + "' has just been removed");
        }
        return now;
    }

    /** Looks after each step too: what it goes back to may be removed meanwhile. Ends where another moves the pointer. */
    private void stepBack(String name, Trail from, Trail before, Deadline deadline) {
        Trail at = from;
        while (!isThere(at)) {
            Trail back = before.orBack(shelf::has);
            if (!pointers.replace(name, at, back, deadline)) {
                return;
            }
            at = back;
        }
    }

    private boolean isThere(Trail trail) {
        return trail.isNone() || shelf.has(trail.id());
    }

    /** Stores a fitted model as its name's next version (its own is ignored), inactive. */
    LinearModel storeNext(LinearModel fitted, Deadline deadline) {
        if (Kind.isKind(fitted.name())) {
            throw new GridException(
                    ErrorCode.INVALID_REQUEST, "the name '" + fitted.name() + "' is that of a kind of forecaster");
        }
        return store(fitted.name(), version -> StoredModel.of(numbered(fitted, version)), deadline)
                .requireLinear();
    }

    /** Stores a fitted forecaster as its name's next version (its own is ignored), inactive. */
    ForecastVersion storeNext(ForecastVersion fitted, Deadline deadline) {
        if (!fitted.name().equals(fitted.kind().label())) {
            throw new GridException(
                    ErrorCode.INVALID_REQUEST,
                    "a forecaster has the name of its kind, '" + fitted.kind().label() + "', and not '" + fitted.name()
                            + "'");
        }
        return store(fitted.name(), version -> StoredModel.of(fitted.numbered(version)), deadline)
                .requireForecaster();
    }

    private StoredModel store(String name, IntFunction<StoredModel> numbered, Deadline deadline) {
        requireRestored();
        StoredModel model = shelf.add(name, numbered, deadline);
        refreshEverywhere(deadline);
        return model;
    }

    /**
     * Removes a version for good: from every node and from the tier. Its number is not given again. Where it fails the version
     * stays, and doing it again removes it.
     *
     * @param released lets go of what the grid keeps of the version beside its document
     * @throws GridException NOT_FOUND, CONFLICT where it is active, the shadow, or shipped
     */
    StoredModel remove(String id, Consumer<StoredModel> released, Deadline deadline) {
        requireRestored();
        refresh();
        if (id.indexOf('@') < 0) {
            throw new GridException(ErrorCode.INVALID_REQUEST, "'" + id + "' is not of the form name@version");
        }
        StoredModel model = stored(id);
        requireUnused(model);
        try {
            shelf.withdraw(model, deadline);
            requireUnused(model);
            refreshEverywhere(deadline);
            released.accept(model);
            pointers.publish(deadline); // a move that could not be written may have left it the active one there
            shelf.erase(model, deadline);
        } catch (RuntimeException failure) {
            putBack(model, failure);
            throw failure;
        }
        LOG.info("removed model={}", model.id());
        return model;
    }

    private void putBack(StoredModel model, RuntimeException failure) {
        try {
            Deadline deadline = Deadline.in(WRITING);
            shelf.putBack(model, deadline);
            refreshEverywhere(deadline);
        } catch (RuntimeException another) {
            failure.addSuppressed(another);
        }
    }

    private void requireUnused(StoredModel model) {
        boolean active = pointers.of(model.name()).id().equals(model.id());
        boolean shadow = pointers.of(ModelPointers.SHADOW).id().equals(model.id());
        boolean ships = shipped.stream().anyMatch(own -> own.id().equals(model.id()));
        if (active || shadow || ships) {
            throw new GridException(
                    ErrorCode.CONFLICT,
                    "model '" + model.id() + "' "
                            + (active ? "is active" : shadow ? "is the shadow" : "ships with the node") + " and stays");
        }
    }

    /** Versions of a name that nothing needs: all but the active one, the one before it, the shadow, what ships, and the newest. */
    List<StoredModel> superfluous(String name, int newest) {
        refresh();
        Snapshot seen = snapshot;
        Set<String> needed = new HashSet<>();
        needed.add(seen.active(name));
        needed.add(seen.active(ModelPointers.SHADOW));
        Trail back = seen.trails.getOrDefault(name, Trail.NONE).back(seen.models::containsKey);
        if (back != null) {
            needed.add(back.id());
        }
        shipped.forEach(model -> needed.add(model.id()));
        List<StoredModel> versions =
                all().stream().filter(model -> model.name().equals(name)).toList();
        return versions.subList(0, Math.max(0, versions.size() - newest)).stream()
                .filter(model -> !needed.contains(model.id()))
                .toList();
    }

    /** Reads both caches anew; when this returns, the snapshot has everything that was in them when it was called. */
    synchronized void refresh() {
        Map<String, Trail> trails = pointers.all(); // first: what they point at is on the shelf then
        snapshot = new Snapshot(shelf.all(snapshot.models), trails);
    }

    @Override
    public void close() {
        background.shutdownNow();
        follower.close();
        try {
            if (!background.awaitTermination(5, TimeUnit.SECONDS)) {
                LOG.warn("the models' background thread is still busy");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void restore() {
        once.restore(missing -> {
            restoreAll();
            return "";
        });
        refresh();
    }

    /** Name by name, so that one whose documents cannot be reached leaves the others served; throws its failure at the end. */
    private void restoreAll() {
        Map<String, Trail> trails = new TreeMap<>();
        for (Kind kind : Kind.values()) { // the tier may have versions of which none was active
            trails.put(kind.label(), Trail.NONE);
        }
        for (LinearModel model : shipped) {
            trails.put(model.name(), Trail.of(model.id()));
        }
        trails.putAll(pointers.remembered());
        Trail shadow = trails.remove(ModelPointers.SHADOW);
        RuntimeException failure = null;
        for (Map.Entry<String, Trail> trail : trails.entrySet()) {
            try {
                shelf.restore(trail.getKey());
                restore(trail.getKey(), trail.getValue());
            } catch (RuntimeException unreachable) {
                failure = unreachable;
            }
        }
        if (failure != null) {
            throw failure;
        }
        restore(ModelPointers.SHADOW, shadow == null ? Trail.NONE : shadow);
    }

    private void restore(String name, Trail remembered) {
        Trail trail = remembered.orBack(shelf::has);
        if (trail.isNone() && !remembered.isNone()) {
            trail = shipped.stream()
                    .filter(model -> model.name().equals(name))
                    .map(model -> Trail.of(model.id()))
                    .findFirst()
                    .orElse(Trail.NONE);
        }
        if (!trail.equals(remembered)) {
            LOG.warn("the tier lacks an active model model={} instead={}", remembered.id(), trail.id());
        }
        if (!trail.isNone()) {
            pointers.putWhereAbsent(name, trail, Deadline.in(WRITING));
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

    private void requireRestored() {
        String unused = once.missing();
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

    /** Both caches at one time: models by id, and trails by name. */
    private record Snapshot(Map<String, StoredModel> models, Map<String, Trail> trails) {
        /** Id of what a name stands for; empty where it is nothing. */
        String active(String name) {
            return trails.getOrDefault(name, Trail.NONE).id();
        }
    }
}
