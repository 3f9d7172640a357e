package io.glucogrid.loaders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that is full or read-only for a while, below the real store. */
class BadDiskTest {
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
