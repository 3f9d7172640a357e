package io.glucogrid.client.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.client.GridStatus;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DemoSummaryTest {
    private static final DemoSummary.Times TIMES = new DemoSummary.Times(0.5, 2.25);
    private static final Arrivals ALL = new Arrivals(200, 200, 200, 200, 3);

    @Test
    void allIsWellWhereEveryReadingWentThroughBothPaths() {
        DemoSummary summary = summary(200, ALL, 0);

        assertThat(summary.problems()).isEmpty();
        assertThat(summary.ok()).isTrue();
        assertThat(summary.text()).contains("All 200 readings went through both paths.");
    }

    static List<DemoSummary> failures() {
        return List.of(
                summary(199, ALL, 0),
                summary(200, new Arrivals(199, 200, 200, 200, 3), 0),
                summary(200, new Arrivals(200, 199, 200, 200, 3), 0),
                summary(200, new Arrivals(200, 200, 199, 200, 3), 0),
                summary(200, new Arrivals(200, 200, 200, 199, 3), 0),
                summary(200, new Arrivals(200, 200, 200, 200, 2), 0),
                summary(200, ALL, 1),
                summary(0, Arrivals.NONE, 0));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void oneThingThatDoesNotHoldIsEnoughToFail(DemoSummary summary) {
        assertThat(summary.ok()).isFalse();
        assertThat(summary.text())
                .contains("Not all of it held")
                .contains(summary.problems().get(0));
        assertThat(summary.json().path("ok").booleanValue()).isFalse();
    }

    @Test
    void theJsonHasTheKeysThatOthersReadAndNoNumberForWhatWasNotMeasured() {
        ObjectNode json = new DemoSummary(
                        200, 200, 3, ALL, 0, TIMES, new DemoSummary.Times(Double.NaN, Double.NaN), 4, Double.NaN, 1)
                .json();

        assertThat(json.fieldNames())
                .toIterable()
                .contains(
                        "produced",
                        "online",
                        "offline",
                        "distinct_rows",
                        "dead_letters",
                        "online_p50_ms",
                        "online_p99_ms",
                        "offline_p50_ms",
                        "offline_p99_ms",
                        "segments",
                        "last_prediction",
                        "ok");
        assertThat(json.path("online_p99_ms").doubleValue()).isEqualTo(2.25);
        assertThat(json.path("offline_p50_ms").isNull()).isTrue();
        assertThat(json.path("restarts").intValue()).isEqualTo(1);
    }

    @Test
    void whereTheFeedToldOfTooFewReadingsTheSlowestNodesFiguresCount() {
        PathTimes seen = new PathTimes();
        seen.record(2_000_000);
        List<GridStatus.Stream> streams = List.of(stream(1, 5), stream(0.5, 9), stream(Double.NaN, Double.NaN));

        assertThat(DemoSummary.Times.of(seen, 1, streams).p50Millis()).isCloseTo(2, within(0.01));
        assertThat(DemoSummary.Times.of(seen, 2, streams)).isEqualTo(new DemoSummary.Times(0.5, 9));
        assertThat(DemoSummary.Times.of(seen, 2, List.of()).p99Millis()).isCloseTo(2, within(0.01));
    }

    private static GridStatus.Stream stream(double p50, double p99) {
        return new GridStatus.Stream("online", "running", "", "1", "1", "0", "0", p50, p99);
    }

    private static DemoSummary summary(long produced, Arrivals arrivals, long dead) {
        return new DemoSummary(200, produced, 3, arrivals, dead, TIMES, TIMES, 4, 104.5, 0);
    }
}
