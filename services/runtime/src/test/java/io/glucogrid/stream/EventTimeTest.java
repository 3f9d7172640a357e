package io.glucogrid.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.DateTimeException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventTimeTest {
    private static final long MICROS = 1_738_601_222_123_456L;

    @Test
    void theUnitFollowsFromTheMagnitude() {
        assertThat(EventTime.micros(1_738_601_222L)).isEqualTo(1_738_601_222_000_000L);
        assertThat(EventTime.micros(1_738_601_222_123L)).isEqualTo(1_738_601_222_123_000L);
        assertThat(EventTime.micros(MICROS)).isEqualTo(MICROS);
        assertThat(EventTime.micros(MICROS * 1_000 + 999)).isEqualTo(MICROS);
        assertThat(EventTime.micros(-1L)).isEqualTo(-1_000_000L);
    }

    @Property
    void aFractionOfASecondIsExactToTheMicrosecond(
            @ForAll @LongRange(min = 946_684_800_000_000L, max = 4_102_444_800_000_000L) long micros) {
        double seconds = Double.parseDouble(micros / 1_000_000 + "." + String.format("%06d", micros % 1_000_000));

        assertThat(EventTime.micros(seconds)).isEqualTo(micros);
    }

    @ParameterizedTest
    @CsvSource({
        "2025-02-03T16:47:02Z,              1738601222000000",
        "2025-02-03T16:47:02.123456Z,       1738601222123456",
        "2025-02-03 16:47:02,               1738601222000000",
        "2025-02-03T16:47:02,               1738601222000000",
        "2025-02-03T18:47:02+02:00,         1738601222000000",
        "2025-02-03t16:47:02z,              1738601222000000"
    })
    void isoTimesAreUtcUnlessTheySayOtherwise(String text, long micros) {
        assertThat(EventTime.micros(text)).isEqualTo(micros);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "now", "1738601222", "2025-02-30T00:00:00Z", "2025-02-03"})
    void anythingElseIsNotATime(String text) {
        assertThatThrownBy(() -> EventTime.micros(text)).isInstanceOf(DateTimeException.class);
    }
}
