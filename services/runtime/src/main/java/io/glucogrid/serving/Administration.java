package io.glucogrid.serving;

import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.registry.DefinitionFiles;
import io.glucogrid.registry.RegistryDocument;
import io.glucogrid.store.OfflineStore;
import io.glucogrid.store.TableSchema;
import java.time.Duration;
import java.util.function.Supplier;
import org.apache.ignite.Ignite;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Setup and teardown of everything that definitions bring with them. */
final class Administration {
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final Logger LOG = LoggerFactory.getLogger(Administration.class);

    private final Ignite ignite;
    private final Registry registry;
    private final DefinitionFiles files;
    private final Supplier<OfflineStore> offline;
    private final OnlineStates states;
    private final Broadcast broadcast;
    private final boolean teardownEnabled;

    Administration(
            Ignite ignite,
            Registry registry,
            DefinitionFiles files,
            Supplier<OfflineStore> offline,
            OnlineStates states,
            Broadcast broadcast,
            boolean teardownEnabled) {
        this.ignite = ignite;
        this.registry = registry;
        this.files = files;
        this.offline = offline;
        this.states = states;
        this.broadcast = broadcast;
        this.teardownEnabled = teardownEnabled;
    }

    /**
     * Applies the node's definition files; streams that a teardown paused go on.
     *
     * @throws GridException INVALID_REQUEST that names every problem of the files, which the caller can mend
     */
    RegistryDocument setup() {
        boolean wasTornDown =
                registry.isLoaded() && registry.snapshot().document().state() == RegistryDocument.State.TORN_DOWN;
        RegistryDocument applied = registry.apply(definitions(), DEADLINE);
        if (wasTornDown) {
            broadcast.run(new Jobs.SwitchStreams(true), DEADLINE);
        }
        return applied;
    }

    private Definitions definitions() {
        try {
            return files.read();
        } catch (GridException unusable) {
            throw new GridException(ErrorCode.INVALID_REQUEST, unusable.reason(), unusable);
        }
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
        broadcast.run(new Jobs.SwitchStreams(false), DEADLINE);
        Definitions before = registry.tearDown(DEADLINE).definitions();
        for (FeatureView view : before.views().values()) {
            clear(Caches.online(view).name());
        }
        for (TableSchema table : before.tables()) {
            clear(Caches.history(table).name());
            offline.get().drop(table);
        }
        states.clear();
        LOG.info("teardown done project={}", before.project());
    }

    /** Not a removal: what a history cache holds must not be deleted from the tier row by row. */
    private void clear(String cache) {
        if (ignite.cacheNames().contains(cache)) {
            Waits.within(ignite.cache(cache).clearAsync(), DEADLINE.toNanos(), "clearing '" + cache + "'");
        }
    }
}
