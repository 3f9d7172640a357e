package io.glucogrid.cluster;

import io.glucogrid.grid.Buckets;
import io.glucogrid.grid.Caches;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;

/**
 * Partitions whose last copy went with a node, as this node sees them.
 *
 * @param caches names of all caches that have some
 * @param online those of the caches of online rows; a partition is a bucket of the tier
 * @param replicated names of replicated caches that have some: what only the grid knows of itself is gone then
 */
public record LostPartitions(List<String> caches, BitSet online, List<String> replicated) {
    private static final Set<String> REPLICATED = Set.of(
            Caches.REGISTRY.name(),
            Caches.SEGMENTS.name(),
            Caches.SEGMENT_VERSIONS.name(),
            Caches.MODELS.name(),
            Caches.ACTIVE_MODELS.name(),
            Caches.CLAIMS.name());

    /** Those of now. */
    public static LostPartitions of(Ignite ignite) {
        List<String> caches = new ArrayList<>();
        List<String> replicated = new ArrayList<>();
        BitSet online = new BitSet(Buckets.COUNT);
        for (String name : ignite.cacheNames()) {
            IgniteCache<Object, Object> cache = ignite.cache(name);
            Collection<Integer> lost = cache == null ? List.of() : cache.lostPartitions();
            if (lost.isEmpty()) {
                continue;
            }
            caches.add(name);
            if (name.startsWith(Caches.ONLINE_PREFIX)) {
                lost.forEach(online::set);
            } else if (REPLICATED.contains(name)) {
                replicated.add(name);
            }
        }
        return new LostPartitions(caches, online, replicated);
    }

    /** Whether every partition has an owner. */
    public boolean isEmpty() {
        return caches.isEmpty();
    }
}
