package io.glucogrid.loaders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.HistoryRow;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that is full or read-only for a while, below the real store. */
class BadDiskTest {
    private static final int WRITERS = 3;
    private static final String TABLE = Tiers.READINGS.name();

    @TempDir
    private Path folder;

    private SmallDisk disk;
    private Path tier;

    @BeforeEach
    void mount() throws Exception {
        disk = SmallDisk.mount(folder.resolve("disk"), "2m");
        tier = folder.resolve("disk/tier");
    }

    @AfterEach
    void unmount() throws Exception {
        if (disk != null) {
            disk.unmount();
        }
    }

    private static void isRefused(ParquetOfflineStore store, long event, String reason) {
        assertThatThrownBy(() -> store.append(Tiers.READINGS, List.of(Tiers.reading(1, event, event, event)))
                        .get(20, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOfSatisfying(GridException.class, failure -> assertThat(failure.code())
                        .isEqualTo(ErrorCode.STORAGE_UNAVAILABLE))
                .hasMessageContaining("rows of table 'readings' could not be written")
                .hasMessageContaining(reason);
    }

    private void isSoundWith(int rows) throws IOException {
        TierCheck.Report report = new TierCheck(LocalTier.open(tier), read -> {}).check(TABLE);
        assertThat(report.rows()).isEqualTo(rows);
        assertThat(report.damaged()).isEmpty();
        assertThat(report.orphans()).isEmpty();
    }

    @Test
    void aFullDiskFailsWritesWithItsReasonLosesNothingAndIsUsedAgainOnceThereIsRoom() throws Exception {
        try (ParquetOfflineStore store = Tiers.store(tier)) {
            Tiers.append(store, Tiers.reading(1, 1, 1, 1));
            disk.fill();
            isRefused(store, 2, "No space left on device");
            isRefused(store, 3, "No space left on device");
            assertThat(store.isWritable()).isFalse();
            assertThat(store.problems())
                    .singleElement()
                    .asString()
                    .contains("takes no writes: No space left on device");
            assertThat(Tiers.asOf(store, 1, 0, 9).row().eventMicros()).isEqualTo(1);

            disk.makeRoom();
            await().atMost(Duration.ofSeconds(20)).until(() -> store.problems().isEmpty()); // though nobody writes
            Tiers.append(store, Tiers.reading(1, 2, 2, 2));
            assertThat(Tiers.scan(store)).hasSize(2);
        }
        isSoundWith(2);
    }

    /** As the offline streams and pushes of a node do: what was refused comes again until it is taken. */
    @Test
    void writersThatComeAgainLoseNothingAndGoOnByThemselves() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
        Tries tries = new Tries();
        AtomicBoolean over = new AtomicBoolean();
        try (ParquetOfflineStore store = Tiers.store(tier)) {
            List<Future<Integer>> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                long subject = i;
                writers.add(threads.submit(() -> {
                    int event = 0;
                    while (!over.get()) {
                        if (!tries.turns.tryAcquire(50, TimeUnit.MILLISECONDS)) {
                            continue;
                        }
                        HistoryRow row = Tiers.reading(subject, event, event, event);
                        try {
                            store.append(Tiers.READINGS, List.of(row)).get(20, TimeUnit.SECONDS);
                            event++;
                            tries.taken.incrementAndGet();
                        } catch (ExecutionException full) {
                            assertThat(full.getCause())
                                    .isInstanceOfSatisfying(GridException.class, failure -> assertThat(failure.code())
                                            .isEqualTo(ErrorCode.STORAGE_UNAVAILABLE));
                            tries.refused.incrementAndGet();
                        }
                    }
                    return event;
                }));
            }
            for (int round = 0; round < 2; round++) {
                tries.some(tries.taken);
                disk.fill();
                tries.some(tries.refused);
                assertThat(store.isWritable()).isFalse();
                disk.makeRoom();
                tries.some(tries.taken);
                disk.readOnly(true);
                tries.some(tries.refused);
                disk.readOnly(false);
            }
            tries.some(tries.taken);
            over.set(true);
            int rows = 0;
            for (Future<Integer> writer : writers) {
                rows += writer.get(20, TimeUnit.SECONDS);
            }
            assertThat(Tiers.scan(store)).hasSize(rows);
            assertThat(store.problems()).isEmpty();
            assertThat(rows).isEqualTo(tries.taken.get());
        } finally {
            over.set(true);
            threads.shutdownNow();
        }
    }

    /** Tries of some writers, and how they ended. */
    private static final class Tries {
        private final Semaphore turns = new Semaphore(0);
        private final AtomicInteger taken = new AtomicInteger();
        private final AtomicInteger refused = new AtomicInteger();
        private int given;

        /** Lets the writers try a few times; all tries end before this does, and at least one of them in the way that is named. */
        void some(AtomicInteger ends) {
            int before = ends.get();
            given += 2 * WRITERS;
            turns.release(2 * WRITERS);
            await().atMost(Duration.ofSeconds(20)).until(() -> taken.get() + refused.get() == given);
            assertThat(ends.get()).isGreaterThan(before);
        }
    }

    @Test
    void aReadOnlyDiskFailsWritesWithItsReasonAndIsUsedAgain() throws Exception {
        try (ParquetOfflineStore store = Tiers.store(tier)) {
            Tiers.append(store, Tiers.reading(1, 1, 1, 1));
            disk.readOnly(true);
            isRefused(store, 2, "Read-only file system");
            assertThat(store.problems()).singleElement().asString().contains("takes no writes: Read-only file system");
            assertThat(Tiers.asOf(store, 1, 0, 9).row().eventMicros()).isEqualTo(1);
            assertThatThrownBy(() -> LocalTier.open(tier))
                    .isInstanceOfSatisfying(GridException.class, failure -> assertThat(failure.code())
                            .isEqualTo(ErrorCode.STORAGE_UNAVAILABLE))
                    .hasMessageContaining("Read-only file system");

            disk.readOnly(false);
            Tiers.append(store, Tiers.reading(1, 2, 2, 2)); // the writer needs nobody to tell it
            assertThat(store.problems()).isEmpty();
            assertThat(Tiers.scan(store)).hasSize(2);
        }
        isSoundWith(2);
    }

    /** The only room there is lies in segments that were replaced before. */
    @Test
    void aFullDiskIsCompactedAgainByItselfOnceReplacedSegmentsMayGo() throws Exception {
        try (ParquetOfflineStore store = Tiers.store(tier)) {
            List<HistoryRow> rows = new ArrayList<>();
            for (int event = 0; event < 10_000; event++) {
                rows.add(Tiers.reading(1, event, event, event * 7919L % 300));
            }
            for (int copy = 0; copy < 4; copy++) {
                store.append(Tiers.READINGS, rows).get(20, TimeUnit.SECONDS);
            }
        }
        CompactionPolicy policy = new CompactionPolicy(4, 8, true, Duration.ZERO, 0);
        TierStorage storage = LocalTier.open(tier);
        Compactor compactor = Tiers.compactor(storage, new LocalBoard(), policy);
        compactor.compact(TABLE);
        try (ParquetOfflineStore store = Tiers.store(tier)) {
            for (int event = 0; event < 4; event++) {
                Tiers.append(store, Tiers.reading(2, event, event, event));
            }
        }
        disk.fill();
        CompactionFigures figures = new CompactionFigures();
        try (BackgroundCompaction compaction =
                new BackgroundCompaction(storage, compactor, new Pace(0), () -> true, Duration.ofMillis(5), figures)) {
            compaction.start();
            await().atMost(Duration.ofSeconds(20)).until(() -> figures.compactions() > 0);
        }
        disk.makeRoom();
        compactor.sweep(TABLE);
        isSoundWith(10_004);
    }

    @Test
    void aCompactionThatFindsNoRoomLeavesEverythingAsItWas() throws Exception {
        LocalBoard board = new LocalBoard();
        try (ParquetOfflineStore store = Tiers.store(tier, board)) {
            for (long event = 1; event <= 4; event++) {
                Tiers.append(store, Tiers.reading(1, event, event, event), Tiers.reading(2, event, event, event));
            }
            Compactor compactor =
                    Tiers.compactor(LocalTier.open(tier), board, CompactionPolicy.everything(Duration.ZERO));
            disk.fill();
            assertThatThrownBy(() -> compactor.compact(TABLE)).hasStackTraceContaining("No space left on device");
            compactor.sweep(TABLE);
            assertThat(Tiers.scan(store)).hasSize(8);

            disk.makeRoom();
            compactor.compact(TABLE);
            compactor.sweep(TABLE);
            assertThat(Tiers.scan(store)).hasSize(8);
        }
        isSoundWith(8);
    }
}
