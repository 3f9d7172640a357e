package io.glucogrid.forecast;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorSumsTest {
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 9_999, 10_000, 10_001, 19_999, 200_000, 5_000_000_000L})
    void keepsNoMoreOfTheLaterExamplesHoweverManyThereAre(long later) {
        long kept = later / ErrorSums.Scores.stride(later);

        assertThat(kept).isBetween(Math.min(later, ErrorSums.KEPT / 2), (long) ErrorSums.KEPT);
    }
}
