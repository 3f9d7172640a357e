package io.glucogrid.ml;

import io.glucogrid.cgm.Reading;
import io.glucogrid.forecast.SubjectState;
import java.util.Arrays;
import javax.cache.processor.MutableEntry;
import org.apache.ignite.cache.CacheEntryProcessor;
import org.jspecify.annotations.Nullable;

/**
 * Brings a state that was rebuilt from the tier together with the one that is there: the readings of both windows, and the learner of
 * the rebuilt one or, where that one saw only a part of the history, of the one that has learnt more. Pure and idempotent.
 */
final class RestoreState implements CacheEntryProcessor<Long, byte[], Void> {
    private static final long serialVersionUID = 1L;

    private final byte[] rebuilt;
    private final boolean whole;

    private RestoreState(byte[] rebuilt, boolean whole) {
        this.rebuilt = rebuilt;
        this.whole = whole;
    }

    /** A state that saw the whole history. */
    static RestoreState whole(SubjectState rebuilt) {
        return new RestoreState(rebuilt.toBytes(), true);
    }

    /** A state that saw the end of the history. */
    static RestoreState recent(SubjectState rebuilt) {
        return new RestoreState(rebuilt.toBytes(), false);
    }

    @Override
    public @Nullable Void process(MutableEntry<Long, byte[]> entry, Object... arguments) {
        byte[] before = entry.getValue();
        byte[] after = rebuilt;
        if (before != null) {
            SubjectState known = SubjectState.fromBytes(before);
            SubjectState state = SubjectState.fromBytes(rebuilt);
            boolean replaces = whole || labels(state) > labels(known);
            SubjectState kept = replaces ? state : known;
            SubjectState other = replaces ? known : state;
            for (int i = 0; i < other.size(); i++) {
                Reading reading = other.reading(entry.getKey(), i);
                kept.apply(reading);
            }
            after = kept.toBytes();
        }
        if (!Arrays.equals(after, before)) {
            entry.setValue(after);
        }
        return null;
    }

    private static int labels(SubjectState state) {
        int labels = 0;
        for (int i = 0; i < state.horizons().count(); i++) {
            labels += state.labels(i);
        }
        return labels;
    }
}
