package io.glucogrid.feature;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

class TimePartsTest {
    @Property
    void partsAgreeWithTheCalendar(@ForAll @LongRange(min = -4_000_000_000L, max = 40_000_000_000L) long seconds) {
        ZonedDateTime time = Instant.ofEpochSecond(seconds).atZone(ZoneOffset.UTC);

        assertThat(TimeParts.dayOfWeek(seconds * 1_000_000))
                .isEqualTo(time.getDayOfWeek().getValue() - 1);
        assertThat(TimeParts.hour(seconds * 1_000_000)).isEqualTo(time.getHour());
    }
}
