package io.glucogrid.client.produce;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class EventClockTest {
    private Instant now = Instant.parse("2025-02-03T16:47:02.123456789Z");

    @Test
    void upToOnePerSecondTimesAreWholeSeconds() {
        EventClock clock = EventClock.forRate(1, () -> now);

        assertThat(clock.next(7)).isEqualTo(1738601222_000000L);
        assertThat(clock.next(8)).isEqualTo(1738601222_000000L);
    }

    @Test
    void aSubjectsNextReadingInTheSameSecondTakesTheNextSecond() {
        EventClock clock = EventClock.forRate(0.5, () -> now);

        assertThat(clock.next(7)).isEqualTo(1738601222_000000L);
        assertThat(clock.next(7)).isEqualTo(1738601223_000000L);
    }

    @Test
    void aboveOnePerSecondTimesHaveMicroseconds() {
        EventClock clock = EventClock.forRate(50, () -> now);

        assertThat(clock.next(7)).isEqualTo(1738601222_123456L);
        assertThat(clock.next(7)).isEqualTo(1738601222_123457L);
    }

    @Property
    void noTwoReadingsOfASubjectShareATime(
            @ForAll @Size(max = 50) List<@IntRange(min = -3, max = 3) Integer> steps, @ForAll boolean slow) {
        EventClock clock = EventClock.forRate(slow ? 1 : 1000, () -> now);
        Set<Long> times = new HashSet<>();
        for (int step : steps) {
            now = now.plusMillis(step * 100L);
            assertThat(times.add(clock.next(7))).isTrue();
        }
    }
}
