package io.glucogrid.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.glucogrid.grid.Buckets;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.SegmentInfo;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TierReadingsTest {
    @Test
    void rowsOfABucketAreThoseOfItsRunsAndAShareOfTheFreshSegments() {
        long[] rows = TierReadings.rows(List.of(
                new SegmentInfo("readings", "readings/bucket=03/a.parquet", 100, 1),
                new SegmentInfo("readings", "readings/bucket=03/b.parquet", 10, 1),
                new SegmentInfo("readings", "readings/l0/20260101/c.parquet", 640, 1)));

        assertThat(rows).hasSize(Buckets.COUNT);
        assertThat(rows[3]).isEqualTo(120);
        assertThat(rows[4]).isEqualTo(10);
    }

    @Test
    void bucketsComeTogetherAsLongAsThereIsRoom() {
        long[] rows = new long[Buckets.COUNT];
        Arrays.fill(rows, 10);
        rows[2] = 200;

        List<int[]> parts = TierReadings.parts(new int[] {5, 1, 2, 3, 4}, rows, 100);

        assertThat(parts).containsExactly(new int[] {1}, new int[] {2}, new int[] {3, 4, 5});
        assertThat(TierReadings.parts(new int[0], rows, 100)).isEmpty();
        assertThat(TierReadings.parts(new int[] {0, 1}, new long[Buckets.COUNT], 100))
                .containsExactly(new int[] {0, 1});
    }

    @Test
    void aBucketThatTheHeapHasNoRoomForIsRefused() {
        long[] rows = new long[Buckets.COUNT];
        rows[7] = 401;

        assertThatThrownBy(() -> TierReadings.parts(new int[] {6, 7}, rows, 100))
                .isInstanceOfSatisfying(GridException.class, refused -> assertThat(refused.code())
                        .isEqualTo(ErrorCode.TOO_LARGE))
                .hasMessageContaining("bucket 7");
    }
}
