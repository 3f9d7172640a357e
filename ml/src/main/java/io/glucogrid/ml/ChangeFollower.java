package io.glucogrid.ml;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.cache.query.ContinuousQuery;
import org.apache.ignite.cache.query.QueryCursor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does something after every change of some caches, as this node's own copy of them sees it: the news of a change from the key's
 * primary node may come before the change itself. Cache reads do not belong on the thread that reports a change, and one
 * reaction serves many changes, so it is another thread that reacts.
 */
final class ChangeFollower implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ChangeFollower.class);

    private final Runnable reaction;
    private final ScheduledExecutorService background;
    private final AtomicBoolean requested = new AtomicBoolean();
    private final List<QueryCursor<?>> queries = new ArrayList<>();

    ChangeFollower(Runnable reaction, ScheduledExecutorService background) {
        this.reaction = reaction;
        this.background = background;
    }

    <K, V> void follow(IgniteCache<K, V> cache) {
        ContinuousQuery<K, V> query = new ContinuousQuery<>();
        query.setLocal(true);
        query.setLocalListener(events -> request());
        queries.add(cache.query(query));
    }

    @Override
    public void close() {
        for (QueryCursor<?> query : queries) {
            try {
                query.close();
            } catch (RuntimeException stopping) {
                LOG.debug("a continuous query ended with its node", stopping);
            }
        }
    }

    private void request() {
        if (requested.compareAndSet(false, true)) {
            try {
                background.execute(this::react);
            } catch (RejectedExecutionException closed) {
                LOG.debug("a change came while the node stops");
            }
        }
    }

    private void react() {
        requested.set(false);
        try {
            reaction.run();
        } catch (RuntimeException failure) {
            if (!background.isShutdown()) {
                LOG.warn("could not react to a change", failure);
            }
        }
    }
}
