package io.glucogrid.client.produce;

import static org.assertj.core.api.Assertions.assertThat;

import io.glucogrid.client.Json;
import java.math.BigDecimal;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class ReadingMessageTest {
    @Test
    void wholeSecondsAreTheReferencesMessageToTheByte() {
        assertThat(ReadingMessage.json(163669001, 111, 1738601222_000000L))
                .isEqualTo(
                        "{\"event_timestamp\":1738601222,\"subject_id\":163669001,\"glucose\":111,\"created\":1738601222}");
    }

    @Test
    void fractionsHaveSixDigits() {
        assertThat(ReadingMessage.json(1, 2, 1738601222_000420L)).contains("\"event_timestamp\":1738601222.000420,");
    }

    @Property
    void everyMicrosecondComesBack(@ForAll @LongRange(min = 0, max = 4_000_000_000_000_000L) long micros) {
        BigDecimal seconds =
                Json.parse(ReadingMessage.json(1, 2, micros)).path("created").decimalValue();

        assertThat(seconds.movePointRight(6).longValueExact()).isEqualTo(micros);
    }
}
