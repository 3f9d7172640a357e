package io.glucogrid.client.produce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.glucogrid.grid.GridException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PaceTest {
    @Test
    void readingsAreDueAtEvenIntervalsFromTheStart() {
        Pace pace = Pace.of(50);

        assertThat(pace.dueNanos(0)).isZero();
        assertThat(pace.dueNanos(1)).isEqualTo(20_000_000);
        assertThat(pace.dueNanos(200)).isEqualTo(4_000_000_000L);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
    void whatIsNoRateIsRefused(double rate) {
        assertThatThrownBy(() -> Pace.of(rate))
                .isInstanceOf(GridException.class)
                .hasMessageContaining("--rate");
    }
}
