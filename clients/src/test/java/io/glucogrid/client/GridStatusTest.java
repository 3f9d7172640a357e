package io.glucogrid.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GridStatusTest {
    @Test
    void knownFieldsAreReadAndUnknownOnesPassedOver() {
        GridStatus status = GridStatus.of(
                Json.parse(
                        """
                        {"nodes":[{"name":"n1","feature_api":"http://127.0.0.1:8000","new":1,"streams":{"online":
                          {"state":"running","consumed":5,"applied":4,"dead_letters":1,"lag":{"0":2,"1":3},"p50_ms":0.1234}}}],
                         "definitions":{"version":3},
                         "tier":{"uri":"file:/t","tables":[{"table":"a","segments":2,"rows":60000},{"table":"b","segments":1}]}}
                        """));

        assertThat(status.segments()).isEqualTo(3);
        assertThat(status.tables().get(0).rows()).isEqualTo(60000);
        assertThat(status.definitions()).isEqualTo("3");
        assertThat(status.nodes().get(0).api()).isEqualTo("http://127.0.0.1:8000");
        GridStatus.Stream online = status.nodes().get(0).streams().get(0);
        assertThat(online.lag()).isEqualTo("5");
        assertThat(online.p50Millis()).isEqualTo(0.1234);
        assertThat(online.p99Millis()).isNaN();
        assertThat(status.streams("online")).containsExactly(online);
        assertThat(status.streams("offline")).isEmpty();
    }

    @Test
    void whatIsMissingIsShownAsMissing() {
        GridStatus status = GridStatus.of(Json.object());

        assertThat(status.nodes()).isEmpty();
        assertThat(status.tables()).isEmpty();
        assertThat(status.tierUri()).isEqualTo("-");
    }
}
