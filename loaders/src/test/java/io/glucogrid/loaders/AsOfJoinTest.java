package io.glucogrid.loaders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.AsOfBatch;
import io.glucogrid.store.HistoryRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many questions at once, over segments of many pages. */
class AsOfJoinTest {
    private static final int SUBJECTS = 20;
    private static final long LATEST = 100_000;

    @TempDir
    Path folder;

    @Test
    void runsAndFreshSegmentsAnswerAsOneQuestionAfterTheOtherDoes() throws Exception {
        long seed = 11;
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            for (int segment = 0; segment < 4; segment++) {
                RowBatch batch = RowBatch.empty(Tiers.READINGS, 40_000);
                List<HistoryRow> rows = new ArrayList<>();
                for (int i = 0; i < 40_000; i++) {
                    rows.add(row(random));
                }
                if (segment % 2 == 0) {
                    rows.forEach(row -> batch.add(row, 0));
                    BulkLoad.into(LocalTier.open(folder), Tiers.READINGS).add(batch, true);
                    store.relist();
                } else {
                    store.append(Tiers.READINGS, rows).get(20, TimeUnit.SECONDS);
                }
            }
            for (int count : new int[] {3, 3_000}) {
                AsOfBatch questions = questions(random, count);
                same(store, questions);
                same(store, questions.withTtl(50));
                same(store, questions.knownThen());
            }
        }
    }

    @Test
    void blocksAreAsLargeAsTheMemoryOfAJoinAllows() {
        long page = 8L * 5 * ColumnWriter.ROWS_PER_PAGE; // key, event and creation time, glucose, op
        assertThat(AsOfJoin.pages(AsOfJoin.USUAL_BYTES, 1, Tiers.READINGS)).isEqualTo(16);
        assertThat(AsOfJoin.pages(2 * 20 * 3 * page, 20, Tiers.READINGS)).isEqualTo(3);
        assertThat(AsOfJoin.pages(2 * 20 * 3 * page - 1, 20, Tiers.READINGS)).isEqualTo(2);
        assertThat(AsOfJoin.pages(1, 20, Tiers.READINGS)).isEqualTo(1);
    }

    @Test
    void aJoinOfLittleMemoryAnswersTheSame() throws Exception {
        long seed = 12;
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        try (ParquetOfflineStore store = new ParquetOfflineStore(
                LocalTier.open(folder),
                new LocalBoard(),
                InstantSource.system(),
                new SegmentWriter.CommitPolicy(50_000, Duration.ZERO, Duration.ofSeconds(20)),
                1,
                (opened, figures) -> {})) {
            for (int segment = 0; segment < 3; segment++) {
                List<HistoryRow> rows = new ArrayList<>();
                for (int i = 0; i < 20_000; i++) {
                    rows.add(row(random));
                }
                store.append(Tiers.READINGS, rows).get(20, TimeUnit.SECONDS);
            }
            same(store, questions(random, 2_000));
        }
    }

    /** A tenth of the rows deletes; some are created long after their time. */
    private static HistoryRow row(Random random) {
        long subject = random.nextInt(SUBJECTS);
        long event = random.nextLong(LATEST);
        long created = event + (random.nextInt(3) == 0 ? random.nextLong(LATEST) : random.nextInt(5));
        return random.nextInt(10) == 0
                ? Tiers.tombstone(subject, event, created)
                : Tiers.reading(subject, event, created, random.nextInt(300));
    }

    private static AsOfBatch questions(Random random, int count) {
        long[] keys = new long[count];
        long[] at = new long[count];
        for (int i = 0; i < count; i++) {
            keys[i] = random.nextInt(SUBJECTS + 1);
            at[i] = random.nextLong(LATEST + 10);
        }
        return AsOfBatch.of(keys, at);
    }

    private static void same(ParquetOfflineStore store, AsOfBatch questions) {
        Object[] answers = new Object[questions.size()];
        store.join(Tiers.READINGS, questions, (question, row) -> answers[question] = row.row());
        Object[] expected = new Object[questions.size()];
        for (int i = 0; i < expected.length; i++) {
            HistoryRow row =
                    store.asOf(Tiers.READINGS, List.of(questions.question(i))).get(0);
            expected[i] = row == null ? null : row.row();
        }
        assertThat(answers).isEqualTo(expected);
    }

    @Test
    void aFileThatVanishesEndsNoJoin() throws Exception {
        LocalBoard board = new LocalBoard();
        try (ParquetOfflineStore store = Tiers.store(folder, board)) {
            List<HistoryRow> rows = new ArrayList<>();
            for (int i = 0; i < 30_000; i++) {
                rows.add(Tiers.reading(i % SUBJECTS, i, i, i % 300));
            }
            store.append(Tiers.READINGS, rows).get(20, TimeUnit.SECONDS);
            long[] keys = new long[SUBJECTS];
            Arrays.setAll(keys, i -> i);
            long[] at = new long[SUBJECTS];
            Arrays.fill(at, 40_000);
            try (ParquetOfflineStore reader = Tiers.store(folder, new LocalBoard())) {
                assertThat(reader.segments(Tiers.READINGS)).hasSize(1);
                Compactor compactor = Tiers.compactor(
                        LocalTier.open(folder), new LocalBoard(), CompactionPolicy.everything(Duration.ZERO));
                compactor.compact("readings");
                compactor.sweep("readings");
                assertThat(Files.exists(folder.resolve("readings/l0"))).isTrue();
                List<Long> events = new ArrayList<>();
                reader.join(Tiers.READINGS, AsOfBatch.of(keys, at), (question, row) -> events.add(row.eventMicros()));
                assertThat(events).hasSize(SUBJECTS).allMatch(event -> event >= 30_000 - SUBJECTS);
            }
        }
    }

    /** Creation times are read last, when an answer is asked for them. */
    @Test
    void aRunThatVanishesBetweenAnAnswerAndItsCreationTimeEndsNoJoin() throws Exception {
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            for (int part = 0; part < 2; part++) {
                List<HistoryRow> rows = new ArrayList<>();
                for (int i = 0; i < 15_000; i++) {
                    rows.add(Tiers.reading(i % SUBJECTS, 2 * i + part, 2 * i + part, i % 300));
                }
                store.append(Tiers.READINGS, rows).get(20, TimeUnit.SECONDS);
            }
        }
        compact();
        long[] keys = new long[2_000];
        Arrays.setAll(keys, i -> i % SUBJECTS);
        long[] at = new long[keys.length];
        Arrays.setAll(at, i -> 10L * i);
        try (ParquetOfflineStore reader = new ParquetOfflineStore(
                new RemoteTier(),
                new LocalBoard(),
                InstantSource.system(),
                new SegmentWriter.CommitPolicy(50_000, Duration.ZERO, Duration.ofSeconds(20)))) {
            FeatureRow[] found = new FeatureRow[keys.length];
            int[] told = new int[1];
            reader.join(Tiers.READINGS, AsOfBatch.of(keys, at), (question, row) -> {
                if (told[0]++ == 0) {
                    replaceRuns();
                }
                found[question] = row.row();
            });
            for (int i = 0; i < found.length; i++) {
                HistoryRow expected = Tiers.asOf(reader, keys[i], 0, at[i]);
                assertThat(found[i]).isEqualTo(expected == null ? null : expected.row());
            }
        }
    }

    /** Where an open file that is deleted cannot be read on, as on HDFS and S3. */
    private final class RemoteTier extends TierDecorator {
        RemoteTier() {
            super(LocalTier.open(folder));
        }

        @Override
        public InputFile input(String path) {
            InputFile file = super.input(path);
            return new InputFile() {
                @Override
                public long getLength() throws IOException {
                    return file.getLength();
                }

                @Override
                public SeekableInputStream newStream() throws IOException {
                    SeekableInputStream in = file.newStream();
                    return new DelegatingSeekableInputStream(in) {
                        @Override
                        public long getPos() throws IOException {
                            return in.getPos();
                        }

                        @Override
                        public void seek(long position) throws IOException {
                            Files.getLastModifiedTime(folder.resolve(path)); // a NoSuchFileException, if so
                            in.seek(position);
                        }
                    };
                }
            };
        }
    }

    private void compact() throws IOException {
        Compactor compactor =
                Tiers.compactor(LocalTier.open(folder), new LocalBoard(), CompactionPolicy.everything(Duration.ZERO));
        compactor.compact("readings");
        compactor.sweep("readings");
    }

    private void replaceRuns() {
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            for (long subject = 0; subject < SUBJECTS; subject++) {
                Tiers.append(store, Tiers.reading(subject, 1_000_000, 1, 1));
            }
            compact();
        } catch (Exception failure) {
            throw new IllegalStateException(failure);
        }
    }

    @Test
    void anInterruptEndsAJoin() throws Exception {
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            Tiers.append(store, Tiers.reading(1, 1, 1, 1));
            AsOfBatch one = AsOfBatch.of(new long[] {1}, new long[] {1});
            Thread.currentThread().interrupt();
            try {
                assertThatThrownBy(() -> store.join(Tiers.READINGS, one, (question, row) -> {}))
                        .isInstanceOfSatisfying(GridException.class, failure -> assertThat(failure.code())
                                .isEqualTo(ErrorCode.DEADLINE_EXCEEDED));
            } finally {
                assertThat(Thread.interrupted()).isTrue();
            }
            assertThat(store.damagedSegments()).isZero();
        }
    }

    /** As after a bulk load of old readings: whole pages are left out by their earliest creation time. */
    @Test
    void whatNobodyKnewThenAnswersNothing() throws Exception {
        RowBatch batch = RowBatch.empty(Tiers.READINGS, 60_001);
        for (int i = 0; i < 60_000; i++) {
            batch.add(1, i, i, 1_000_000, 0);
        }
        batch.add(1, 5, 7, 5, 0);
        BulkLoad.into(LocalTier.open(folder), Tiers.READINGS).add(batch, true);
        long[] keys = new long[5_000];
        long[] at = new long[keys.length];
        Arrays.fill(keys, 1);
        Arrays.setAll(at, i -> i * 10L);
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            long[] found = new long[keys.length];
            store.join(
                    Tiers.READINGS,
                    AsOfBatch.of(keys, at).knownThen(),
                    (question, row) -> found[question] = row.fixed(0));
            assertThat(found[0]).isZero();
            assertThat(Arrays.stream(found).skip(1)).allMatch(glucose -> glucose == 7);
        }
    }

    @Test
    void numbersFitOnlyATableOfOneNumber() throws Exception {
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            List<Object[]> texts = List.<Object[]>of(new Object[] {"a"});
            assertThatThrownBy(() -> store.join(Tiers.READINGS, AsOfBatch.of(texts, new long[] {1}), (i, row) -> {}))
                    .isInstanceOfSatisfying(GridException.class, failure -> assertThat(failure.code())
                            .isEqualTo(ErrorCode.INVALID_REQUEST));
        }
    }
}
