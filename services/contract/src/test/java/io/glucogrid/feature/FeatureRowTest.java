package io.glucogrid.feature;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FeatureRowTest {
    private static FeatureRow row(long event, long created) {
        return new FeatureRow(event, created, new Object[] {1L});
    }

    @Test
    void theLaterEventWins() {
        assertThat(row(2, 1).replaces(row(1, 9))).isTrue();
        assertThat(row(1, 9).replaces(row(2, 1))).isFalse();
    }

    @Test
    void ofEqualEventsTheLaterCreationWins() {
        assertThat(row(1, 2).replaces(row(1, 1))).isTrue();
        assertThat(row(1, 1).replaces(row(1, 2))).isFalse();
    }

    @Test
    void ofEqualPairsTheLaterArrivalWins() {
        assertThat(row(1, 1).replaces(row(1, 1))).isTrue();
    }
}
