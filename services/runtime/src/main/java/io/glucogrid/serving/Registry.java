package io.glucogrid.serving;

import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.registry.RegistryDocument;
import io.glucogrid.registry.RegistryDocument.State;
import io.glucogrid.store.MetaStore;
import io.glucogrid.store.OfflineStore;
import io.glucogrid.store.TableSchema;
import java.time.Duration;
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
 * registry: a change returns only when every node has reported that it compiled the new version, within a deadline. A node that
 * is still starting compiles what the cache holds before it answers anything, and a periodic look at the cache (see {@link
 * Upkeep}) heals a node that started between the two.
 */
final class Registry {
    /** The one entry of the registry cache. */
    private static final String KEY = "registry";

    private static final String META = "registry";
    private static final int ATTEMPTS = 5;
    private static final Logger LOG = LoggerFactory.getLogger(Registry.class);

    private final Ignite ignite;
    private final Supplier<OfflineStore> offline;
    private final Broadcast broadcast;
    private volatile @Nullable Snapshot snapshot;

    Registry(Ignite ignite, Supplier<OfflineStore> offline, Broadcast broadcast) {
        this.ignite = ignite;
        this.offline = offline;
        this.broadcast = broadcast;
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
            apply(first.get(), deadline);
            return;
        }
        publish(stored);
        refresh();
        LOG.info("registry restored version={} state={}", stored.version(), stored.state());
    }

    /** Makes {@code definitions} the ones in force on every node; the same ones again change nothing. */
    RegistryDocument apply(Definitions definitions, Duration deadline) {
        return change(State.APPLIED, definitions, deadline);
    }

    /** Takes all definitions out of force on every node. */
    RegistryDocument tearDown(Duration deadline) {
        RegistryDocument current = newest();
        Definitions before = current == null ? Definitions.empty("none") : current.definitions();
        return change(State.TORN_DOWN, before, deadline);
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

    private RegistryDocument change(State state, Definitions definitions, Duration deadline) {
        for (int attempt = 1; ; attempt++) {
            RegistryDocument current = newest();
            RegistryDocument next = current != null
                            && current.state() == state
                            && current.definitions().equals(definitions)
                    ? current
                    : new RegistryDocument(current == null ? 1 : current.version() + 1, state, definitions);
            try {
                offline.get().meta().publish(META, next.version(), next.text());
            } catch (GridException conflict) {
                if (conflict.code() != ErrorCode.CONFLICT || attempt == ATTEMPTS) {
                    throw conflict;
                }
                continue;
            }
            startCaches(next);
            publish(next);
            for (long version : broadcast.call(new Jobs.RefreshRegistry(), deadline)) {
                if (version != 0 && version < next.version()) {
                    throw new GridException(
                            ErrorCode.INTERNAL, "a node kept registry version " + version + " of " + next.version());
                }
            }
            refresh();
            return next;
        }
    }

    /** The newest version that the cache or the tier has. */
    private @Nullable RegistryDocument newest() {
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

    private void startCaches(RegistryDocument document) {
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
