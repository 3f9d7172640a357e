package io.glucogrid.ml;

import io.glucogrid.cgm.Reading;
import io.glucogrid.forecast.Horizons;
import io.glucogrid.forecast.SubjectState;
import java.util.Arrays;
import java.util.List;
import javax.cache.processor.MutableEntry;
import org.apache.ignite.cache.CacheEntryProcessor;
import org.jspecify.annotations.Nullable;

/**
 * Takes readings of one subject into its state, in the order given. Pure, so Ignite may run it on the primary and again on a
 * backup; idempotent, so a replay changes nothing.
 */
final class LearnReadings implements CacheEntryProcessor<Long, byte[], Void> {
    private static final long serialVersionUID = 1L;

    private final long[] eventMicros;
    private final long[] createdMicros;
    private final int[] glucose;

    LearnReadings(List<Reading> readings) {
        this.eventMicros = readings.stream().mapToLong(Reading::eventMicros).toArray();
        this.createdMicros = readings.stream().mapToLong(Reading::createdMicros).toArray();
        this.glucose = readings.stream()
                .mapToInt(reading -> (int) reading.glucoseMgDl())
                .toArray();
    }

    @Override
    public @Nullable Void process(MutableEntry<Long, byte[]> entry, Object... arguments) {
        byte[] before = entry.getValue();
        SubjectState state = before == null ? SubjectState.empty(Horizons.STANDARD) : SubjectState.fromBytes(before);
        boolean changed = before == null;
        for (int i = 0; i < glucose.length; i++) {
            SubjectState.Outcome outcome = state.apply(eventMicros[i], glucose[i], createdMicros[i]);
            changed |= outcome != SubjectState.Outcome.KNOWN && outcome != SubjectState.Outcome.TOO_OLD;
        }
        if (changed) {
            byte[] after = state.toBytes();
            if (!Arrays.equals(after, before)) {
                entry.setValue(after);
            }
        }
        return null;
    }
}
