package io.glucogrid.ml;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.time.Duration;
import javax.cache.Cache;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.cache.query.QueryCursor;
import org.apache.ignite.cache.query.ScanQuery;
import org.apache.ignite.lang.IgniteCallable;
import org.apache.ignite.resources.IgniteInstanceResource;

/** Job on the node that owns the buckets: the residuals of a model on their training examples. */
final class MeasureResiduals implements IgniteCallable<ResidualSums> {
    private static final long serialVersionUID = 1L;

    private final String cache;
    private final int[] buckets;
    /** By input, the intercept last. */
    private final double[] coefficients;

    private final long deadlineMillis;

    @IgniteInstanceResource
    private transient Ignite ignite;

    MeasureResiduals(String cache, int[] buckets, double[] coefficients, long deadlineMillis) {
        this.cache = cache;
        this.buckets = buckets;
        this.coefficients = coefficients;
        this.deadlineMillis = deadlineMillis;
    }

    @Override
    public ResidualSums call() {
        Deadline deadline = Deadline.in(Duration.ofMillis(deadlineMillis));
        IgniteCache<ExampleKey, double[]> examples = ignite.cache(cache);
        if (examples == null) {
            throw new GridException(ErrorCode.NOT_READY, "the training was given up");
        }
        ResidualSums sums = new ResidualSums();
        for (int bucket : buckets) {
            ScanQuery<ExampleKey, double[]> query = new ScanQuery<>(bucket);
            try (QueryCursor<Cache.Entry<ExampleKey, double[]>> entries = examples.query(query)) {
                for (Cache.Entry<ExampleKey, double[]> entry : entries) {
                    deadline.millisLeft("measuring the model");
                    sums.add(residual(entry.getValue()));
                }
            }
        }
        return sums;
    }

    private double residual(double[] example) {
        int inputs = coefficients.length - 1;
        double expected = coefficients[inputs];
        for (int i = 0; i < inputs; i++) {
            expected += coefficients[i] * example[i];
        }
        return example[inputs] - expected;
    }
}
