package io.glucogrid.ml;

import io.glucogrid.forecast.GramSums;
import io.glucogrid.forecast.Horizons;
import io.glucogrid.forecast.SubjectState;
import io.glucogrid.grid.Caches;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import javax.cache.Cache;
import org.apache.ignite.Ignite;
import org.apache.ignite.cache.query.QueryCursor;
import org.apache.ignite.cache.query.ScanQuery;
import org.apache.ignite.lang.IgniteCallable;
import org.apache.ignite.resources.IgniteInstanceResource;

/** Job on the node that owns the buckets: what all their subjects have taught, by bucket. No reading is touched. */
final class SumStates implements IgniteCallable<Map<Integer, SumStates.Sums>> {
    private static final long serialVersionUID = 1L;

    private final int[] buckets;
    private final long deadlineMillis;

    @IgniteInstanceResource
    private transient Ignite ignite;

    SumStates(int[] buckets, long deadlineMillis) {
        this.buckets = buckets;
        this.deadlineMillis = deadlineMillis;
    }

    @Override
    public Map<Integer, Sums> call() {
        Deadline deadline = Deadline.in(Duration.ofMillis(deadlineMillis));
        Map<Integer, Sums> sums = new TreeMap<>();
        for (int bucket : buckets) {
            // By rising subject: sums do not depend on the order in which a partition is scanned.
            TreeMap<Long, byte[]> states = new TreeMap<>();
            try (QueryCursor<Cache.Entry<Long, byte[]>> entries =
                    Caches.SUBJECT_STATES.in(ignite).query(new ScanQuery<Long, byte[]>(bucket))) {
                for (Cache.Entry<Long, byte[]> entry : entries) {
                    deadline.millisLeft("adding up subjects' sums");
                    states.put(entry.getKey(), entry.getValue());
                }
            }
            if (!states.isEmpty()) {
                sums.put(bucket, Sums.of(states));
            }
        }
        return sums;
    }

    /** Sums over subjects, by standard horizon. */
    static final class Sums {
        private final GramSums[] byHorizon;
        private int subjects;
        private long toMicros = Long.MIN_VALUE;
        /** Sum of one hash per subject: the same in any order. */
        private long hash;

        private Sums(GramSums[] byHorizon) {
            this.byHorizon = byHorizon;
        }

        static Sums empty() {
            SubjectState nothing = SubjectState.empty(Horizons.STANDARD);
            GramSums[] sums = new GramSums[Horizons.STANDARD.count()];
            for (int h = 0; h < sums.length; h++) {
                sums[h] = nothing.learnt(h);
            }
            return new Sums(sums);
        }

        private static Sums of(Map<Long, byte[]> states) {
            Sums sums = empty();
            SubjectState state = SubjectState.empty(Horizons.STANDARD);
            for (Map.Entry<Long, byte[]> entry : states.entrySet()) {
                state.load(entry.getValue());
                long own = Hashes.mixed(entry.getKey());
                for (int h = 0; h < sums.byHorizon.length; h++) {
                    GramSums learnt = state.learnt(h);
                    sums.byHorizon[h].merge(learnt);
                    own = Hashes.mixed(own + learnt.hashCode());
                }
                sums.hash += own;
                sums.subjects++;
                sums.toMicros = Math.max(sums.toMicros, state.learntThroughMicros());
            }
            return sums;
        }

        void merge(Sums other) {
            for (int h = 0; h < byHorizon.length; h++) {
                byHorizon[h].merge(other.byHorizon[h]);
            }
            subjects += other.subjects;
            toMicros = Math.max(toMicros, other.toMicros);
            hash += other.hash;
        }

        /** Of what every subject has taught, at every horizon. */
        String fingerprint() {
            return "sums-" + HexFormat.of().toHexDigits(hash);
        }

        GramSums horizon(int h) {
            return byHorizon[h];
        }

        int subjects() {
            return subjects;
        }

        long toMicros() {
            return toMicros;
        }
    }
}
