package io.glucogrid.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class SpanTest {
    private static final long MINUTE = 60_000_000;

    @Test
    void anEmptyWindowHasACountAndNothingElse() {
        Span empty = Span.of(Readings.empty(1), 0, MINUTE, 0);

        assertThat(empty.count()).isZero();
        assertThat(empty.mean()).isNull();
        assertThat(empty.sd()).isNull();
        assertThat(empty.min()).isNull();
        assertThat(empty.max()).isNull();
        assertThat(empty.slope()).isNull();
        assertThat(empty.last(0)).isNull();
        assertThat(empty.fractionBetween(70, 180)).isNull();
    }

    @Test
    void oneValueHasNeitherSpreadNorSlope() {
        Span one = span(new double[] {104});

        assertThat(one.mean()).isEqualTo(104);
        assertThat(one.sd()).isNull();
        assertThat(one.slope()).isNull();
        assertThat(one.last(0)).isEqualTo(104);
        assertThat(one.last(1)).isNull();
    }

    @Test
    void theFormulasGiveWorkedValues() {
        Span span = span(new double[] {70, 100, 180, 250});

        assertThat(span.mean()).isEqualTo(150);
        assertThat(span.sd()).isCloseTo(Math.sqrt((80.0 * 80 + 50 * 50 + 30 * 30 + 100 * 100) / 3), within(1e-12));
        assertThat(span.slope()).isCloseTo(620.0 / 50, within(1e-12)); // mg/dL per minute, five minutes apart
        assertThat(span.fractionBetween(70, 180)).isEqualTo(0.75);
        assertThat(span.min()).isEqualTo(70);
        assertThat(span.max()).isEqualTo(250);
        assertThat(span.last(1)).isEqualTo(180);
    }

    @Test
    void aLargeCommonLevelCostsNoDigits() {
        Span span = span(new double[] {1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16});

        assertThat(span.sd()).isCloseTo(Math.sqrt(30), within(1e-9));
        assertThat(span.mean()).isEqualTo(1e9 + 10);
    }

    @Test
    void theWindowIsOpenOnTheLeftAndClosedOnTheRight() {
        Readings readings = Readings.empty(1);
        for (int i = 0; i < 4; i++) {
            readings.add(i * 5 * MINUTE, 0, new double[] {i});
        }

        assertThat(Span.of(readings, 0, 15 * MINUTE, 15 * MINUTE).count()).isEqualTo(3);
        assertThat(Span.of(readings, 0, 15 * MINUTE, 15 * MINUTE - 1).count()).isEqualTo(3);
        assertThat(Span.of(readings, 0, 15 * MINUTE, 15 * MINUTE - 1).min()).isEqualTo(0);
        assertThat(Span.of(readings, 0, 15 * MINUTE, 15 * MINUTE).min()).isEqualTo(1);
    }

    private static Span span(double[] values) {
        Readings readings = Readings.empty(1);
        for (int i = 0; i < values.length; i++) {
            readings.add(i * 5 * MINUTE, 0, new double[] {values[i]});
        }
        return Span.of(readings, 0, 60 * MINUTE, 60 * MINUTE - 1);
    }
}
