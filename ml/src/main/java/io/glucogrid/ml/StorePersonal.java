package io.glucogrid.ml;

import io.glucogrid.forecast.CompactFeatures;
import io.glucogrid.forecast.Examples;
import io.glucogrid.forecast.Horizons;
import io.glucogrid.forecast.PersonalFit;
import io.glucogrid.forecast.Population;
import io.glucogrid.forecast.RidgeSolver;
import io.glucogrid.forecast.SubjectState;
import io.glucogrid.grid.Caches;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import javax.cache.Cache;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.cache.query.QueryCursor;
import org.apache.ignite.cache.query.ScanQuery;
import org.apache.ignite.lang.IgniteCallable;
import org.apache.ignite.resources.IgniteInstanceResource;

/**
 * Job on the node that owns the buckets: fits the own coefficients under a model of each of their subjects that has enough labels,
 * and stores them; answers how many. Either from the readings of the tier, or, touching none, from the sums in the subjects' states. Idempotent.
 */
final class StorePersonal implements IgniteCallable<Integer> {
    private static final long serialVersionUID = 1L;
    private static final int BATCH = 1_000;

    private final int[] buckets;
    /** The model's document: what is not on this node yet travels with the job. */
    private final String model;

    private final boolean fromSums;
    private final long deadlineMillis;

    @IgniteInstanceResource
    private transient Ignite ignite;

    StorePersonal(int[] buckets, String model, boolean fromSums, long deadlineMillis) {
        this.buckets = buckets;
        this.model = model;
        this.fromSums = fromSums;
        this.deadlineMillis = deadlineMillis;
    }

    @Override
    public Integer call() {
        Deadline deadline = Deadline.in(Duration.ofMillis(deadlineMillis));
        ForecastVersion version = ModelJson.readForecaster(model);
        Writer writer = new Writer(Caches.personal(version.id()).in(ignite), new Forgotten(ignite), deadline);
        if (fromSums) {
            fromSums(version, writer, deadline);
        } else {
            fromTier(version, writer, deadline);
        }
        writer.flush();
        return writer.written;
    }

    private void fromTier(ForecastVersion version, Writer writer, Deadline deadline) {
        TierReadings.forEach(ignite, buckets, deadline, (bucket, subjects) -> {
            for (Population.Seen subject : OverSubjects.seen(subjects, version.share(), version.cut())) {
                if (labels(subject) >= enough(version)) {
                    writer.put(
                            subject.series().subjectId(),
                            PersonalFit.of(version.model(), version.kind(), Horizons.STANDARD, subject));
                }
            }
        });
    }

    /** Of the longest horizon, which has the fewest. */
    private static int labels(Population.Seen subject) {
        int longest = Horizons.STANDARD.slots(Horizons.STANDARD.count() - 1);
        return Examples.of(subject.series(), longest).targetsBefore(subject.readings());
    }

    /** Labels from which coefficients are a subject's own; below, the population's are as good and do not pretend. */
    private static int enough(ForecastVersion version) {
        return Math.max(1, version.model().gateLabels());
    }

    private void fromSums(ForecastVersion version, Writer writer, Deadline deadline) {
        RidgeSolver solver = new RidgeSolver(CompactFeatures.COUNT + 1);
        SubjectState state = SubjectState.empty(Horizons.STANDARD);
        for (int bucket : buckets) {
            ScanQuery<Long, byte[]> query = new ScanQuery<>(bucket);
            try (QueryCursor<Cache.Entry<Long, byte[]>> entries =
                    Caches.SUBJECT_STATES.in(ignite).query(query)) {
                for (Cache.Entry<Long, byte[]> entry : entries) {
                    deadline.millisLeft("fitting subjects' own coefficients");
                    state.load(entry.getValue());
                    if (state.labels(Horizons.STANDARD.count() - 1) >= enough(version)) {
                        writer.put(entry.getKey(), PersonalFit.of(version.model(), state, solver));
                    }
                }
            }
        }
    }

    /** Puts in batches. */
    private static final class Writer {
        private final IgniteCache<Long, double[]> cache;
        private final Forgotten forgotten;
        private final Deadline deadline;
        private final Map<Long, double[]> batch = new TreeMap<>();
        private int written;

        Writer(IgniteCache<Long, double[]> cache, Forgotten forgotten, Deadline deadline) {
            this.cache = cache;
            this.forgotten = forgotten;
            this.deadline = deadline;
        }

        void put(long subject, double[] coefficients) {
            batch.put(subject, coefficients);
            written++;
            if (batch.size() == BATCH) {
                flush();
            }
        }

        void flush() {
            forgotten.leaveOutOf(batch.keySet());
            CacheCalls.done(() -> cache.putAllAsync(batch), "storing subjects' own coefficients", deadline);
            batch.clear();
        }
    }
}
