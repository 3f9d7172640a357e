package io.glucogrid.loaders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.SegmentInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("tier")
class DamageTest {
    @TempDir
    private Path folder;

    private Path segment(int rows) throws Exception {
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            List<HistoryRow> appended = new ArrayList<>();
            for (int i = 0; i < rows; i++) {
                appended.add(Tiers.reading(i % 5, i, i, i));
            }
            store.append(Tiers.READINGS, appended).get(20, TimeUnit.SECONDS);
        }
        return TestTier.files(folder).get(0);
    }

    @Test
    void anyFlippedBitIsDetectedAndTheFileNamed() throws Exception {
        Path file = segment(50);
        byte[] sound = TestTier.bytes(file);
        int step = TestTier.isLocal() ? 7 : 97;
        for (int position = 4; position < sound.length - 8; position += step) {
            flip(file, sound, position);
            try (ParquetOfflineStore store = Tiers.store(folder)) {
                assertThatThrownBy(() -> Tiers.asOf(store, 1, 0, 100))
                        .as("bit %d of byte %d of %d", position % 8, position, sound.length)
                        .isInstanceOfSatisfying(GridException.class, failure -> assertThat(failure.code())
                                .isEqualTo(ErrorCode.DAMAGED_DATA))
                        .hasMessageContaining(file.getFileName().toString());
            }
        }
        TestTier.write(file, sound);
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            assertThat(Tiers.asOf(store, 1, 0, 100).row()).isEqualTo(new FeatureRow(46, 46, new Object[] {46L}));
        }
    }

    /** The checksum in the name is looked at once; pages that rot later have their own. */
    @Test
    void aPageThatRotsAfterTheFirstReadIsDetectedToo() throws Exception {
        assumeTrue(TestTier.isLocal(), "nobody can change an HDFS file or an object in place");
        Path file = segment(20_000);
        byte[] sound = TestTier.bytes(file);
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            assertThat(Tiers.asOf(store, 1, 0, 1)).isNotNull(); // opens, reads one page of five
            long seed = 11;
            System.out.println("seed " + seed);
            Random random = new Random(seed);
            byte[] rotten = sound.clone();
            for (int i = 0; i < 200; i++) {
                rotten[100 + random.nextInt(sound.length / 2)] ^= 1;
            }
            TestTier.write(file, rotten); // same inode: an open reader sees it
            assertThatThrownBy(() -> store.scan(Tiers.READINGS, bucket -> true, row -> {}))
                    .isInstanceOfSatisfying(GridException.class, failure -> assertThat(failure.code())
                            .isEqualTo(ErrorCode.DAMAGED_DATA))
                    .hasMessageContaining(file.getFileName().toString());
        }
    }

    @Test
    void whatIsLeftOutIsClosedToo() throws Exception {
        assumeTrue(TestTier.isLocal() && OpenFiles.areCountable(), "open files cannot be counted here");
        Path rotten = segment(20_000);
        segment(20_001);
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            assertThat(Tiers.scan(store)).hasSize(20_001);
            assertThat(OpenFiles.below(folder)).isEqualTo(2);
            for (SegmentInfo each : store.segments(Tiers.READINGS)) {
                if (!folder.resolve(each.path()).equals(rotten)) {
                    store.quarantine().mark(each.path(), each.bytes(), "another reader says so");
                }
            }
            byte[] zeros = new byte[TestTier.bytes(rotten).length];
            TestTier.write(rotten, zeros);
            assertThatThrownBy(() -> Tiers.scan(store)).isInstanceOf(GridException.class);

            assertThat(Tiers.scan(store)).isEmpty();
            assertThat(OpenFiles.below(folder)).isZero();
        }
    }

    @Test
    void aTruncatedFileIsSkippedAndCountedAndTheRestServed() throws Exception {
        Path file = segment(10);
        Path other = file.resolveSibling("00000000-0000-4000-8000-000000000000.parquet");
        byte[] sound = TestTier.bytes(file);
        TestTier.write(other, java.util.Arrays.copyOf(sound, sound.length / 2));
        TestTier.write(file.resolveSibling("00000000-0000-4000-8000-000000000001.parquet"), new byte[0]);
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            assertThat(Tiers.asOf(store, 1, 0, 100)).isNotNull();
            assertThat(store.damagedSegments()).isEqualTo(2);
        }
    }

    @Test
    void whatACrashLeavesBehindIsNotRead() throws Exception {
        Path file = segment(10);
        TestTier.write(file.resolveSibling("half.parquet" + LocalTier.IN_PROGRESS), TestTier.bytes(file));
        TestTier.write(
                file.resolveSibling("half2.parquet" + LocalTier.IN_PROGRESS),
                "PAR1 and no more".getBytes(StandardCharsets.US_ASCII));
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            assertThat(store.segments(Tiers.READINGS)).hasSize(1);
            assertThat(store.segments(Tiers.READINGS).get(0).rows()).isEqualTo(10);
            assertThat(store.damagedSegments()).isZero();
        }
    }

    @Test
    void aFileThatOthersRemovedIsForgotten() throws Exception {
        Path file = segment(10);
        try (ParquetOfflineStore writer = Tiers.store(folder);
                ParquetOfflineStore store = Tiers.store(folder)) {
            assertThat(store.segments(Tiers.READINGS)).hasSize(1);
            writer.append(Tiers.READINGS, List.of(Tiers.reading(1, 200, 200, 7)))
                    .get(20, TimeUnit.SECONDS);
            store.relist();
            TestTier.delete(file);
            List<HistoryRow> rows = new ArrayList<>();
            store.relist();
            store.scan(Tiers.READINGS, bucket -> true, rows::add);
            assertThat(rows).hasSize(1);
        }
    }

    /** As a compaction does: the same rows in another file, the old one gone, while somebody reads. */
    @Test
    void aScanGoesOnWhenItsFileIsReplacedUnderIt() throws Exception {
        Path file = segment(20_000);
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            List<HistoryRow> rows = new ArrayList<>();
            store.scan(Tiers.READINGS, bucket -> true, row -> {
                rows.add(row);
                if (rows.size() == 5_000) {
                    replace(file);
                }
            });
            assertThat(rows.stream().map(row -> row.row().eventMicros()).distinct())
                    .hasSize(20_000);
            assertThat(rows).hasSize(20_000);
        }
    }

    private static void replace(Path file) {
        try {
            TestTier.write(file.resolveSibling("00000000-0000-4000-8000-00000000000a.parquet"), TestTier.bytes(file));
            TestTier.delete(file);
        } catch (IOException failure) {
            throw new java.io.UncheckedIOException(failure);
        }
    }

    @Test
    void aSegmentOfAnotherTableIsRefused() throws Exception {
        Path file = segment(10);
        Path foreign = folder.resolve("others/l0/20260101/" + file.getFileName());
        TestTier.write(foreign, TestTier.bytes(file));
        io.glucogrid.store.TableSchema others = new io.glucogrid.store.TableSchema(
                "others",
                Tiers.READINGS.joinKeys(),
                Tiers.READINGS.eventTime(),
                Tiers.READINGS.created(),
                Tiers.READINGS.values());
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            assertThatThrownBy(() -> store.segments(others)).hasMessageContaining("table readings");
        }
    }

    private static void flip(Path file, byte[] sound, int position) throws IOException {
        byte[] damaged = sound.clone();
        damaged[position] ^= (byte) (1 << position % 8);
        TestTier.write(file, damaged);
    }
}
