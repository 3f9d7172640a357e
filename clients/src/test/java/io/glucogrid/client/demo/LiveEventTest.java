package io.glucogrid.client.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.glucogrid.client.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LiveEventTest {
    @ParameterizedTest
    @CsvSource({
        "1738601222, 1738601222000000",
        "1738601222.5, 1738601222500000",
        "1738601222.000001, 1738601222000001",
        "'\"2025-02-03T16:47:02+00:00\"', 1738601222000000",
        "'\"2025-02-03T16:47:02.000001+00:00\"', 1738601222000001",
        "'\"then\"', 0",
        "null, 0"
    })
    void timesOfEveryFormAreMicroseconds(String json, long micros) {
        assertThat(LiveEvent.micros(Json.parse(json))).isEqualTo(micros);
    }

    @Test
    void listsOfOneAreTakenAsTheirElement() {
        LiveEvent event = LiveEvent.parse(
                "{\"path\":\"online\",\"subject_id\":[7],\"event_timestamp\":[3],\"glucose\":[111],\"expected\":[1.5],\"timetaken_ns\":9}");

        assertThat(event).isEqualTo(new LiveEvent(LiveEvent.Path.ONLINE, 7, 3_000_000, "111", 1.5, 9));
    }
}
