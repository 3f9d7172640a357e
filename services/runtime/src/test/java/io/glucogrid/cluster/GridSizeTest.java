package io.glucogrid.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GridSizeTest {
    private static final long SETTLED = GridSize.SETTLED.toNanos();
    private static final long SECOND = 1_000_000_000;

    @TempDir
    Path directory;

    private final GridSize size = new GridSize(new SurplusFile(null));

    @Test
    void theConfiguredSizeCountsWhereFewerAreHere() {
        assertThat(size.of(3, 1, 0)).isEqualTo(3);
        assertThat(size.of(3, 3, SETTLED)).isEqualTo(3);
        assertThat(size.of(3, 2, 3 * SETTLED)).isEqualTo(3);
    }

    @Test
    void halvesOfMoreNodesThanAreConfiguredHaveNoMajority() {
        assertThat(size.of(3, 4, 0)).isEqualTo(4);
        assertThat(size.of(3, 3, 2 * SETTLED)).isEqualTo(4); // nodes go one by one
        assertThat(size.of(3, 2, 2 * SETTLED + 5 * SECOND)).isEqualTo(4);
        assertThat(size.of(3, 2, 9 * SETTLED)).as("a half that waits").isEqualTo(4);
    }

    @Test
    void theConfiguredSizeCountsAgainOnceTheSurplusIsGoneForLong() {
        size.of(3, 4, 0);
        size.of(3, 3, SETTLED);

        assertThat(size.of(3, 3, 2 * SETTLED)).isEqualTo(3);
        assertThat(size.of(3, 2, 2 * SETTLED + 1)).isEqualTo(3);
    }

    @Test
    void halvesWhoseNodesStartAgainHaveNoMajorityEither() {
        restarted().of(3, 4, 0);

        assertThat(restarted().of(3, 2, 0)).isEqualTo(4);
        GridSize joined = restarted();
        assertThat(joined.of(3, 3, 0)).isEqualTo(4);
        assertThat(joined.of(3, 3, SETTLED)).as("the fourth is gone for good").isEqualTo(3);
        assertThat(restarted().of(3, 2, 0)).isEqualTo(3);
    }

    @Test
    void aConfiguredSizeThatIsSetRightIsBelieved() {
        restarted().of(3, 6, 0);

        assertThat(restarted().of(4, 3, 0)).isEqualTo(4);
        assertThat(restarted().of(3, 2, 0)).isEqualTo(3);
        assertThat(directory).isEmptyDirectory();
    }

    private GridSize restarted() {
        return new GridSize(new SurplusFile(directory));
    }

    @Test
    void aGridOfOneWantsNoMajority() {
        assertThat(size.of(1, 3, 0)).isEqualTo(1);
        assertThat(size.of(1, 1, SECOND)).isEqualTo(1);
    }
}
