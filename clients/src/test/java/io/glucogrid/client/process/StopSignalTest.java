package io.glucogrid.client.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

class StopSignalTest {
    private final StopSignal stop = new StopSignal();

    @Test
    void waitsEndWithTheirDeadline() {
        assertThatThrownBy(() -> stop.until(
                        () -> false, Duration.ofMillis(1), () -> new GridException(ErrorCode.NOT_READY, "not there")))
                .hasMessage("not there");
    }

    @Test
    void waitsEndWithTheWishToStop() {
        stop.request();

        assertThat(stop.isRequested()).isTrue();
        assertThatThrownBy(() -> stop.until(
                        () -> false, Duration.ofHours(1), () -> new GridException(ErrorCode.NOT_READY, "not there")))
                .isInstanceOf(CancellationException.class);
    }
}
