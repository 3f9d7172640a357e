package io.glucogrid.loaders;

import io.glucogrid.grid.Caches;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.SegmentInfo;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.cache.Cache;
import javax.cache.CacheException;
import javax.cache.event.CacheEntryEvent;
import javax.cache.event.CacheEntryUpdatedListener;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.IgniteException;
import org.apache.ignite.cache.CachePeekMode;
import org.apache.ignite.cache.query.ContinuousQuery;
import org.apache.ignite.cache.query.QueryCursor;
import org.apache.ignite.cache.query.ScanQuery;
import org.apache.ignite.lang.IgniteFuture;
import org.jspecify.annotations.Nullable;

/**
 * The board of a grid: two replicated caches that are written synchronously.
 *
 * <p>A thread that must not wait for the grid is told a token from this node's memory: a continuous query of its own copy is called
 * within each update of it, so before a change returns to whoever made it. The first caller that may wait starts that query;
 * tables that it has not heard of yet are looked up in the copy.
 */
final class GridBoard implements SegmentBoard {
    /** Longest that one change of the board may take; whoever changes it tries again. */
    private static final Duration DEADLINE = Duration.ofSeconds(10);

    private final Ignite ignite;
    private final ConcurrentMap<String, String> heard = new ConcurrentHashMap<>();
    private final Object starting = new Object();
    private volatile boolean hears;

    GridBoard(Ignite ignite) {
        this.ignite = ignite;
    }

    /** What was announced is in every node's copy, and told to it, before the announcement returns. */
    @Override
    public @Nullable String token(String table, boolean mayWait) {
        String known = mayWait ? null : heard.get(table);
        if (known != null) {
            return known;
        }
        try {
            IgniteCache<String, String> versions = Caches.SEGMENT_VERSIONS.in(ignite);
            if (mayWait) {
                hear(versions);
            }
            return mayWait ? within(versions.getAsync(table)) : versions.localPeek(table, CachePeekMode.ALL);
        } catch (CacheException | IgniteException | IllegalStateException failure) {
            throw unreachable(failure);
        }
    }

    /** Versions that are there already are asked for when they are needed: this only hears of changes. */
    private void hear(IgniteCache<String, String> versions) {
        if (hears) {
            return;
        }
        synchronized (starting) {
            if (!hears) {
                ContinuousQuery<String, String> changes = new ContinuousQuery<>();
                changes.setLocal(true); // of a replicated cache, so every change
                changes.setLocalListener(new Heard(heard));
                versions.query(changes); // until the node stops
                hears = true;
            }
        }
    }

    /** Keeps the last version of each table. */
    private static final class Heard implements CacheEntryUpdatedListener<String, String> {
        private final ConcurrentMap<String, String> versions;

        Heard(ConcurrentMap<String, String> versions) {
            this.versions = versions;
        }

        @Override
        public void onUpdated(Iterable<CacheEntryEvent<? extends String, ? extends String>> changes) {
            for (CacheEntryEvent<? extends String, ? extends String> change : changes) {
                String version = change.getValue();
                if (version == null) {
                    versions.remove(change.getKey());
                } else {
                    versions.put(change.getKey(), version);
                }
            }
        }
    }

    /** While a node stops or has lost its peers; a read then does not know what was acknowledged. */
    private static GridException unreachable(RuntimeException failure) {
        return new GridException(
                ErrorCode.NOT_READY, "the grid's list of segments cannot be read: " + failure.getMessage(), failure);
    }

    @Override
    public void announced(String table, boolean mayWait, Consumer<SegmentInfo> segments) {
        String prefix = table + "/";
        try {
            IgniteCache<String, SegmentInfo> cache = Caches.SEGMENTS.in(ignite);
            if (mayWait) {
                try (QueryCursor<Cache.Entry<String, SegmentInfo>> entries = cache.query(new ScanQuery<>())) {
                    entries.forEach(entry -> hand(entry, prefix, segments));
                }
            } else {
                cache.localEntries(CachePeekMode.ALL).forEach(entry -> hand(entry, prefix, segments));
            }
        } catch (CacheException | IgniteException | IllegalStateException failure) {
            throw unreachable(failure);
        }
    }

    private static void hand(Cache.Entry<String, SegmentInfo> entry, String prefix, Consumer<SegmentInfo> segments) {
        if (entry.getKey().startsWith(prefix)) {
            segments.accept(entry.getValue());
        }
    }

    @Override
    public Change announce(String table, Collection<SegmentInfo> segments) {
        Map<String, SegmentInfo> byPath = new TreeMap<>();
        segments.forEach(segment -> byPath.put(segment.path(), segment));
        within(Caches.SEGMENTS.in(ignite).putAllAsync(byPath));
        return change(table, null);
    }

    @Override
    public void withdraw(Collection<SegmentInfo> segments) {
        TreeSet<String> paths = new TreeSet<>();
        segments.forEach(segment -> paths.add(segment.path()));
        within(Caches.SEGMENTS.in(ignite).removeAllAsync(paths));
    }

    @Override
    public Change invalidate(String table) {
        return change(table, UUID.randomUUID().toString());
    }

    @Override
    public long topology() {
        return ignite.cluster().topologyVersion();
    }

    /** Compare-and-set, so that two changes at once never lose one's generation. */
    private Change change(String table, @Nullable String newGeneration) {
        IgniteCache<String, String> versions = Caches.SEGMENT_VERSIONS.in(ignite);
        long end = System.nanoTime() + DEADLINE.toNanos();
        while (System.nanoTime() < end) {
            String before = within(versions.getAsync(table));
            String generation = newGeneration == null ? SegmentBoard.generation(before) : newGeneration;
            String after = UUID.randomUUID() + "/" + generation;
            boolean done = before == null
                    ? within(versions.putIfAbsentAsync(table, after))
                    : within(versions.replaceAsync(table, before, after));
            if (done) {
                return new Change(before, after);
            }
        }
        throw new GridException(ErrorCode.DEADLINE_EXCEEDED, "others kept changing the segments of '" + table + "'");
    }

    private static <T> T within(IgniteFuture<T> written) {
        return written.get(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
    }
}
