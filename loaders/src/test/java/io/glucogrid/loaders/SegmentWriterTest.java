package io.glucogrid.loaders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.SegmentInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("tier")
class SegmentWriterTest {
    @TempDir
    private Path folder;

    @Test
    void appendsThatArriveTogetherShareASegment() throws Exception {
        SegmentWriter.CommitPolicy patient =
                new SegmentWriter.CommitPolicy(100, Duration.ofSeconds(30), Duration.ofSeconds(20));
        try (ParquetOfflineStore store =
                new ParquetOfflineStore(TestTier.open(folder), new LocalBoard(), InstantSource.system(), patient)) {
            List<CompletableFuture<Void>> done = new ArrayList<>();
            for (int i = 0; i < 100; i++) { // the hundredth row closes the segment, long before its time is over
                done.add(store.append(Tiers.READINGS, List.of(Tiers.reading(i, i, i, i))));
            }
            CompletableFuture.allOf(done.toArray(CompletableFuture[]::new)).get(20, TimeUnit.SECONDS);

            assertThat(TestTier.files(folder)).hasSize(1);
            assertThat(store.segments(Tiers.READINGS).get(0).rows()).isEqualTo(100);
        }
    }

    @Test
    void aFailedWriteFailsItsAppendsLeavesNoFileAndTheNextOneWorks() throws Exception {
        FailingTier tier = new FailingTier(TestTier.open(folder));
        try (ParquetOfflineStore store = new ParquetOfflineStore(
                tier,
                new LocalBoard(),
                InstantSource.system(),
                new SegmentWriter.CommitPolicy(100, Duration.ZERO, Duration.ofSeconds(20)))) {
            tier.failing.set(true);
            assertThatThrownBy(() -> Tiers.append(store, Tiers.reading(1, 1, 1, 1)))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOfSatisfying(GridException.class, failure -> assertThat(failure.code())
                            .isEqualTo(ErrorCode.STORAGE_UNAVAILABLE))
                    .hasMessageContaining("disk is full");
            assertThat(TestTier.files(folder)).isEmpty();
            tier.failing.set(false);
            Tiers.append(store, Tiers.reading(1, 2, 2, 2));

            assertThat(Tiers.asOf(store, 1, 0, 9).row().eventMicros()).isEqualTo(2);
        }
    }

    @Test
    void aCacheStoresAppendDoesNotWaitForTheGridButOthersDo() throws Exception {
        StuckBoard board = new StuckBoard();
        try (ParquetOfflineStore store = Tiers.store(folder, board)) {
            CompletableFuture<Void> grid = store.append(Tiers.READINGS, List.of(Tiers.reading(1, 1, 1, 1)));
            store.appendLocally(Tiers.READINGS, List.of(Tiers.reading(1, 2, 2, 2)))
                    .get(20, TimeUnit.SECONDS);

            assertThat(grid).isNotDone();
            assertThat(TestTier.files(folder)).hasSizeBetween(1, 2);
            board.open.countDown();
            grid.get(20, TimeUnit.SECONDS);
            assertThat(Tiers.asOf(store, 1, 0, 9).row().eventMicros()).isEqualTo(2);
        }
    }

    @Test
    void rowsThatDoNotFitTheTableAreRefusedAtOnce() throws Exception {
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            HistoryRow text = HistoryRow.upsert(
                    new Object[] {"one"}, new io.glucogrid.feature.FeatureRow(1, 1, new Object[] {1L}));
            assertThatThrownBy(() -> store.append(Tiers.READINGS, List.of(text)))
                    .hasMessage("table 'readings' needs a INT64 as 'subject_id', not String");
        }
    }

    @Test
    void aTierThatCannotBeUsedIsNamed() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        assertThatThrownBy(() -> TierStorage.open(file.toUri()))
                .hasMessageContaining(file.toString())
                .isInstanceOfSatisfying(GridException.class, failure -> assertThat(failure.code())
                        .isEqualTo(ErrorCode.INVALID_CONFIG));
        assertThatThrownBy(() -> TierStorage.open(file.resolve("below").toUri()))
                .hasMessageContaining(file.toString())
                .isInstanceOfSatisfying(GridException.class, failure -> assertThat(failure.code())
                        .isEqualTo(ErrorCode.STORAGE_UNAVAILABLE));
        assertThatThrownBy(() -> TierStorage.open(TierStorage.address("ftp://host/tier")))
                .hasMessageContaining("must be a path or start with file:, hdfs: or s3a:")
                .isInstanceOfSatisfying(GridException.class, failure -> assertThat(failure.code())
                        .isEqualTo(ErrorCode.INVALID_CONFIG));
    }

    @Test
    void droppedRowsAreGoneForEverybodyAtOnce() throws Exception {
        LocalBoard board = new LocalBoard();
        try (ParquetOfflineStore one = Tiers.store(folder, board);
                ParquetOfflineStore two = Tiers.store(folder, board)) {
            Tiers.append(one, Tiers.reading(1, 1, 1, 1));
            assertThat(Tiers.asOf(two, 1, 0, 9)).isNotNull();
            one.drop(Tiers.READINGS);

            assertThat(Tiers.asOf(two, 1, 0, 9)).isNull();
            assertThat(Tiers.asOf(one, 1, 0, 9)).isNull();
            Tiers.append(two, Tiers.reading(1, 2, 2, 2));
            assertThat(Tiers.asOf(one, 1, 0, 9).row().eventMicros()).isEqualTo(2);
        }
    }

    /** Announces only once it is told to. */
    private static final class StuckBoard extends BoardDecorator {
        private final CountDownLatch open = new CountDownLatch(1);

        StuckBoard() {
            super(new LocalBoard());
        }

        @Override
        public Change announce(String table, Collection<SegmentInfo> segments) {
            try {
                if (!open.await(20, TimeUnit.SECONDS)) {
                    throw new IllegalStateException("never opened");
                }
            } catch (InterruptedException stopped) {
                throw new IllegalStateException(stopped);
            }
            return super.announce(table, segments);
        }
    }

    /** A disk that is full at the moment of publishing. */
    private static final class FailingTier extends TierDecorator {
        private final AtomicBoolean failing = new AtomicBoolean();

        FailingTier(TierStorage tier) {
            super(tier);
        }

        @Override
        public Pending create(String below) throws IOException {
            return new PendingDecorator(super.create(below)) {
                @Override
                public long publish(String path) throws IOException {
                    if (failing.get()) {
                        throw new IOException("disk is full");
                    }
                    return super.publish(path);
                }
            };
        }
    }
}
