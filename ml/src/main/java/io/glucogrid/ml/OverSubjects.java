package io.glucogrid.ml;

import io.glucogrid.forecast.Population;
import io.glucogrid.forecast.SubjectSeries;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.ignite.Ignite;
import org.apache.ignite.lang.IgniteCallable;
import org.apache.ignite.resources.IgniteInstanceResource;

/** Job on the node that owns the buckets: one pass of a training over their subjects; answers one result per bucket. */
final class OverSubjects<R> implements IgniteCallable<Map<Integer, R>> {
    private static final long serialVersionUID = 1L;

    private final int[] buckets;

    @SuppressWarnings("serial") // marshalled by Ignite's binary format
    private final Population.Work<R> work;

    private final double share;
    private final long throughMicros;
    private final long knownMicros;
    private final long deadlineMillis;

    @IgniteInstanceResource
    private transient Ignite ignite;

    /** @param share leading part of each subject's readings that may be fitted to */
    OverSubjects(int[] buckets, Population.Work<R> work, double share, Cut cut, long deadlineMillis) {
        this.buckets = buckets;
        this.work = work;
        this.share = share;
        this.throughMicros = cut.throughMicros();
        this.knownMicros = cut.knownMicros();
        this.deadlineMillis = deadlineMillis;
    }

    @Override
    public Map<Integer, R> call() {
        Map<Integer, R> results = new TreeMap<>();
        Cut cut = new Cut(throughMicros, knownMicros);
        TierReadings.forEach(ignite, buckets, Deadline.in(Duration.ofMillis(deadlineMillis)), (bucket, subjects) -> {
            if (!subjects.isEmpty()) {
                results.put(bucket, work.of(seen(subjects, share, cut)));
            }
        });
        return results;
    }

    /** Of each subject the leading part of the readings up to a cut. */
    static List<Population.Seen> seen(Map<Long, SubjectReadings> subjects, double share, Cut cut) {
        List<Population.Seen> seen = new ArrayList<>(subjects.size());
        subjects.forEach((id, readings) -> {
            SubjectSeries series = readings.upTo(cut).series(id);
            // a hair above, or 0.8 of 10 would be 7
            seen.add(new Population.Seen(series, (int) Math.floor(share * series.readings() + 1e-9)));
        });
        return seen;
    }
}
