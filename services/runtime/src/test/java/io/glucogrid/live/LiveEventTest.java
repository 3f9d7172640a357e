package io.glucogrid.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.glucogrid.model.SubjectForecast;
import java.util.List;
import org.junit.jupiter.api.Test;

class LiveEventTest {
    @Test
    void aForecastShowsItsIntervalItsRiskAndItsWarnings() {
        SubjectForecast forecast = new SubjectForecast(
                7,
                "v4@1",
                1_738_601_222_000_000L,
                List.of(new SubjectForecast.Step(30, 110.5, 90, 131, "personal")),
                0.25,
                0.125,
                true,
                false);

        assertThat(new LiveEvent("online", 3, 7L, 1_738_601_223_000_000L, 104L, 104.5, "v1@1", 99, forecast).json("a"))
                .contains("\"forecast\":{\"model\":\"v4@1\",\"event_timestamp\":1738601222,\"steps\":[{\"minutes\":30,"
                        + "\"glucose\":110.5,\"low\":90.0,\"high\":131.0,\"level\":\"personal\"}],"
                        + "\"below_70_within_30_min\":0.25,\"above_180_within_30_min\":0.125,\"warns_of_low\":true,"
                        + "\"warns_of_high\":false}");
    }

    @Test
    void anEventIsOneJsonObject() {
        assertThat(new LiveEvent("online", 3, 7L, 1_738_601_222_000_000L, 104L, 104.5, "v1@1", 99).json("node \"a\""))
                .isEqualTo(
                        "{\"path\":\"online\",\"n\":3,\"subject_id\":7,\"event_timestamp\":1738601222,\"glucose\":104,"
                                + "\"expected\":104.5,\"model\":\"v1@1\",\"timetaken_ns\":99,\"node\":\"node \\\"a\\\"\"}");
    }

    @Test
    void whatIsNotKnownIsNull() {
        assertThat(new LiveEvent("offline", 1, "p-1", 1_738_601_222_250_000L, null, Double.NaN, null, 9).json("a"))
                .isEqualTo("{\"path\":\"offline\",\"n\":1,\"subject_id\":\"p-1\",\"event_timestamp\":1738601222.25,"
                        + "\"glucose\":null,\"expected\":null,\"model\":null,\"timetaken_ns\":9,\"node\":\"a\"}");
    }

    @Test
    void secondsHaveAFractionOnlyWhereTheTimeHasOne() {
        assertThat(LiveEvent.seconds(1_000_001)).isEqualTo("1.000001");
        assertThat(LiveEvent.seconds(1_500_000)).isEqualTo("1.5");
        assertThat(LiveEvent.seconds(2_000_000)).isEqualTo("2");
    }
}
