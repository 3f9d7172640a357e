package io.glucogrid.serving;

import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.plan.Compatibility;
import io.glucogrid.registry.RegistryDocument;
import io.glucogrid.registry.RegistryDocument.State;
import io.glucogrid.store.MetaStore;
import io.glucogrid.store.OfflineStore;
import io.glucogrid.store.TableSchema;
import io.glucogrid.value.Timestamps;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which definitions are in force, on every node the same.
 *
 * <p>A registry version is an immutable document. It is published twice: in the tier's {@code meta/registry}, which outlives the
 * grid and refuses a second document of one version, so that of two concurrent changes one fails and is tried again on top of
 * the other; and in the replicated registry cache, from which nodes read it without touching the tier. A teardown is a version
 * too, so that a restart knows that the definitions were removed on purpose.
 *
 * <p>Each node compiles the newest version into one volatile field, which reads follow without a lock. There is no stale
 * registry: a change returns only when every node has reported that it compiled the new version, within a deadline; a node that
 * leaves meanwhile is not waited for, and one that is starting is asked again until it can tell. A periodic look at the cache (see
 * {@link Upkeep}) heals a node that was never heard.
 *
 * <p>A node may die between two steps of a change. Then {@link ChangeClaim} names it, and the oldest node finishes what it
 * began (see {@link Administration#finishAbandoned}); each step may be repeated.
 */
final class Registry {
    /** The one entry of the registry cache. */
    private static final String KEY = "registry";

    private static final String META = "registry";
    private static final int ATTEMPTS = 5;
    private static final Duration STARTING = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofMillis(50);
    private static final Logger LOG = LoggerFactory.getLogger(Registry.class);

    private final Ignite ignite;
    private final Supplier<OfflineStore> offline;
    private final Broadcast broadcast;
    private final RowCarrier carrier;
    private final InstantSource clock;
    private final ChangeClaim claim;
    private volatile @Nullable Snapshot snapshot;

    Registry(
            Ignite ignite,
            Supplier<OfflineStore> offline,
            Broadcast broadcast,
            RowCarrier carrier,
            InstantSource clock) {
        this.ignite = ignite;
        this.offline = offline;
        this.broadcast = broadcast;
        this.carrier = carrier;
        this.clock = clock;
        this.claim = new ChangeClaim(ignite);
    }

    ChangeClaim claim() {
        return claim;
    }

    /** The compiled registry; NOT_READY until there is one. */
    Snapshot snapshot() {
        Snapshot current = snapshot;
        if (current == null) {
            throw new GridException(ErrorCode.NOT_READY, "the definitions are not loaded on this node yet");
        }
        return current;
    }

    boolean isLoaded() {
        return snapshot != null;
    }

    /**
     * Loads what is in force: from the cache, else from the tier, else by applying {@code first}.
     *
     * @throws GridException NOT_READY while the tier is not there yet
     */
    void load(Supplier<Definitions> first, Duration deadline) {
        if (refresh() > 0) {
            return;
        }
        RegistryDocument stored = fromMeta();
        if (stored == null) {
            claim.end(apply(first.get(), deadline).version());
            return;
        }
        publish(stored);
        refresh();
        LOG.info("registry restored version={} state={}", stored.version(), stored.state());
    }

    /** Makes {@code definitions} the ones in force on every node; the same ones again change nothing. */
    RegistryDocument apply(Definitions definitions, Duration deadline) {
        for (int attempt = 1; ; attempt++) {
            try {
                return change(State.APPLIED, definitions, newest(), deadline);
            } catch (GridException conflict) {
                if (conflict.code() != ErrorCode.CONFLICT || attempt == ATTEMPTS) {
                    throw conflict;
                }
            }
        }
    }

    /**
     * As {@link #apply}, but only on top of one version.
     *
     * @param expected the version that the caller knows; 0 for a registry that has none
     * @throws GridException CONFLICT where the registry has moved on
     */
    RegistryDocument applyOn(long expected, Definitions definitions, Duration deadline) {
        RegistryDocument current = newest();
        requireVersion(expected, current);
        return change(State.APPLIED, definitions, current, deadline);
    }

    private static void requireVersion(long expected, @Nullable RegistryDocument current) {
        long version = current == null ? 0 : current.version();
        if (version != expected) {
            throw new GridException(
                    ErrorCode.CONFLICT,
                    "the registry is at version " + version + ", not " + expected + ": plan again and apply that plan");
        }
    }

    /** Takes all definitions out of force on every node. */
    RegistryDocument tearDown(Duration deadline) {
        for (int attempt = 1; ; attempt++) {
            RegistryDocument current = newest();
            Definitions before = current == null ? Definitions.empty("none") : current.definitions();
            try {
                return change(State.TORN_DOWN, before, current, deadline);
            } catch (GridException conflict) {
                if (conflict.code() != ErrorCode.CONFLICT || attempt == ATTEMPTS) {
                    throw conflict;
                }
            }
        }
    }

    /**
     * A version by its number.
     *
     * @throws GridException NOT_FOUND where it was never made
     */
    RegistryDocument version(long version) {
        MetaStore.Document document = offline.get().meta().read(META, version);
        if (document == null) {
            throw new GridException(ErrorCode.NOT_FOUND, "the registry has no version " + version);
        }
        return RegistryDocument.parse(document.text());
    }

    /** The newest {@code limit} versions, the newest first. */
    List<RegistryDocument> versions(int limit) {
        MetaStore meta = offline.get().meta();
        List<RegistryDocument> versions = new ArrayList<>();
        MetaStore.Document newest = meta.latest(META);
        for (long version = newest == null ? 0 : newest.version(); version > 0 && versions.size() < limit; version--) {
            MetaStore.Document document = meta.read(META, version);
            if (document != null) {
                versions.add(RegistryDocument.parse(document.text()));
            }
        }
        return versions;
    }

    /** Definitions whose rows may still be stored: of every version since the last teardown, the newest first. */
    List<Definitions> stored() {
        List<Definitions> stored = new ArrayList<>();
        for (RegistryDocument document : versions(Integer.MAX_VALUE)) {
            if (document.state() == State.TORN_DOWN) {
                break;
            }
            stored.add(document.definitions());
        }
        return stored;
    }

    /** Definitions whose rows a teardown removes: of every version after the teardown before it, also where it is repeated. */
    List<Definitions> beforeTeardown() {
        List<Definitions> stored = new ArrayList<>();
        boolean applied = false;
        for (RegistryDocument document : versions(Integer.MAX_VALUE)) {
            boolean teardown = document.state() == State.TORN_DOWN;
            if (teardown && applied) {
                break;
            }
            applied |= !teardown;
            stored.add(document.definitions());
        }
        return stored;
    }

    /** Compiles the cache's version where it is newer than this node's; returns the version in force here, 0 for none. */
    synchronized long refresh() {
        String text = Caches.REGISTRY.in(ignite).get(KEY);
        Snapshot current = snapshot;
        if (text == null) {
            return current == null ? 0 : current.document().version();
        }
        if (current == null || !text.equals(current.document().text())) {
            RegistryDocument document = RegistryDocument.parse(text);
            if (current == null || document.version() > current.document().version()) {
                startCaches(document);
                current = Snapshot.compile(document);
                snapshot = current;
                LOG.info("registry compiled version={} state={}", document.version(), document.state());
            }
        }
        return current.document().version();
    }

    /**
     * Publishes the version after {@code current} and returns when every node serves it. Online rows are carried to new layouts
     * twice: before the nodes switch, so that they find the rows, and after it, for rows that were written meanwhile.
     */
    private RegistryDocument change(
            State state, Definitions definitions, @Nullable RegistryDocument current, Duration deadline) {
        boolean same = current != null
                && current.state() == state
                && current.definitions().equals(definitions);
        RegistryDocument next = current != null && same
                ? current
                : new RegistryDocument(
                        current == null ? 1 : current.version() + 1,
                        state,
                        definitions,
                        Timestamps.micros(clock.instant()));
        if (!same && state == State.APPLIED) {
            Compatibility.check(stored(), definitions);
        }
        try {
            offline.get().meta().publish(META, next.version(), next.text());
        } catch (GridException conflict) {
            if (conflict.code() != ErrorCode.CONFLICT) {
                throw conflict;
            }
            throw new GridException(
                    ErrorCode.CONFLICT,
                    "somebody else made version " + next.version()
                            + " of the registry first: plan again and apply that plan",
                    conflict);
        }
        claim.begin(next.version());
        try {
            bringIntoForce(inForce(), next, deadline);
        } catch (RuntimeException halfway) {
            claim.giveUp(next.version());
            throw halfway;
        }
        return next;
    }

    /** Publishes a version that the tier has; each step may be repeated. */
    void bringIntoForce(Definitions before, RegistryDocument next, Duration deadline) {
        startCaches(next);
        carrier.carry(before, next.inForce(), deadline);
        publish(next);
        untilServed(next.version(), deadline);
        refresh();
        carrier.carry(before, next.inForce(), deadline);
    }

    /** Returns when every node that serves anything serves this version or a newer one. */
    private void untilServed(long version, Duration deadline) {
        long end = System.nanoTime() + deadline.toNanos();
        long patience = System.nanoTime() + Math.min(STARTING.toNanos(), deadline.toNanos());
        while (true) {
            boolean starting = false;
            try {
                Duration left = Duration.ofNanos(Math.max(1, end - System.nanoTime()));
                for (long served : broadcast.call(new Jobs.RefreshRegistry(), left)) {
                    starting |= served == 0;
                    if (served != 0 && served < version) {
                        throw new GridException(
                                ErrorCode.INTERNAL, "a node kept registry version " + served + " of " + version);
                    }
                }
                if (!starting) {
                    return;
                }
                if (System.nanoTime() > patience) {
                    LOG.warn("a node has been starting for long; it will load version={} by itself", version);
                    return;
                }
            } catch (GridException unreachable) { // a node left; the others are asked again
                if (unreachable.code() != ErrorCode.NOT_READY || System.nanoTime() > patience) {
                    throw unreachable;
                }
            }
            Waits.pause(PAUSE);
        }
    }

    /** What the grid serves now. */
    Definitions inForce() {
        String text = Caches.REGISTRY.in(ignite).get(KEY);
        return text == null
                ? Definitions.empty("none")
                : RegistryDocument.parse(text).inForce();
    }

    /** The newest version that the cache or the tier has, in force or about to be; null where there is none. */
    @Nullable
    RegistryDocument newest() {
        String text = Caches.REGISTRY.in(ignite).get(KEY);
        RegistryDocument cached = text == null ? null : RegistryDocument.parse(text);
        RegistryDocument stored = fromMeta();
        return cached == null || (stored != null && stored.version() > cached.version()) ? stored : cached;
    }

    private @Nullable RegistryDocument fromMeta() {
        MetaStore.Document document = offline.get().meta().latest(META);
        return document == null ? null : RegistryDocument.parse(document.text());
    }

    /** Puts a version into the cache unless a newer one is there. */
    private void publish(RegistryDocument document) {
        IgniteCache<String, String> cache = Caches.REGISTRY.in(ignite);
        String text = document.text();
        if (cache.putIfAbsent(KEY, text)) {
            return;
        }
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            String current = cache.get(KEY);
            if (current == null
                    ? cache.putIfAbsent(KEY, text)
                    : RegistryDocument.parse(current).version() >= document.version()
                            || cache.replace(KEY, current, text)) {
                return;
            }
        }
        throw new GridException(ErrorCode.CONFLICT, "the registry changes too fast; try again");
    }

    /** Starts the caches of a version that do not run yet. */
    void startCaches(RegistryDocument document) {
        if (document.state() != State.APPLIED) {
            return;
        }
        for (FeatureView view : document.definitions().views().values()) {
            if (view.online()) {
                Caches.start(ignite, Caches.online(view));
            }
        }
        for (TableSchema table : document.definitions().tables()) {
            Caches.start(ignite, Caches.history(table));
        }
    }
}
