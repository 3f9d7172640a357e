package io.glucogrid.forecast;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NightscoutAr2Test {
    @Test
    void itContinuesAsNightscoutShowsIt() {
        assertThat(path(100, 110)).containsExactly(118, 124, 129, 133, 136, 138);
        assertThat(path(200, 180)).containsExactly(167, 157, 151, 146, 143, 140);
    }

    @Test
    void itStaysWithinTheRangeThatNightscoutShows() {
        assertThat(NightscoutAr2.predict(100, 40, 3)).isEqualTo(36);
        assertThat(NightscoutAr2.predict(200, 380, 3)).isEqualTo(400);
    }

    private static int[] path(double before, double latest) {
        return IntStream.rangeClosed(1, 6)
                .map(k -> (int) NightscoutAr2.predict(before, latest, k))
                .toArray();
    }
}
