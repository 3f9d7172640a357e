package io.glucogrid.ml;

import io.glucogrid.grid.Caches;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.ignite.Ignite;
import org.apache.ignite.cluster.ClusterNode;
import org.apache.ignite.lang.IgniteCallable;
import org.apache.ignite.resources.IgniteInstanceResource;

/** Job on the node that owns the buckets: what their readings are, by bucket. The first look of every training. */
final class DescribeReadings implements IgniteCallable<Map<Integer, TrainingData>> {
    private static final long serialVersionUID = 1L;
    private static final String DOING = "looking over the readings";

    private final int[] buckets;
    private final double share;
    private final long deadlineMillis;

    @IgniteInstanceResource
    private transient Ignite ignite;

    private DescribeReadings(int[] buckets, double share, long deadlineMillis) {
        this.buckets = buckets;
        this.share = share;
        this.deadlineMillis = deadlineMillis;
    }

    /** What the whole tier has now. */
    static TrainingData everywhere(Ignite ignite, double share, Deadline deadline) {
        Map<ClusterNode, IgniteCallable<Map<Integer, TrainingData>>> jobs = new LinkedHashMap<>();
        BucketOwners.of(ignite, Caches.SUBJECT_STATES.name())
                .forEach((node, buckets) ->
                        jobs.put(node, new DescribeReadings(buckets, share, deadline.millisLeft(DOING))));
        TrainingData all = new TrainingData();
        new ServerCalls(ignite).onEach(jobs, DOING, deadline).values().forEach(answers -> answers.values()
                .forEach(all::merge));
        return all;
    }

    @Override
    public Map<Integer, TrainingData> call() {
        Map<Integer, TrainingData> byBucket = new TreeMap<>();
        TierReadings.forEach(ignite, buckets, Deadline.in(Duration.ofMillis(deadlineMillis)), (bucket, subjects) -> {
            if (!subjects.isEmpty()) {
                TrainingData data = new TrainingData();
                subjects.values().forEach(data::found);
                OverSubjects.seen(subjects, share, Cut.NONE).forEach(data::add);
                byBucket.put(bucket, data);
            }
        });
        return byBucket;
    }
}
