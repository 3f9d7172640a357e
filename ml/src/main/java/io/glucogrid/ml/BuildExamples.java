package io.glucogrid.ml;

import io.glucogrid.cgm.Cgm;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.grid.LocalService;
import io.glucogrid.grid.OnlineRegion;
import io.glucogrid.store.OfflineStore;
import io.glucogrid.store.TableSchema;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.lang.IgniteCallable;
import org.apache.ignite.resources.IgniteInstanceResource;

/**
 * Job on the node that owns the buckets: reads their readings from the tier, puts the training examples into the training
 * cache (on this node, since its partitions are the buckets) and answers the sums of each bucket. Doing it twice changes
 * nothing.
 */
final class BuildExamples implements IgniteCallable<Map<Integer, CentredSums>> {
    private static final long serialVersionUID = 1L;
    private static final int BATCH = 1_000;

    /** Part of the default data region that examples may fill: a full region stops the node. */
    private static final int REGION_SHARE = 4;
    /** What an example takes of it with its key. */
    private static final int BYTES_PER_EXAMPLE = 200;

    private final String cache;
    private final String[] inputs;
    private final int[] buckets;
    private final long deadlineMillis;

    @IgniteInstanceResource
    private transient Ignite ignite;

    BuildExamples(String cache, List<String> inputs, int[] buckets, long deadlineMillis) {
        this.cache = cache;
        this.inputs = inputs.toArray(String[]::new);
        this.buckets = buckets;
        this.deadlineMillis = deadlineMillis;
    }

    @Override
    public Map<Integer, CentredSums> call() {
        Deadline deadline = Deadline.in(Duration.ofMillis(deadlineMillis));
        OfflineStore store = new LocalService<>(ignite, OfflineStore.NAME, OfflineStore.class).get();
        TableSchema table = ReadingsTable.of(ignite);
        IgniteCache<ExampleKey, double[]> examples = ignite.cache(cache);
        if (examples == null) {
            throw new GridException(ErrorCode.NOT_READY, "the training was given up");
        }
        ModelInputs columns = ModelInputs.of(List.of(inputs));
        Map<Integer, CentredSums> byBucket = new TreeMap<>();
        long left = capacity();
        for (int bucket : buckets) {
            BucketExamples found = new BucketExamples(columns, table.valueIndex(Cgm.GLUCOSE), left);
            store.scan(table, candidate -> candidate == bucket, row -> {
                deadline.millisLeft("reading the examples");
                found.accept(row);
            });
            CentredSums sums = put(found, examples, deadline);
            byBucket.put(bucket, sums);
            left -= sums.rows();
        }
        return byBucket;
    }

    /** How many examples this node may hold. */
    private long capacity() {
        OnlineRegion region = OnlineRegion.of(ignite);
        return Math.min(region.maxBytes() / REGION_SHARE, region.leftBytes()) / BYTES_PER_EXAMPLE;
    }

    private static CentredSums put(
            BucketExamples found, IgniteCache<ExampleKey, double[]> examples, Deadline deadline) {
        Map<ExampleKey, double[]> batch = new TreeMap<>();
        CentredSums sums = found.forEach((key, example) -> {
            batch.put(key, example);
            if (batch.size() == BATCH) {
                deadline.millisLeft("storing the examples");
                examples.putAll(batch);
                batch.clear();
            }
        });
        examples.putAll(batch);
        return sums;
    }
}
