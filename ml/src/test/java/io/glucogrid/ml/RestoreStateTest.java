package io.glucogrid.ml;

import static org.assertj.core.api.Assertions.assertThat;

import io.glucogrid.forecast.Horizons;
import io.glucogrid.forecast.SubjectState;
import javax.cache.processor.MutableEntry;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What rebuilds of one subject's state leave, whichever comes first. */
class RestoreStateTest {
    private static final long STEP_MICROS = 300_000_000L;
    private static final int WHOLE = 3_000;
    private static final int RECENT = 900;

    /** Readings every five minutes; the same number always has the same time and value. */
    private static SubjectState state(int from, int to) {
        SubjectState state = SubjectState.empty(Horizons.STANDARD);
        for (int i = from; i < to; i++) {
            state.apply(i * STEP_MICROS, 100 + i % 37, 1);
        }
        return state;
    }

    private static int labels(Entry entry) {
        return SubjectState.fromBytes(entry.getValue()).labels(0);
    }

    @Test
    void aForecastThatFoundNoStateDoesNotShrinkTheOneThatCameMeanwhile() {
        Entry entry = new Entry(state(0, WHOLE).toBytes());
        byte[] before = entry.getValue();

        RestoreState.recent(state(WHOLE - RECENT, WHOLE)).process(entry);

        assertThat(entry.getValue()).isEqualTo(before);
    }

    @Test
    void bothKnowTheReadingsOfBoth() {
        Entry entry = new Entry(state(0, WHOLE).toBytes());

        RestoreState.recent(state(WHOLE - RECENT, WHOLE + 1)).process(entry);

        SubjectState after = SubjectState.fromBytes(entry.getValue());
        assertThat(after.eventMicros(after.size() - 1)).isEqualTo(WHOLE * STEP_MICROS);
        assertThat(after.labels(0)).isEqualTo(state(0, WHOLE + 1).labels(0));
        byte[] once = entry.getValue();
        RestoreState.recent(state(WHOLE - RECENT, WHOLE + 1)).process(entry);
        assertThat(entry.getValue()).as("done twice").isEqualTo(once);
    }

    /** The first reading that is streamed to a subject without a state must not keep its history away. */
    @Test
    void aLearnerThatHasLearntLessGivesWay() {
        Entry entry = new Entry(state(WHOLE, WHOLE + 1).toBytes());

        RestoreState.recent(state(WHOLE - RECENT, WHOLE)).process(entry);

        assertThat(labels(entry)).isEqualTo(state(WHOLE - RECENT, WHOLE + 1).labels(0));
    }

    @Test
    void theWholeHistoryReplacesAnyLearner() {
        Entry entry = new Entry(null);
        RestoreState.recent(state(WHOLE - RECENT, WHOLE)).process(entry);

        RestoreState.whole(state(0, WHOLE)).process(entry);
        assertThat(labels(entry)).isEqualTo(state(0, WHOLE).labels(0));
        RestoreState.whole(state(WHOLE - RECENT, WHOLE)).process(entry); // readings that were deleted are unlearnt
        assertThat(labels(entry)).isEqualTo(state(WHOLE - RECENT, WHOLE).labels(0));
    }

    /** One entry of the cache of states. */
    private static final class Entry implements MutableEntry<Long, byte[]> {
        private byte @Nullable [] value;

        Entry(byte @Nullable [] value) {
            this.value = value;
        }

        @Override
        public Long getKey() {
            return 7L;
        }

        @Override
        public byte @Nullable [] getValue() {
            return value;
        }

        @Override
        public boolean exists() {
            return value != null;
        }

        @Override
        public void setValue(byte[] next) {
            value = next;
        }

        @Override
        public void remove() {
            value = null;
        }

        @Override
        public <T> T unwrap(Class<T> type) {
            throw new IllegalArgumentException(type.getName());
        }
    }
}
