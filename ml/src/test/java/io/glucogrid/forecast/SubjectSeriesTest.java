package io.glucogrid.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SubjectSeriesTest {
    @Test
    void aMissingSlotIsFilledWithTheStraightLineAndIsNoReading() {
        SubjectSeries series = series(new long[] {0, 300, 900}, 100, 110, 130);

        Segment segment = series.segments().get(0);

        assertThat(segment.slots()).isEqualTo(4);
        assertThat(segment.glucose(2)).isEqualTo(120);
        assertThat(segment.isReading(2)).isFalse();
        assertThat(segment.ordinal(3)).isEqualTo(2);
    }

    @Test
    void moreThanHalfAnHourWithoutAReadingBeginsASegment() {
        assertThat(series(new long[] {0, 1800}, 100, 110).segments()).hasSize(1);
        assertThat(series(new long[] {0, 1801}, 100, 110).segments()).hasSize(2);
    }

    @Test
    void aReadingCloserThanHalfASlotIsDiscardedButCounted() {
        SubjectSeries series = series(new long[] {0, 149, 300}, 100, 555, 110);

        assertThat(series.readings()).isEqualTo(3);
        assertThat(series.segments().get(0).slots()).isEqualTo(2);
        assertThat(series.segments().get(0).glucose(1)).isEqualTo(110);
        assertThat(series.segments().get(0).ordinal(1)).isEqualTo(2);
    }

    @Test
    void aSensorThatDriftsBySecondsStaysOnTheGrid() {
        long[] seconds = new long[100];
        double[] glucose = new double[100];
        for (int i = 0; i < 100; i++) {
            seconds[i] = i * 299L;
            glucose[i] = 100 + i;
        }

        assertThat(series(seconds, glucose).segments().get(0).slots()).isEqualTo(100);
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 60, 75, 120, 150, 180, 200, 240, 280, 299, 300, 302})
    void aSlotIsFiveMinutesWhateverTheSensorsPace(int pace) {
        int n = 2 * 86_400 / pace;
        long[] seconds = new long[n];
        Arrays.setAll(seconds, i -> (long) i * pace);

        SubjectSeries series = series(seconds, new double[n]);

        assertThat(series.segments()).hasSize(1);
        Segment segment = series.segments().get(0);
        assertThat(segment.slots()).isBetween(570, 578);
        for (int slots : new int[] {6, 12}) {
            Examples examples = Examples.of(series, slots);
            assertThat(examples.size()).isGreaterThan(250);
            for (int i = 0; i < examples.size(); i++) {
                long ahead = examples.targetMicros(i) - examples.anchorMicros(i);
                // a reading is at most half a pace away from its slot
                assertThat(ahead / 1e6).isCloseTo(slots * 300, within(Math.max(pace, 2.0 * slots)));
            }
        }
    }

    @Test
    void readingsOfOneMinuteAreFiveMinutesApart() {
        long[] seconds = new long[3000];
        Arrays.setAll(seconds, i -> i * 60L);

        Examples examples = Examples.of(series(seconds, new double[3000]), 6);

        assertThat(examples.size()).isGreaterThan(560);
        for (int i = 0; i < examples.size(); i++) {
            assertThat(examples.targetMicros(i) - examples.anchorMicros(i)).isEqualTo(1_800_000_000L);
        }
    }

    @Test
    void examplesHaveRealAnchorsAndRealTargets() {
        long[] seconds = new long[40];
        double[] glucose = new double[40];
        for (int i = 0; i < 40; i++) {
            seconds[i] = i * 300L + (i >= 30 ? 300 : 0);
            glucose[i] = 100 + i;
        }

        Examples examples = Examples.of(series(seconds, glucose), 3);

        // slots 23..37 are anchors, but slot 30 is missing, as anchor and as the target of slot 27
        assertThat(examples.size()).isEqualTo(13);
        assertThat(examples.anchor(0)).isEqualTo(23);
        assertThat(examples.target(0)).isEqualTo(126);
        for (int i = 0; i < examples.size(); i++) {
            assertThat(examples.anchor(i)).isNotIn(27, 30);
        }
    }

    @Test
    void theExtremesOfTheWayAreThoseOfReadingsUpToTheTarget() {
        double[] glucose = new double[30];
        Arrays.fill(glucose, 100);
        glucose[24] = 60;
        glucose[25] = 190;
        glucose[27] = 20;
        long[] seconds = new long[30];
        Arrays.setAll(seconds, i -> i * 300L);

        Examples examples = Examples.of(series(seconds, glucose), 3);

        assertThat(examples.lowest(0)).isEqualTo(60);
        assertThat(examples.highest(0)).isEqualTo(190);
    }

    @Test
    void readingsOutOfOrderAreRefused() {
        assertThatThrownBy(() -> series(new long[] {300, 0}, 1, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("order");
    }

    static SubjectSeries series(long[] seconds, double... glucose) {
        return SubjectSeries.of(
                1, Arrays.stream(seconds).map(s -> s * 1_000_000).toArray(), glucose);
    }
}
