package io.glucogrid.serving;

import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.grid.LocalService;
import io.glucogrid.model.OperatingPoints;
import io.glucogrid.plan.Compatibility;
import io.glucogrid.plan.DefinitionsPlan;
import io.glucogrid.registry.DefinitionFiles;
import io.glucogrid.registry.RegistryDocument;
import io.glucogrid.store.OfflineStore;
import io.glucogrid.store.StreamControl;
import io.glucogrid.store.TableSchema;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.ignite.Ignite;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Plan, apply, rollback, setup and teardown of everything that definitions bring with them. */
final class Administration {
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final Duration APPLY_DEADLINE = Duration.ofMinutes(10);
    private static final Logger LOG = LoggerFactory.getLogger(Administration.class);

    private final Ignite ignite;
    private final Registry registry;
    private final DefinitionFiles files;
    private final Supplier<OfflineStore> offline;
    private final OnlineStates states;
    private final Materializer materializer;
    private final RowCarrier carrier;
    private final RetiredCaches retired;
    private final Broadcast broadcast;
    private final boolean teardownEnabled;

    /** Used by the upkeep thread alone. */
    private long unclaimed;

    Administration(
            Ignite ignite,
            Registry registry,
            DefinitionFiles files,
            Supplier<OfflineStore> offline,
            OnlineStates states,
            Materializer materializer,
            RowCarrier carrier,
            RetiredCaches retired,
            Broadcast broadcast,
            boolean teardownEnabled) {
        this.ignite = ignite;
        this.registry = registry;
        this.files = files;
        this.offline = offline;
        this.states = states;
        this.materializer = materializer;
        this.carrier = carrier;
        this.retired = retired;
        this.broadcast = broadcast;
        this.teardownEnabled = teardownEnabled;
    }

    /**
     * Applies the node's definition files; streams that a teardown paused go on.
     *
     * @throws GridException INVALID_REQUEST that names every problem of the files, which the caller can mend
     */
    RegistryDocument setup() {
        Definitions before = registry.inForce();
        return finished(before, registry.apply(files.readForCaller(), APPLY_DEADLINE));
    }

    /** What {@link #apply} of the same definitions would change. */
    DefinitionsPlan plan(Definitions definitions) {
        // One document for both, so that nobody applies on top of a version which the plan did not compare with.
        RegistryDocument newest = registry.newest();
        Compatibility.check(registry.stored(), definitions);
        return newest == null
                ? DefinitionsPlan.between(0, Definitions.empty("none"), definitions, carrier::rows)
                : DefinitionsPlan.between(newest.version(), newest.inForce(), definitions, carrier::rows);
    }

    /** The node's own definition files. */
    Definitions ownFiles() {
        return files.readForCaller();
    }

    /**
     * Puts definitions in force on top of one version, and returns when every node serves them and their online rows are there.
     *
     * @param expected the version that the caller planned for
     * @throws GridException CONFLICT where somebody else changed the registry first
     */
    RegistryDocument apply(Definitions definitions, long expected) {
        Definitions before = registry.inForce();
        return finished(before, registry.applyOn(expected, definitions, APPLY_DEADLINE));
    }

    /**
     * Puts the definitions of an earlier version in force again, as a new version.
     *
     * @throws GridException NOT_FOUND for an unknown version, INVALID_REQUEST for a teardown, CONFLICT as {@link #apply}
     */
    RegistryDocument rollback(long to, long expected) {
        RegistryDocument target = registry.version(to);
        if (target.state() == RegistryDocument.State.TORN_DOWN) {
            throw new GridException(
                    ErrorCode.INVALID_REQUEST, "version " + to + " is a teardown; say teardown to remove everything");
        }
        return apply(target.definitions(), expected);
    }

    /**
     * Finishes a change whose node died or failed half-way, as it would have. Called now and then by the oldest node only.
     *
     * @return whether there was one
     */
    boolean finishAbandoned() {
        RegistryDocument newest = registry.newest();
        if (newest == null || !isAbandoned(newest.version())) {
            return false;
        }
        Definitions before = newest.version() == 1
                ? Definitions.empty("none")
                : registry.version(newest.version() - 1).inForce();
        LOG.warn("a change of the registry was left half-done and is finished here version={}", newest.version());
        registry.bringIntoForce(before, newest, DEADLINE);
        finished(before, newest);
        return true;
    }

    /** A change that nobody claims may be about to be claimed, so it is looked at twice. */
    private boolean isAbandoned(long version) {
        ChangeClaim claim = registry.claim();
        if (claim.version() == version) {
            return claim.isAbandoned();
        }
        boolean behind = registry.refresh() < version;
        boolean seen = behind && unclaimed == version;
        unclaimed = behind ? version : 0;
        return seen;
    }

    private RegistryDocument finished(Definitions before, RegistryDocument applied) {
        try {
            fill(before, applied);
            registry.claim().end(applied.version());
            return applied;
        } catch (RuntimeException halfway) {
            registry.claim().giveUp(applied.version());
            throw halfway;
        }
    }

    /** Fills new layouts from history where the view's rows came from there, and lets paused streams go on. */
    private void fill(Definitions before, RegistryDocument applied) {
        Definitions now = applied.inForce();
        Set<String> moving = new HashSet<>(RowCarrier.moving(before, now));
        if (!moving.isEmpty()) {
            Map<String, String> known = states.all();
            List<FeatureView> fill = now.views().values().stream()
                    .filter(view -> moving.contains(view.name()) && known.containsKey(view.name()))
                    .toList();
            long rows = materializer.all(fill).rows();
            LOG.info(
                    "online rows encoded anew version={} views={} rows={}",
                    applied.version(),
                    fill.stream().map(FeatureView::name).toList(),
                    rows);
        }
        retired.clearHotHistory(before, now);
        holdStreams(applied.state() == RegistryDocument.State.TORN_DOWN);
    }

    private void holdStreams(boolean held) {
        broadcast.run(new Jobs.SwitchStreams(Streams.ALL, StreamControl.Hold.REGISTRY, !held), DEADLINE);
    }

    /**
     * Removes registry, online values, history and segments, never a source file. Each step may be repeated, so a teardown that
     * failed half-way is finished by the next one.
     *
     * @throws GridException FORBIDDEN unless the node allows it
     */
    void teardown() {
        if (!teardownEnabled) {
            throw new GridException(
                    ErrorCode.FORBIDDEN,
                    "teardown is switched off on this node (GRID_TEARDOWN=false); nothing was removed");
        }
        RegistryDocument tornDown = tornDown();
        Definitions before = tornDown.definitions();
        Set<String> dropped = new HashSet<>();
        for (Definitions stored : registry.beforeTeardown()) { // what an apply took out of force is still in the tier
            for (FeatureView view : stored.views().values()) {
                clear(Caches.online(view).name());
            }
            for (TableSchema table : stored.tables()) {
                if (dropped.add(table.name())) {
                    clear(Caches.history(table).name());
                    offline.get().drop(table);
                }
            }
        }
        clear(Caches.SUBJECT_STATES.name());
        LocalService<OperatingPoints> points = new LocalService<>(ignite, OperatingPoints.NAME, OperatingPoints.class);
        if (points.isReady()) { // in the tier too
            points.get().removeOperatingPoints(DEADLINE);
        }
        for (String cache : ignite.cacheNames()) {
            if (cache.startsWith(Caches.PERSONAL_PREFIX)) {
                clear(cache);
            }
        }
        states.clear();
        materializer.forget();
        registry.claim().end(tornDown.version());
        LOG.info("teardown done project={}", before.project());
    }

    /** Streams that were held for a teardown which is not to be go on, as on a node that was told nothing. */
    private RegistryDocument tornDown() {
        try {
            holdStreams(true);
            return registry.tearDown(DEADLINE);
        } catch (RuntimeException failed) {
            try {
                if (!isTornDown()) {
                    holdStreams(false);
                }
            } catch (RuntimeException unreachable) {
                failed.addSuppressed(unreachable);
            }
            throw failed;
        }
    }

    /** Whether the newest version is a teardown; not where nobody can tell: whoever finishes it then holds the streams. */
    private boolean isTornDown() {
        try {
            RegistryDocument newest = registry.newest();
            return newest != null && newest.state() == RegistryDocument.State.TORN_DOWN;
        } catch (GridException unreadable) {
            LOG.warn("it is not known whether the teardown was published reason={}", unreadable.reason());
            return false;
        }
    }

    /** Empties the hot windows of all tables, whose rows then come from the tier again. */
    void clearHotHistory() {
        for (TableSchema table : registry.inForce().tables()) {
            clear(Caches.history(table).name());
        }
    }

    /** Not a removal: what a history cache holds must not be deleted from the tier row by row. */
    private void clear(String cache) {
        if (ignite.cacheNames().contains(cache)) {
            Waits.within(ignite.cache(cache).clearAsync(), DEADLINE.toNanos(), "clearing '" + cache + "'");
        }
    }
}
