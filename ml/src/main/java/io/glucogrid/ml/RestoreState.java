package io.glucogrid.ml;

import io.glucogrid.cgm.Reading;
import io.glucogrid.forecast.SubjectState;
import java.util.Arrays;
import javax.cache.processor.MutableEntry;
import org.apache.ignite.cache.CacheEntryProcessor;
import org.jspecify.annotations.Nullable;

/**
 * Puts a state that was rebuilt from the tier in the place of the one that is there, after it has taken in the readings that only
 * the latter knows. Pure and idempotent.
 */
final class RestoreState implements CacheEntryProcessor<Long, byte[], Void> {
    private static final long serialVersionUID = 1L;

    private final byte[] rebuilt;

    RestoreState(byte[] rebuilt) {
        this.rebuilt = rebuilt;
    }

    @Override
    public @Nullable Void process(MutableEntry<Long, byte[]> entry, Object... arguments) {
        byte[] before = entry.getValue();
        byte[] after = rebuilt;
        if (before != null) {
            SubjectState known = SubjectState.fromBytes(before);
            SubjectState state = SubjectState.fromBytes(rebuilt);
            for (int i = 0; i < known.size(); i++) {
                Reading reading = known.reading(entry.getKey(), i);
                state.apply(reading);
            }
            after = state.toBytes();
        }
        if (!Arrays.equals(after, before)) {
            entry.setValue(after);
        }
        return null;
    }
}
