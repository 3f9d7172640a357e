package io.glucogrid.ml;

import io.glucogrid.grid.Buckets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.ignite.Ignite;
import org.apache.ignite.cluster.ClusterNode;

/** Which node a bucket's work belongs to: the primary of its partition. */
final class BucketOwners {
    private BucketOwners() {}

    /** Buckets by the node that holds them in a cache whose partitions are the buckets. */
    static Map<ClusterNode, int[]> of(Ignite ignite, String cache) {
        List<Integer> buckets = IntStream.range(0, Buckets.COUNT).boxed().toList();
        Map<ClusterNode, List<Integer>> owned = new LinkedHashMap<>();
        ignite.affinity(cache).mapPartitionsToNodes(buckets).forEach((bucket, node) -> owned.computeIfAbsent(
                        node, key -> new ArrayList<>())
                .add(bucket));
        Map<ClusterNode, int[]> owners = new LinkedHashMap<>();
        owned.forEach((node, list) ->
                owners.put(node, list.stream().mapToInt(Integer::intValue).toArray()));
        return owners;
    }
}
