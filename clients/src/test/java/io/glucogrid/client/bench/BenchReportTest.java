package io.glucogrid.client.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.glucogrid.client.Json;
import java.util.List;
import org.junit.jupiter.api.Test;

class BenchReportTest {
    private static final Machine MACHINE = new Machine(0.5, 2, 24000, "17", "Linux");
    private static final Figure FAST = new Figure("fast", 0.25, "ms", 0.5);
    private static final Figure SLOW = new Figure("slow", 6.5, "s", 6);

    @Test
    void everyFigureStandsBesideItsMark() {
        BenchReport report = new BenchReport(List.of(FAST, SLOW), MACHINE, MACHINE);

        assertThat(Json.text(report.json()))
                .startsWith(
                        "{\"figures\":[{\"name\":\"fast\",\"value\":0.25,\"unit\":\"ms\",\"goal\":0.5,\"met\":true},"
                                + "{\"name\":\"slow\",\"value\":6.5,\"unit\":\"s\",\"goal\":6.0,\"met\":false}],\"machine\":{\"load\":0.5,\"cores\":2");
        assertThat(report.text()).contains("slow    6.500  6.000  s     no");
        assertThat(report.met()).isFalse();
    }

    @Test
    void whatCouldNotBeMeasuredIsNotMet() {
        assertThat(new Figure("none", Double.NaN, "MB", 450).met()).isFalse();
    }

    @Test
    void thisMachineHasCores() {
        assertThat(Machine.now().cores()).isPositive();
    }
}
