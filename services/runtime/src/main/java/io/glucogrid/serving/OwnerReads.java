package io.glucogrid.serving;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.grid.CacheRef;
import io.glucogrid.grid.Deadline;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteException;
import org.apache.ignite.cache.affinity.Affinity;
import org.apache.ignite.cluster.ClusterNode;
import org.apache.ignite.lang.IgniteFuture;
import org.jspecify.annotations.Nullable;

/**
 * Rows that this node does not hold.
 *
 * <p>Where they belong to one view, a batch read of its cache asks each owner once. Where they belong to several, as many batch
 * reads would ask each owner as many times; so each owner gets one job, which reads all views.
 *
 * <p>A job fails when its node leaves the grid, or has not all the caches yet. What it was asked for is then read cache by
 * cache, which knows the new owners, within what is left of the deadline.
 */
final class OwnerReads {
    /** Executor of the node's XML. Its jobs look at memory, and never wait behind those that materialize or apply. */
    private static final String EXECUTOR = "reads";

    private static final String WHAT = "the online read";

    private final Ignite ignite;
    private final List<CacheRef<Object, FeatureRow>> caches;
    private final Deadline deadline;
    private final List<Map<Object, FeatureRow>> found = new ArrayList<>();

    private OwnerReads(Ignite ignite, List<CacheRef<Object, FeatureRow>> caches, Deadline deadline) {
        this.ignite = ignite;
        this.caches = caches;
        this.deadline = deadline;
    }

    /** What one owner is asked for: keys by position of their cache. */
    private record Ask(ClusterNode owner, Map<Integer, List<Object>> keys) {}

    /** An ask on its way; {@code rows} is null where it could not be sent. */
    private record Asked(Ask ask, @Nullable IgniteFuture<FeatureRow[][]> rows) {}

    /**
     * The rows that exist, by key, of each cache.
     *
     * @param keys what is wanted of each cache, in the order of {@code caches}
     * @throws GridException DEADLINE_EXCEEDED
     */
    static List<Map<Object, FeatureRow>> read(
            Ignite ignite, List<CacheRef<Object, FeatureRow>> caches, List<Set<Object>> keys, Deadline deadline) {
        OwnerReads reads = new OwnerReads(ignite, caches, deadline);
        caches.forEach(cache -> reads.found.add(new HashMap<>()));
        Map<Integer, Set<Object>> direct = new LinkedHashMap<>();
        List<Asked> asked = new ArrayList<>();
        if (keys.stream().filter(wanted -> !wanted.isEmpty()).count() > 1) {
            reads.byOwner(keys, direct).forEach(ask -> asked.add(new Asked(ask, reads.send(ask))));
        } else {
            for (int cache = 0; cache < caches.size(); cache++) {
                add(direct, cache, keys.get(cache));
            }
        }
        reads.askCaches(direct);
        Map<Integer, Set<Object>> failed = new LinkedHashMap<>();
        for (Asked one : asked) {
            if (!reads.take(one)) {
                one.ask().keys().forEach((cache, lost) -> add(failed, cache, lost));
            }
        }
        reads.askCaches(failed);
        return reads.found;
    }

    private static void add(Map<Integer, Set<Object>> byCache, int cache, Collection<Object> keys) {
        if (!keys.isEmpty()) {
            byCache.computeIfAbsent(cache, first -> new LinkedHashSet<>()).addAll(keys);
        }
    }

    /** Groups keys by the node that owns them; {@code direct} gets those of this node and of nobody. */
    private Collection<Ask> byOwner(List<Set<Object>> keys, Map<Integer, Set<Object>> direct) {
        ClusterNode local = ignite.cluster().localNode();
        Map<ClusterNode, Ask> asks = new LinkedHashMap<>();
        for (int cache = 0; cache < keys.size(); cache++) {
            List<Object> own = new ArrayList<>();
            if (!keys.get(cache).isEmpty()) {
                Affinity<Object> affinity = ignite.affinity(caches.get(cache).name());
                for (Object key : keys.get(cache)) {
                    ClusterNode owner = affinity.mapKeyToNode(key);
                    if (owner == null || owner.equals(local)) {
                        own.add(key);
                    } else {
                        asks.computeIfAbsent(owner, first -> new Ask(first, new LinkedHashMap<>()))
                                .keys()
                                .computeIfAbsent(cache, first -> new ArrayList<>())
                                .add(key);
                    }
                }
            }
            add(direct, cache, own);
        }
        return asks.values();
    }

    private @Nullable IgniteFuture<FeatureRow[][]> send(Ask ask) {
        String[] names = ask.keys().keySet().stream()
                .map(cache -> caches.get(cache).name())
                .toArray(String[]::new);
        Object[][] keys = ask.keys().values().stream().map(List::toArray).toArray(Object[][]::new);
        try {
            return ignite.compute(ignite.cluster().forNode(ask.owner()))
                    .withNoFailover()
                    .withExecutor(EXECUTOR)
                    .callAsync(new Jobs.ReadRows(names, keys, deadline.left(WHAT)));
        } catch (IgniteException gone) {
            return null;
        }
    }

    /** Keeps the rows of a job; false where it failed. */
    private boolean take(Asked asked) {
        IgniteFuture<FeatureRow[][]> future = asked.rows();
        if (future == null) {
            return false;
        }
        @Nullable FeatureRow[][] rows;
        try {
            rows = Waits.within(future, deadline.leftNanos(), WHAT);
        } catch (GridException failed) {
            if (failed.code() == ErrorCode.DEADLINE_EXCEEDED) {
                throw failed;
            }
            return false;
        }
        int position = 0;
        for (Map.Entry<Integer, List<Object>> keys : asked.ask().keys().entrySet()) {
            Map<Object, FeatureRow> known = found.get(keys.getKey());
            for (int i = 0; i < keys.getValue().size(); i++) {
                FeatureRow row = rows[position][i];
                if (row != null) {
                    known.put(keys.getValue().get(i), row);
                }
            }
            position++;
        }
        return true;
    }

    /** One batch read per cache, all at the same time. */
    private void askCaches(Map<Integer, Set<Object>> keys) {
        Map<Integer, IgniteFuture<Map<Object, FeatureRow>>> asked = new LinkedHashMap<>();
        keys.forEach(
                (cache, wanted) -> asked.put(cache, caches.get(cache).in(ignite).getAllAsync(wanted)));
        asked.forEach((cache, rows) -> found.get(cache).putAll(Waits.within(rows, deadline.leftNanos(), WHAT)));
    }
}
