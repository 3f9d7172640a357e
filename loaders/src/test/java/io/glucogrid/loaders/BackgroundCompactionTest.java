package io.glucogrid.loaders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.TableSchema;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
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

    /** Room comes only from what was replaced before. */
    @Test
    void aDiskThatIsFullIsSweptBeforeItIsWrittenTo() throws Exception {
        append(Tiers.READINGS, 3);
        List<String> replaced = paths("readings/l0");
        Tiers.compactor(LocalTier.open(folder), new LocalBoard(), CompactionPolicy.everything(Duration.ZERO))
                .compact("readings");
        append(Tiers.READINGS, FRESH);
        TierStorage full = new TierDecorator(LocalTier.open(folder)) {
            @Override
            public Pending create(String below) throws IOException {
                if (paths("readings/l0").containsAll(replaced)) {
                    throw new IOException("No space left on device");
                }
                return super.create(below);
            }
        };
        CompactionFigures figures = new CompactionFigures();
        CompactionPolicy policy = new CompactionPolicy(FRESH, 8, true, Duration.ZERO, 0);
        try (BackgroundCompaction compaction = background(full, policy, figures)) {
            compaction.start();
            await().atMost(Duration.ofSeconds(20)).until(() -> figures.compactions() == 1 && freshFiles() == 0);
            assertThat(figures.failures()).isZero();
        }
    }

    @Test
    void aTableThatFailsIsTriedLessAndLessOftenAndStopsNoOther() throws Exception {
        append(table("broken", ValueType.INT64), 1);
        append(table("broken", ValueType.STRING), 1); // no segment can hold both
        append(Tiers.READINGS, FRESH);
        AtomicInteger rounds = new AtomicInteger();
        TierStorage tier = new TierDecorator(LocalTier.open(folder)) {
            @Override
            public List<String> folders() throws IOException {
                rounds.incrementAndGet();
                return super.folders();
            }
        };
        CompactionFigures figures = new CompactionFigures();
        try (BackgroundCompaction compaction = background(tier, CompactionPolicy.everything(Duration.ZERO), figures)) {
            compaction.start();
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> figures.compactions() == 1 && freshFiles() == 0 && rounds.get() > 100);
            assertThat(figures.failures()).isBetween(1L, 20L);
        }
    }

    private static BackgroundCompaction background(
            TierStorage tier, CompactionPolicy policy, CompactionFigures figures) {
        Compactor compactor = Tiers.compactor(tier, new LocalBoard(), policy);
        return new BackgroundCompaction(tier, compactor, new Pace(0), () -> true, Duration.ofMillis(5), figures);
    }

    private List<String> paths(String below) throws IOException {
        return LocalTier.open(folder).list(below).stream()
                .map(TierStorage.TierFile::path)
                .toList();
    }

    private static TableSchema table(String name, ValueType value) {
        TableSchema like = Tiers.READINGS;
        return new TableSchema(
                name, like.joinKeys(), like.eventTime(), like.created(), List.of(new Field("value", value)));
    }

    /** So many segments of one row. */
    private void append(TableSchema table, int segments) throws Exception {
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            Object value = table.values().get(0).type() == ValueType.STRING ? "a" : (Object) 1L;
            for (long event = 1; event <= segments; event++) {
                FeatureRow row = new FeatureRow(event, event, new Object[] {value});
                store.append(table, List.of(HistoryRow.upsert(new Object[] {1L}, row)))
                        .get(20, TimeUnit.SECONDS);
            }
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
