package io.glucogrid.loaders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.HistoryRow;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A failure that passes leaves no sound file out: what is left out is missing in answers. */
class SecondLookTest {
    private static final int READERS = 3;
    private static final int APPENDS = 250;

    @TempDir
    private Path folder;

    private ParquetOfflineStore store(TierStorage tier) {
        return new ParquetOfflineStore(
                tier,
                new LocalBoard(),
                InstantSource.system(),
                new SegmentWriter.CommitPolicy(50_000, Duration.ZERO, Duration.ofSeconds(20)));
    }

    private void write(int rows) throws Exception {
        try (ParquetOfflineStore store = store(LocalTier.open(folder))) {
            List<HistoryRow> appended = new ArrayList<>();
            for (int i = 0; i < rows; i++) {
                appended.add(Tiers.reading(1, i, i, i * 7919L % 300));
            }
            store.append(Tiers.READINGS, appended).get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void anInterruptedReadFindsNothingDamaged() throws Exception {
        write(20_000);
        try (ParquetOfflineStore store = store(LocalTier.open(folder))) {
            for (int at : new int[] {10, 19_000}) { // opens the file, then reads a page of it
                Thread.currentThread().interrupt();
                try {
                    assertThat(Tiers.asOf(store, 1, 0, at)).isNotNull();
                } catch (GridException stopped) {
                    assertThat(stopped.code()).isNotEqualTo(ErrorCode.DAMAGED_DATA);
                } finally {
                    assertThat(Thread.interrupted()).isTrue();
                }
            }
            assertThat(store.damagedSegments()).isZero();
            assertThat(Tiers.scan(store)).hasSize(20_000);
        }
    }

    @Test
    void aChannelThatAnInterruptClosedIsNoDamage() {
        GridException wrapped = ParquetColumns.damaged("file", new IOException(new ClosedByInterruptException()));

        assertThatThrownBy(() -> StorageException.rethrow(wrapped)).isInstanceOf(StorageException.class);
    }

    @Test
    void aReadThatFailsOnceIsDoneAgainAndTheFileStays() throws Exception {
        write(20_000);
        TearingTier tier = new TearingTier(LocalTier.open(folder));
        try (ParquetOfflineStore store = store(tier)) {
            tier.tears.set(1); // the checksum of the whole file
            assertThat(Tiers.asOf(store, 1, 0, 10)).isNotNull();
            assertThat(tier.tears).hasValue(0);

            tier.tears.set(1); // a page
            assertThat(Tiers.scan(store)).hasSize(20_000);
            assertThat(tier.tears).hasValue(0);
            assertThat(store.damagedSegments()).isZero();
        }
    }

    @Test
    void aDiskThatFailsToReadSaysNothingAboutTheFile() throws Exception {
        write(100);
        TearingTier tier = new TearingTier(LocalTier.open(folder));
        try (ParquetOfflineStore store = store(tier)) {
            tier.refuses.set(true);
            assertThatThrownBy(() -> Tiers.asOf(store, 1, 0, 10))
                    .isInstanceOfSatisfying(GridException.class, failure -> assertThat(failure.code())
                            .isEqualTo(ErrorCode.STORAGE_UNAVAILABLE));

            tier.refuses.set(false);
            assertThat(store.damagedSegments()).isZero();
            assertThat(Tiers.scan(store)).hasSize(100);
        }
    }

    /** As on a node under load: reads whose caller gave up are interrupted while files are written, merged and removed. */
    @Test
    void readersThatAreInterruptedAmongCompactionsLeaveNoFileOut() throws Exception {
        assumeTrue(TestTier.isLocal(), "the clock of this test is a local disk's");
        long seed = 17;
        System.out.println("seed " + seed);
        LocalBoard board = new LocalBoard();
        LocalTier tier = LocalTier.open(folder);
        Quarantine quarantine = new Quarantine(tier);
        Pace pace = new Pace(0);
        CompactionPolicy policy = new CompactionPolicy(16, 8, true, Duration.ofMillis(100), 0);
        Compactor compactor = new Compactor(tier, board, InstantSource.system(), policy, pace, quarantine);
        Queue<Throwable> wrong = new ConcurrentLinkedQueue<>();
        AtomicBoolean over = new AtomicBoolean();
        AtomicLong last = new AtomicLong(-1);
        AtomicInteger answers = new AtomicInteger();
        CountDownLatch started = new CountDownLatch(READERS);
        List<Thread> readers = new ArrayList<>();
        try (ParquetOfflineStore writer = Tiers.store(folder, board);
                ParquetOfflineStore store = Tiers.store(folder, board);
                BackgroundCompaction compaction = new BackgroundCompaction(
                        tier, compactor, pace, () -> true, Duration.ofMillis(20), new CompactionFigures())) {
            for (int i = 0; i < READERS; i++) {
                boolean scans = i == 0;
                Thread reader = new Thread(() -> {
                    started.countDown();
                    while (!over.get()) {
                        long known = last.get();
                        try {
                            if (scans) {
                                assertThat(Tiers.scan(store)).hasSizeGreaterThanOrEqualTo((int) known + 1);
                            } else if (known >= 0) {
                                HistoryRow row = Tiers.asOf(store, known % 7, 0, known);
                                assertThat(row).as("reading %d", known).isNotNull();
                                assertThat(row.row().eventMicros()).isEqualTo(known);
                            }
                            answers.incrementAndGet();
                        } catch (GridException failure) {
                            if (failure.code() == ErrorCode.DAMAGED_DATA) {
                                wrong.add(failure);
                            }
                        } catch (AssertionError lost) {
                            wrong.add(lost);
                        }
                    }
                });
                readers.add(reader);
                reader.start();
            }
            started.await();
            compaction.start();
            Random random = new Random(seed);
            for (int i = 0; i < APPENDS; i++) {
                Tiers.append(writer, Tiers.reading(i % 7, i, i, 100));
                last.set(i);
                readers.get(random.nextInt(READERS)).interrupt();
            }
            over.set(true);
            for (Thread reader : readers) {
                reader.join(TimeUnit.SECONDS.toMillis(20));
            }
            assertThat(wrong).isEmpty();
            assertThat(answers).hasPositiveValue();
            assertThat(store.damagedSegments()).isZero();
            assertThat(Tiers.scan(store)).hasSize(APPENDS);
        }
    }

    /** Gives a wrong byte as often as it is told to, or nothing at all. */
    private static final class TearingTier extends TierDecorator {
        private final AtomicInteger tears = new AtomicInteger();
        private final AtomicBoolean refuses = new AtomicBoolean();

        TearingTier(TierStorage tier) {
            super(tier);
        }

        @Override
        public InputFile input(String path) {
            InputFile whole = super.input(path);
            return new InputFile() {
                @Override
                public long getLength() throws IOException {
                    return whole.getLength();
                }

                @Override
                public SeekableInputStream newStream() throws IOException {
                    return new Torn(whole.newStream());
                }
            };
        }

        private final class Torn extends DelegatingSeekableInputStream {
            private final SeekableInputStream whole;

            Torn(SeekableInputStream whole) {
                super(whole);
                this.whole = whole;
            }

            @Override
            public long getPos() throws IOException {
                return whole.getPos();
            }

            @Override
            public void seek(long position) throws IOException {
                whole.seek(position);
            }

            @Override
            public int read(byte[] bytes) throws IOException {
                return read(bytes, 0, bytes.length);
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                refuse();
                int read = whole.read(bytes, offset, length);
                if (read > 200 && tears.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                    bytes[offset + read / 2] ^= 1;
                }
                return read;
            }

            @Override
            public void readFully(byte[] bytes, int offset, int length) throws IOException {
                for (int done = 0; done < length; ) {
                    done += read(bytes, offset + done, length - done);
                }
            }

            @Override
            public void readFully(ByteBuffer target) throws IOException {
                byte[] bytes = new byte[target.remaining()];
                readFully(bytes, 0, bytes.length);
                target.put(bytes);
            }

            private void refuse() throws IOException {
                if (refuses.get()) {
                    throw new StorageException("input/output error", new IOException("EIO"));
                }
            }
        }
    }
}
