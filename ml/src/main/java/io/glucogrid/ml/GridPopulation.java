package io.glucogrid.ml;

import io.glucogrid.forecast.Population;
import io.glucogrid.grid.Caches;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.ignite.Ignite;
import org.apache.ignite.cluster.ClusterNode;
import org.apache.ignite.lang.IgniteCallable;

/**
 * The subjects of the whole tier, each bucket's on the node that owns it. Results come in the order of the buckets, so that the
 * number of nodes does not change what they add up to.
 */
final class GridPopulation implements Population {
    private static final String DOING = "training";

    private final Ignite ignite;
    private final ServerCalls servers;
    private final double share;
    private final Cut cut;
    private final Deadline deadline;

    GridPopulation(Ignite ignite, double share, Cut cut, Deadline deadline) {
        this.ignite = ignite;
        this.servers = new ServerCalls(ignite);
        this.share = share;
        this.cut = cut;
        this.deadline = deadline;
    }

    @Override
    public <R> List<R> map(Work<R> work) {
        Map<ClusterNode, IgniteCallable<Map<Integer, R>>> jobs = new LinkedHashMap<>();
        BucketOwners.of(ignite, Caches.SUBJECT_STATES.name())
                .forEach((node, buckets) ->
                        jobs.put(node, new OverSubjects<>(buckets, work, share, cut, deadline.millisLeft(DOING))));
        Map<Integer, R> byBucket = new TreeMap<>();
        servers.onEach(jobs, DOING, deadline).values().forEach(byBucket::putAll);
        return List.copyOf(byBucket.values());
    }
}
