package io.glucogrid.loaders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackgroundCompactionTest {
    private static final int APPENDS = 400;
    private static final int FRESH = 16;

    @TempDir
    private Path folder;

    private long freshFiles() throws IOException {
        return TestTier.open(folder).list("readings/l0").stream()
                .filter(file -> file.path().endsWith(".parquet"))
                .count();
    }

    @Test
    void anErrorIsCountedAndTheNextRoundComes() throws Exception {
        AtomicInteger rounds = new AtomicInteger();
        TierStorage tier = new TierDecorator(LocalTier.open(folder)) {
            @Override
            public List<String> folders() throws IOException {
                if (rounds.incrementAndGet() <= 2) {
                    throw new OutOfMemoryError("as a test wants it");
                }
                return super.folders();
            }
        };
        Pace pace = new Pace(0);
        CompactionFigures figures = new CompactionFigures();
        Compactor compactor = Tiers.compactor(tier, new LocalBoard(), CompactionPolicy.inNode(FRESH));
        try (BackgroundCompaction compaction =
                new BackgroundCompaction(tier, compactor, pace, () -> true, Duration.ofMillis(5), figures)) {
            compaction.start();
            await().atMost(Duration.ofSeconds(20)).until(() -> rounds.get() >= 4);
            assertThat(figures.failures()).isEqualTo(2);
        }
    }

    @Test
    void aWriterThatNeverRestsLeavesFewSegmentsAndLosesNoRow() throws Exception {
        LocalBoard board = new LocalBoard();
        LocalTier tier = LocalTier.open(folder);
        Pace pace = new Pace(0);
        CompactionPolicy policy = new CompactionPolicy(FRESH, 8, true, Duration.ofMillis(100), 0);
        Compactor compactor = new Compactor(tier, board, InstantSource.system(), policy, pace, new Quarantine(tier));
        long most = 0;
        try (ParquetOfflineStore store = Tiers.store(folder, board);
                BackgroundCompaction compaction = new BackgroundCompaction(
                        tier, compactor, pace, () -> true, Duration.ofMillis(20), new CompactionFigures())) {
            compaction.start();
            for (int i = 0; i < APPENDS; i++) {
                Tiers.append(store, Tiers.reading(i % 7, i, i, 100), Tiers.reading(7 + i % 5, i, i, 100));
                most = Math.max(most, freshFiles());
                if (i % 40 == 39) { // a reader in between sees every acknowledged row, once
                    assertThat(Tiers.scan(store)).hasSize(2 * (i + 1));
                }
            }
            assertThat(most).isLessThan(APPENDS * 3 / 4);
            await().atMost(Duration.ofSeconds(20)).until(() -> freshFiles() < FRESH);
            List<String> lines = Tiers.lines(Tiers.scan(store));
            Set<String> distinct = lines.stream().collect(Collectors.toSet());
            assertThat(lines).hasSize(2 * APPENDS);
            assertThat(distinct).hasSize(2 * APPENDS);
        }
    }
}
