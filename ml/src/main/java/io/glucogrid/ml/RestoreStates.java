package io.glucogrid.ml;

import io.glucogrid.forecast.Horizons;
import io.glucogrid.forecast.SubjectState;
import io.glucogrid.grid.Caches;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.ignite.Ignite;
import org.apache.ignite.lang.IgniteCallable;
import org.apache.ignite.resources.IgniteInstanceResource;

/** Job on the node that owns the buckets: rebuilds their subjects' states from the tier; answers how many. Idempotent. */
final class RestoreStates implements IgniteCallable<Integer> {
    private static final long serialVersionUID = 1L;
    private static final int BATCH = 500;

    private final int[] buckets;
    private final long deadlineMillis;

    @IgniteInstanceResource
    private transient Ignite ignite;

    RestoreStates(int[] buckets, long deadlineMillis) {
        this.buckets = buckets;
        this.deadlineMillis = deadlineMillis;
    }

    @Override
    public Integer call() {
        Deadline deadline = Deadline.in(Duration.ofMillis(deadlineMillis));
        long latestMicros = new Plausibility(InstantSource.system()).latestMicros();
        int[] restored = new int[1];
        TierReadings.forEach(ignite, buckets, deadline, (bucket, subjects) -> {
            SortedMap<Long, RestoreState> batch = new TreeMap<>();
            for (Map.Entry<Long, SubjectReadings> subject : subjects.entrySet()) {
                if (subject.getValue().size() > 0) {
                    SubjectState state = SubjectState.empty(Horizons.STANDARD);
                    subject.getValue().applyTo(state, latestMicros);
                    if (state.size() > 0) {
                        batch.put(subject.getKey(), RestoreState.whole(state));
                        restored[0]++;
                    }
                }
                if (batch.size() == BATCH) {
                    write(batch, deadline);
                    batch.clear();
                }
            }
            write(batch, deadline);
        });
        return restored[0];
    }

    private void write(SortedMap<Long, RestoreState> batch, Deadline deadline) {
        new Forgotten(ignite).leaveOutOf(batch.keySet());
        StateWrites.run(Caches.SUBJECT_STATES.in(ignite), batch, deadline.millisLeft("restoring subjects' states"));
    }
}
