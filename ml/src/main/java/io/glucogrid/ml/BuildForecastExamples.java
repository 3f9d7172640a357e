package io.glucogrid.ml;

import io.glucogrid.forecast.CompactFeatures;
import io.glucogrid.forecast.Examples;
import io.glucogrid.forecast.Population;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.grid.OnlineRegion;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.lang.IgniteCallable;
import org.apache.ignite.resources.IgniteInstanceResource;

/**
 * Job on the node that owns the buckets: puts the examples of one horizon into the training cache, each as its raw features and
 * (last) its label, keyed by subject and event time of the anchor; answers how many. Doing it twice changes nothing.
 */
final class BuildForecastExamples implements IgniteCallable<Long> {
    private static final long serialVersionUID = 1L;
    private static final int BATCH = 1_000;

    /** Part of the default data region that examples may fill: a full region stops the node. */
    private static final int REGION_SHARE = 4;
    /** What an example takes of it with its key. */
    private static final int BYTES_PER_EXAMPLE = 260;

    private final String cache;
    private final int horizonSlots;
    private final int[] buckets;
    private final double share;
    private final long deadlineMillis;

    @IgniteInstanceResource
    private transient Ignite ignite;

    BuildForecastExamples(String cache, int horizonSlots, int[] buckets, double share, long deadlineMillis) {
        this.cache = cache;
        this.horizonSlots = horizonSlots;
        this.buckets = buckets;
        this.share = share;
        this.deadlineMillis = deadlineMillis;
    }

    @Override
    public Long call() {
        IgniteCache<ExampleKey, double[]> examples = ignite.cache(cache);
        if (examples == null) {
            throw new GridException(ErrorCode.NOT_READY, "the training was given up");
        }
        OnlineRegion region = OnlineRegion.of(ignite);
        long capacity = Math.min(region.maxBytes() / REGION_SHARE, region.leftBytes()) / BYTES_PER_EXAMPLE;
        long[] rows = new long[1];
        TierReadings.forEach(ignite, buckets, Deadline.in(Duration.ofMillis(deadlineMillis)), (bucket, subjects) -> {
            for (Population.Seen subject : OverSubjects.seen(subjects, share)) {
                rows[0] += put(subject, examples, capacity - rows[0]);
            }
        });
        return rows[0];
    }

    private int put(Population.Seen subject, IgniteCache<ExampleKey, double[]> cacheOfExamples, long capacity) {
        Examples examples = Examples.of(subject.series(), horizonSlots);
        int size = examples.targetsBefore(subject.readings());
        if (size > capacity) {
            throw new GridException(
                    ErrorCode.TOO_LARGE,
                    "there are more training examples than this node has memory for; kinds v3, v4 and v5 need none");
        }
        Map<ExampleKey, double[]> batch = new TreeMap<>();
        for (int i = 0; i < size; i++) {
            int at = examples.featuresAt(i);
            double[] row = Arrays.copyOfRange(examples.features(), at, at + CompactFeatures.COUNT + 1);
            row[CompactFeatures.COUNT] = examples.target(i);
            batch.put(new ExampleKey(subject.series().subjectId(), examples.anchorMicros(i)), row);
            if (batch.size() == BATCH) {
                cacheOfExamples.putAll(batch);
                batch.clear();
            }
        }
        cacheOfExamples.putAll(batch);
        return size;
    }
}
