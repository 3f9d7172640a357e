package io.glucogrid.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OnlineMemoryTest {
    @ParameterizedTest
    @CsvSource({
        "1, 2, 920", // nobody to take over from
        "2, 2, 920", // each has everything already
        "3, 2, 525", // each has two thirds, and everything when one is gone: half as much again, one and a half times
        "4, 2, 613",
        "10, 2, 788",
        "3, 1, 525", // a third becomes a half
        "3, 3, 920"
    })
    void whatOneNodeFewerCanHoldMayBeWritten(int nodes, int copies, long limitBytes) {
        assertThat(OnlineMemory.limitBytes(1_000, nodes, copies)).isEqualTo(limitBytes);
    }
}
