package io.glucogrid.loaders;

import static org.assertj.core.api.Assertions.assertThat;

import io.glucogrid.store.AsOf;
import io.glucogrid.store.HistoryRow;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was known at a time, and what came since. */
@Tag("tier")
class KnownAndChangedTest {
    @TempDir
    Path folder;

    @Test
    void rowsAndDeletesCreatedLaterAreNotThere() throws Exception {
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            Tiers.append(store, Tiers.reading(1, 10, 10, 100), Tiers.reading(1, 10, 50, 101));
            Tiers.append(store, Tiers.reading(1, 20, 70, 200), Tiers.tombstone(1, 10, 90));

            assertThat(glucose(store, 9)).isNull();
            assertThat(glucose(store, 10)).isEqualTo(100L);
            assertThat(glucose(store, 50)).isEqualTo(101L);
            assertThat(glucose(store, 70)).isEqualTo(200L);
            assertThat(store.asOf(Tiers.READINGS, List.of(new AsOf(new Object[] {1L}, 0, 15, 95)))
                            .get(0))
                    .isNull();
        }
    }

    @Test
    void aSubjectWithManyVersionsOverPagesIsStillFound() throws Exception {
        List<HistoryRow> rows = new ArrayList<>();
        for (int created = 0; created < 3 * ColumnWriter.ROWS_PER_PAGE; created++) {
            rows.add(Tiers.reading(1, 10, created, created));
        }
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            store.append(Tiers.READINGS, rows).get(20, TimeUnit.SECONDS);
            try (ParquetOfflineStore reader = Tiers.store(folder)) {
                assertThat(glucose(reader, 7)).isEqualTo(7L);
                assertThat(glucose(reader, ColumnWriter.ROWS_PER_PAGE + 5))
                        .isEqualTo((long) ColumnWriter.ROWS_PER_PAGE + 5);
            }
        }
    }

    @Test
    void entitiesOfSegmentsNotSeenAreNamedWhateverTheWritersClockSays() throws Exception {
        Set<String> seen;
        try (ParquetOfflineStore first = at(2_000);
                ParquetOfflineStore behind = at(200)) {
            List<HistoryRow> many = new ArrayList<>();
            for (int i = 0; i < 2 * ColumnWriter.ROWS_PER_PAGE; i++) {
                many.add(Tiers.reading(i % 5, i, i, 1));
            }
            first.append(Tiers.READINGS, many).get(20, TimeUnit.SECONDS);
            seen = Set.copyOf(first.segmentPaths(Tiers.READINGS));
            Tiers.append(behind, Tiers.reading(3, 1, 1, 1), Tiers.reading(77, 2, 2, 2));
        }
        try (ParquetOfflineStore reader = Tiers.store(folder)) {
            assertThat(changed(reader, Set.of())).containsExactlyInAnyOrder(0L, 1L, 2L, 3L, 4L, 77L);
            assertThat(changed(reader, seen)).containsExactlyInAnyOrder(3L, 77L);
            assertThat(changed(reader, Set.copyOf(reader.segmentPaths(Tiers.READINGS))))
                    .isEmpty();
        }
    }

    @Test
    void theWarmUpLeavesNothingBehind() {
        new TierWarmUp(folder, () -> Instant.EPOCH).run();

        assertThat(TestTier.files(folder)).isEmpty();
        assertThat(folder.resolve("anything")).doesNotExist();
    }

    private ParquetOfflineStore at(long seconds) {
        return new ParquetOfflineStore(
                TestTier.open(folder),
                new LocalBoard(),
                () -> Instant.ofEpochSecond(seconds),
                new SegmentWriter.CommitPolicy(50_000, Duration.ZERO, Duration.ofSeconds(20)));
    }

    private static Set<Long> changed(ParquetOfflineStore store, Set<String> seen) {
        Set<Long> subjects = new TreeSet<>();
        store.changed(Tiers.READINGS, bucket -> true, seen::contains, keys -> subjects.add((Long) keys[0]));
        return subjects;
    }

    private static Object glucose(ParquetOfflineStore store, long knownMicros) {
        HistoryRow row = store.asOf(
                        Tiers.READINGS, List.of(new AsOf(new Object[] {1L}, 0, Long.MAX_VALUE, knownMicros)))
                .get(0);
        return row == null ? null : row.row().value(0);
    }
}
