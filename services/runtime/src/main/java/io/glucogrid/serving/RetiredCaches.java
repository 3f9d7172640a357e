package io.glucogrid.serving;

import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.grid.Caches;
import io.glucogrid.registry.RegistryDocument;
import io.glucogrid.store.TableSchema;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.ignite.Ignite;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes online caches of layouts that no version in force has, a while after the change: a push or a stream's batch that was
 * under way with the old version has ended by then, and what it wrote is carried over first. Not thread-safe.
 */
final class RetiredCaches {
    private static final int VERSIONS = 50;
    private static final Logger LOG = LoggerFactory.getLogger(RetiredCaches.class);

    private final Ignite ignite;
    private final Registry registry;
    private final RowCarrier carrier;
    private final Duration grace;
    private final Duration deadline;
    private long version;
    private long changedNanos;
    private boolean done = true;

    RetiredCaches(Ignite ignite, Registry registry, RowCarrier carrier, Duration grace, Duration deadline) {
        this.ignite = ignite;
        this.registry = registry;
        this.carrier = carrier;
        this.grace = grace;
        this.deadline = deadline;
    }

    /** Notes a change of the registry; on the oldest node, cleans up after it when its time has come. */
    void step() {
        RegistryDocument current = registry.snapshot().document();
        if (current.version() != version) {
            done = version == 0 && current.version() == 1;
            version = current.version();
            changedNanos = System.nanoTime();
        }
        if (!done
                && System.nanoTime() - changedNanos > grace.toNanos()
                && ignite.cluster().forServers().forOldest().node().isLocal()) {
            remove();
            done = true;
        }
    }

    /** Carries what is left in caches of former layouts, and removes them. */
    void remove() {
        RegistryDocument current = registry.snapshot().document();
        List<RegistryDocument> versions = registry.versions(VERSIONS);
        Set<String> used = new HashSet<>(names(current.definitions()));
        if (!versions.isEmpty()) {
            used.addAll(names(versions.get(0).definitions()));
        }
        Definitions now = current.inForce();
        for (RegistryDocument former : versions) {
            if (former.version() >= current.version()) {
                continue;
            }
            carrier.carry(former.inForce(), now, deadline);
            clearHotHistory(former.definitions(), now);
            for (String name : names(former.definitions())) {
                if (!used.contains(name) && ignite.cacheNames().contains(name) && !isUsed(name)) {
                    ignite.destroyCache(name);
                    LOG.info("online cache of a former layout removed cache={}", name);
                    startAgainIfUsed(name);
                }
            }
        }
    }

    private boolean isUsed(String name) {
        RegistryDocument newest = registry.newest();
        return newest != null && names(newest.definitions()).contains(name);
    }

    /**
     * A change that brings the layout back may have looked just before the cache went. It publishes its document before it
     * looks, so it shows here; its rows are carried again after its own time of grace.
     */
    private void startAgainIfUsed(String name) {
        RegistryDocument newest = registry.newest();
        if (newest != null && names(newest.definitions()).contains(name)) {
            registry.startCaches(newest);
        }
    }

    /** Rows of a hot window follow the table's columns: where those changed, the window starts anew from the tier. */
    void clearHotHistory(Definitions before, Definitions now) {
        for (TableSchema table : now.tables()) {
            for (TableSchema old : before.tables()) {
                String cache = Caches.history(table).name();
                if (old.name().equals(table.name())
                        && !old.values().equals(table.values())
                        && ignite.cacheNames().contains(cache)) {
                    Waits.within(ignite.cache(cache).clearAsync(), deadline.toNanos(), "clearing '" + cache + "'");
                }
            }
        }
    }

    private static Set<String> names(Definitions definitions) {
        Set<String> names = new HashSet<>();
        for (FeatureView view : definitions.views().values()) {
            names.add(Caches.online(view).name());
        }
        return names;
    }
}
