package io.glucogrid.ml;

import io.glucogrid.forecast.CompactFeatures;
import io.glucogrid.forecast.Examples;
import io.glucogrid.forecast.GramSums;
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
 * (last) its label, keyed by subject and event time of the anchor; answers their sums by bucket. Doing it twice changes nothing.
 */
final class BuildForecastExamples implements IgniteCallable<Map<Integer, GramSums>> {
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
    private final long throughMicros;
    private final long knownMicros;
    private final long deadlineMillis;

    @IgniteInstanceResource
    private transient Ignite ignite;

    BuildForecastExamples(String cache, int horizonSlots, int[] buckets, double share, Cut cut, long deadlineMillis) {
        this.cache = cache;
        this.horizonSlots = horizonSlots;
        this.buckets = buckets;
        this.share = share;
        this.throughMicros = cut.throughMicros();
        this.knownMicros = cut.knownMicros();
        this.deadlineMillis = deadlineMillis;
    }

    @Override
    public Map<Integer, GramSums> call() {
        IgniteCache<ExampleKey, double[]> examples = ignite.cache(cache);
        if (examples == null) {
            throw new GridException(ErrorCode.NOT_READY, "the training was given up");
        }
        OnlineRegion region = OnlineRegion.of(ignite);
        long capacity = Math.min(region.maxBytes() / REGION_SHARE, region.leftBytes()) / BYTES_PER_EXAMPLE;
        Cut cut = new Cut(throughMicros, knownMicros);
        Map<Integer, GramSums> byBucket = new TreeMap<>();
        long[] left = {capacity};
        TierReadings.forEach(ignite, buckets, Deadline.in(Duration.ofMillis(deadlineMillis)), (bucket, subjects) -> {
            GramSums sums = GramSums.empty(CompactFeatures.COUNT, 1);
            for (Population.Seen subject : OverSubjects.seen(subjects, share, cut)) {
                GramSums own = put(subject, examples, left[0]);
                left[0] -= Math.round(own.count());
                sums.merge(own);
            }
            byBucket.put(bucket, sums);
        });
        return byBucket;
    }

    private GramSums put(Population.Seen subject, IgniteCache<ExampleKey, double[]> cacheOfExamples, long capacity) {
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
        return examples.sums(0, size);
    }
}
