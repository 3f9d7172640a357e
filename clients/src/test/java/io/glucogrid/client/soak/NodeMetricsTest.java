package io.glucogrid.client.soak;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NodeMetricsTest {
    private static final String STILL = "# TYPE a gauge\na{region=\"x\"} 3145728\nab 1\n"
            + "ignite_cacheGroups_LocalNodeMovingPartitionsCount{group=\"readings\"} 0\n"
            + "ignite_cacheGroups_LocalNodeRentingPartitionsCount{group=\"readings\"} 0\n"
            + "ignite_cacheGroups_LocalNodeOwningPartitionsCount{group=\"readings\"} 64\n";

    @Test
    void aFigureThatIsMissingStandsForNoOther() {
        NodeMetrics metrics = new NodeMetrics(STILL);

        assertThat(metrics.mb("a{region=\"x\"}")).hasValue(3);
        assertThat(metrics.mb("a{region=\"y\"}")).isEmpty();
        assertThat(metrics.mb("a")).isEmpty();
        assertThat(new NodeMetrics("").mb("a")).isEmpty();
    }

    @Test
    void aNodeIsSettledOnceItHasAllItsPartitionsAndNoOthers() {
        assertThat(new NodeMetrics(STILL).isSettled()).isTrue();
        assertThat(new NodeMetrics(STILL.replace(
                                "RentingPartitionsCount{group=\"readings\"} 0",
                                "RentingPartitionsCount{group=\"readings\"} 12"))
                        .isSettled())
                .isFalse();
        assertThat(new NodeMetrics("").isSettled()).isFalse();
    }
}
