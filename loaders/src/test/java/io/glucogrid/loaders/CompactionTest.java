package io.glucogrid.loaders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.Buckets;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.AsOf;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.SegmentInfo;
import io.glucogrid.store.TableSchema;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("tier")
class CompactionTest {
    private static final String TABLE = Tiers.READINGS.name();
    private static final CompactionPolicy NOW = CompactionPolicy.everything(Duration.ZERO);

    @TempDir
    private Path folder;

    private Compactor compactor() {
        return Tiers.compactor(TestTier.open(folder), new LocalBoard(), NOW);
    }

    /** Each call a fresh segment. */
    private void append(HistoryRow... rows) throws Exception {
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            Tiers.append(store, rows);
        }
    }

    private List<Path> segments() {
        return TestTier.files(folder).stream()
                .filter(file -> file.toString().endsWith(".parquet"))
                .toList();
    }

    private List<String> lines() throws Exception {
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            return Tiers.lines(Tiers.scan(store));
        }
    }

    private long storedRows() throws Exception {
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            return store.segments(Tiers.READINGS).stream()
                    .mapToLong(segment -> segment.rows())
                    .sum();
        }
    }

    @Test
    void duplicatesGoVersionsStayAndDeletesStayForGood() throws Exception {
        append(Tiers.reading(1, 10, 10, 100), Tiers.reading(1, 20, 20, 110), Tiers.reading(1, 30, 30, 120));
        append(Tiers.reading(1, 10, 10, 100), Tiers.reading(1, 20, 25, 111));
        append(Tiers.tombstone(1, 30, 30), Tiers.reading(1, 30, 40, 125), Tiers.tombstone(1, 30, 20));
        List<String> before = lines();
        Compactor.Result result = compactor().compact(TABLE);
        int deleted = compactor().sweep(TABLE);

        assertThat(lines()).isEqualTo(before).hasSize(4);
        assertThat(result).isEqualTo(new Compactor.Result(3, 1, 8, 7)); // 4 live rows, a hidden one and two deletes
        assertThat(deleted).isEqualTo(3);
        assertThat(TestTier.files(folder)).hasSize(1);
        assertThat(storedRows()).isEqualTo(7);

        append(Tiers.reading(1, 30, 30, 120)); // a replay of what was deleted
        assertThat(lines()).isEqualTo(before);
        compactor().compact(TABLE);
        compactor().sweep(TABLE);
        assertThat(lines()).isEqualTo(before);
        assertThat(storedRows()).isEqualTo(7);
    }

    @Test
    void whatWasKnownAtATimeIsTheSameBeforeAndAfter() throws Exception {
        append(Tiers.reading(1, 10, 50, 100), Tiers.reading(1, 20, 60, 110));
        append(Tiers.tombstone(1, 10, 90), Tiers.reading(1, 20, 95, 111));
        append(Tiers.reading(1, 10, 120, 101), Tiers.tombstone(1, 20, 130));
        List<String> before = known();
        assertThat(before).containsExactly("-", "100", "110", "110", "111", "111", "101");
        compactor().compact(TABLE);
        assertThat(known()).isEqualTo(before);
        compactor().sweep(TABLE);
        assertThat(known()).isEqualTo(before);
    }

    /** Glucose of the latest row that was known at some times. */
    private List<String> known() throws Exception {
        List<String> values = new ArrayList<>();
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            for (long known : new long[] {49, 50, 60, 94, 95, 120, 130}) {
                HistoryRow row = store.asOf(Tiers.READINGS, List.of(new AsOf(new Object[] {1L}, 0, 200, known)))
                        .get(0);
                values.add(row == null ? "-" : row.row().value(0).toString());
            }
        }
        return values;
    }

    @Test
    void aBoardThatFailsAfterTheReceiptHidesNothing() throws Exception {
        append(Tiers.reading(1, 10, 10, 100));
        append(Tiers.reading(1, 20, 20, 100));
        SegmentBoard cutOff = new BoardDecorator(new LocalBoard()) {
            @Override
            public Change invalidate(String table) {
                throw new GridException(ErrorCode.DEADLINE_EXCEEDED, "nodes are joining");
            }
        };
        Compactor compactor = Tiers.compactor(TestTier.open(folder), cutOff, NOW);
        assertThatThrownBy(() -> compactor.compact(TABLE)).hasMessageContaining("nodes are joining");

        isSoundWithTwoRows();
    }

    @Test
    void aReceiptWhoseWriterNeverHeardOfItsSuccessHidesNothing() throws Exception {
        append(Tiers.reading(1, 10, 10, 100));
        append(Tiers.reading(1, 20, 20, 100));
        TierStorage deaf = new TierDecorator(TestTier.open(folder)) {
            @Override
            public boolean createIfAbsent(String path, byte[] bytes) throws IOException {
                super.createIfAbsent(path, bytes);
                throw new IOException("the answer was lost");
            }
        };
        Compactor compactor = Tiers.compactor(deaf, new LocalBoard(), NOW);
        assertThatThrownBy(() -> compactor.compact(TABLE)).hasMessageContaining("the answer was lost");

        isSoundWithTwoRows();
    }

    private void isSoundWithTwoRows() throws Exception {
        assertThat(lines()).hasSize(2);
        for (int i = 0; i < 2; i++) {
            compactor().sweep(TABLE);
            assertThat(lines()).hasSize(2);
            compactor().compact(TABLE);
            assertThat(lines()).hasSize(2);
        }
        compactor().sweep(TABLE);
        assertThat(segments()).hasSize(1);
    }

    @Test
    void aBoardThatIsCutOffMultipliesNoRows() throws Exception {
        append(Tiers.reading(1, 10, 10, 100));
        append(Tiers.reading(1, 20, 20, 100));
        SegmentBoard cutOff = new BoardDecorator(new LocalBoard()) {
            @Override
            public Change announce(String table, Collection<SegmentInfo> segments) {
                throw new GridException(ErrorCode.DEADLINE_EXCEEDED, "nodes are joining");
            }

            @Override
            public Change invalidate(String table) {
                throw new GridException(ErrorCode.DEADLINE_EXCEEDED, "nodes are joining");
            }
        };
        Compactor compactor = Tiers.compactor(TestTier.open(folder), cutOff, NOW);
        assertThatThrownBy(() -> compactor.compact(TABLE)).hasMessageContaining("nodes are joining");
        compactor.compact(TABLE);

        assertThat(segments()).hasSize(3); // two that wait for their deletion, and the output
        isSoundWithTwoRows();
    }

    /** The second output of a compaction fails, and then the storage takes nothing at all. */
    private void failsWith(Throwable failure) throws Exception {
        append(Tiers.reading(1, 10, 10, 100), Tiers.reading(2, 10, 10, 100));
        append(Tiers.reading(1, 20, 20, 100), Tiers.reading(2, 20, 20, 100));
        List<Path> before = TestTier.files(folder);
        AtomicInteger created = new AtomicInteger();
        TierStorage full = new TierDecorator(TestTier.open(folder)) {
            @Override
            public Pending create(String below) throws IOException {
                if (created.incrementAndGet() > 1) {
                    if (failure instanceof Error error) {
                        throw error;
                    }
                    throw new IOException(failure.getMessage());
                }
                return super.create(below);
            }

            @Override
            public boolean createIfAbsent(String path, byte[] bytes) throws IOException {
                throw new IOException("No space left on device");
            }
        };
        Compactor compactor = Tiers.compactor(full, new LocalBoard(), NOW);
        assertThatThrownBy(() -> compactor.compact(TABLE)).hasMessage(failure.getMessage());

        assertThat(created).hasValue(2);
        assertThat(TestTier.files(folder)).isEqualTo(before);
    }

    @Test
    void aCompactionThatFindsNoRoomTakesItsOutputsBackAtOnce() throws Exception {
        failsWith(new IOException("No space left on device"));
    }

    @Test
    void memoryThatRunsOutLeavesNoOutputsEither() throws Exception {
        failsWith(new OutOfMemoryError("as a test wants it"));
    }

    /** As older versions could leave behind. */
    @Test
    void receiptsThatContradictEachOtherNeverHideBothSides() throws Exception {
        append(Tiers.reading(1, 10, 10, 100));
        append(Tiers.reading(1, 20, 20, 100));
        TierStorage storage = TestTier.open(folder);
        List<String> inputs = paths(storage);
        compactor().compact(TABLE);
        List<String> outputs = new ArrayList<>(paths(storage));
        outputs.removeAll(inputs);
        Receipt.publish(storage, TABLE, Receipt.of(storage, TABLE).get(0).publishedMicros() + 1, 0, outputs, inputs);

        isSoundWithTwoRows();
    }

    private static List<String> paths(TierStorage storage) throws IOException {
        return storage.list(TABLE).stream()
                .map(TierStorage.TierFile::path)
                .filter(SegmentName::isSegment)
                .toList();
    }

    @Test
    void aTableThatIsDroppedDuringACompactionStaysEmpty() throws Exception {
        append(Tiers.reading(1, 10, 10, 100));
        append(Tiers.reading(1, 20, 20, 100));
        SleepyTier slow = new SleepyTier(TestTier.open(folder));
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            Future<Compactor.Result> late = thread.submit(
                    () -> Tiers.compactor(slow, new LocalBoard(), NOW).compact(TABLE));
            slow.asleep.await();
            try (ParquetOfflineStore store = Tiers.store(folder)) {
                store.drop(Tiers.READINGS);
            }
            slow.awake.countDown();
            try { // on HDFS the answer of a writer whose file went is of many kinds
                assertThat(late.get(60, TimeUnit.SECONDS)).isEqualTo(Compactor.Result.NOTHING);
            } catch (ExecutionException gone) {
                assertThat(TestTier.isLocal()).isFalse();
                assertThat(gone).hasCauseInstanceOf(IOException.class);
            }

            assertThat(lines()).isEmpty();
            assertThat(segments()).isEmpty();
        } finally {
            slow.awake.countDown();
            thread.shutdownNow();
        }
    }

    @Test
    void aTableThatIsDroppedBeforeAllInputsAreReadStaysEmpty() throws Exception {
        List<Long> subjects = new ArrayList<>(List.of(1L, 2L));
        subjects.sort(Comparator.comparingInt(Buckets::of));
        append(Tiers.reading(subjects.get(1), 10, 10, 100)); // becomes a run, read after the first output is begun
        compactor().compact(TABLE);
        compactor().sweep(TABLE);
        append(Tiers.reading(subjects.get(0), 20, 20, 100), Tiers.reading(subjects.get(1), 20, 20, 100));
        AtomicBoolean once = new AtomicBoolean(true);
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            TierStorage dropped = new TierDecorator(TestTier.open(folder)) {
                @Override
                public Pending create(String below) throws IOException {
                    if (once.getAndSet(false)) {
                        store.drop(Tiers.READINGS);
                    }
                    return super.create(below);
                }
            };
            Compactor compactor = Tiers.compactor(dropped, new LocalBoard(), NOW);
            assertThat(compactor.compact(TABLE)).isEqualTo(Compactor.Result.NOTHING);
        }
        assertThat(once).isFalse();
        assertThat(lines()).isEmpty();
        assertThat(segments()).isEmpty();
    }

    @Test
    void ofRowsThatTieTheLaterOneWinsBeforeAndAfter() throws Exception {
        append(Tiers.reading(1, 10, 10, 1), Tiers.reading(1, 10, 10, 9), Tiers.reading(1, 10, 10, 5));
        append(Tiers.reading(2, 10, 10, 7));
        append(Tiers.reading(2, 10, 10, 3));
        assertThat(lines()).containsExactlyInAnyOrder("1 " + row(10, 10, 5), "2 " + row(10, 10, 3));
        compactor().compact(TABLE);
        assertThat(lines()).containsExactlyInAnyOrder("1 " + row(10, 10, 5), "2 " + row(10, 10, 3));
        compactor().sweep(TABLE);
        assertThat(lines()).containsExactlyInAnyOrder("1 " + row(10, 10, 5), "2 " + row(10, 10, 3));
    }

    private static FeatureRow row(long event, long created, long glucose) {
        return new FeatureRow(event, created, new Object[] {glucose});
    }

    @Test
    void inputsStayUntilTheGracePeriodIsOver() throws Exception {
        append(Tiers.reading(1, 10, 10, 100));
        append(Tiers.reading(1, 20, 20, 100));
        Compactor patient = Tiers.compactor(
                TestTier.open(folder), new LocalBoard(), CompactionPolicy.everything(Duration.ofHours(1)));
        patient.compact(TABLE);
        assertThat(patient.sweep(TABLE)).isZero();
        assertThat(segments()).hasSize(3);
        assertThat(lines()).hasSize(2);
        assertThat(patient.compact(TABLE)).isEqualTo(Compactor.Result.NOTHING);

        assertThat(compactor().sweep(TABLE)).isZero(); // one that would not wait still does, for whoever asked for it
        assertThat(later(Duration.ofHours(1)).sweep(TABLE)).isEqualTo(2);
        assertThat(segments()).hasSize(1);
        assertThat(lines()).hasSize(2);
    }

    /** Or the inputs of the first would be live again, for nothing would say any more that they are replaced. */
    @Test
    void aReceiptWithoutPatienceWaitsForTheOneBeforeIt() throws Exception {
        append(Tiers.reading(1, 10, 10, 100));
        append(Tiers.reading(1, 20, 20, 100));
        TierStorage storage = TestTier.open(folder);
        Tiers.compactor(storage, new LocalBoard(), CompactionPolicy.everything(Duration.ofHours(1)))
                .compact(TABLE);
        append(Tiers.reading(1, 30, 30, 100));
        compactor().compact(TABLE);
        append(Tiers.reading(1, 40, 40, 100));
        compactor().compact(TABLE);
        assertThat(compactor().sweep(TABLE)).isZero();
        assertThat(compactor().compact(TABLE)).isEqualTo(Compactor.Result.NOTHING);
        assertThat(new TierCheck(storage, rows -> {}).check(TABLE).repeated()).isZero();

        assertThat(later(Duration.ofHours(1)).sweep(TABLE)).isEqualTo(6);
        assertThat(segments()).hasSize(1);
        assertThat(lines()).hasSize(4);
    }

    private Compactor later(Duration duration) {
        TierStorage storage = TestTier.open(folder);
        return new Compactor(
                storage,
                new LocalBoard(),
                () -> Instant.now().plus(duration),
                NOW,
                new Pace(0),
                new Quarantine(storage));
    }

    @Test
    void anOutputThatRotsBeforeTheSweepKeepsItsInputs() throws Exception {
        append(Tiers.reading(1, 10, 10, 100));
        append(Tiers.reading(1, 20, 20, 100));
        compactor().compact(TABLE);
        Path output = segments().stream()
                .filter(file -> file.toString().contains("bucket="))
                .findFirst()
                .orElseThrow();
        byte[] bytes = TestTier.bytes(output);
        bytes[bytes.length / 2] ^= 1;
        TestTier.write(output, bytes);
        assertThat(compactor().sweep(TABLE)).isZero();
        Compactor.Result again = compactor().compact(TABLE); // finds the damage, goes without the file
        compactor().sweep(TABLE);

        assertThat(again.inputs()).isEqualTo(2);
        assertThat(lines()).hasSize(2);
        assertThat(TestTier.exists(output)).isFalse();
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            assertThat(store.problems()).hasSize(1).first().asString().contains("quarantine/readings/bucket=");
        }
    }

    @Test
    void aLeaderThatSleptChangesNoAnswer() throws Exception {
        append(Tiers.reading(1, 10, 10, 100), Tiers.reading(2, 10, 10, 100));
        append(Tiers.reading(1, 20, 20, 100));
        SleepyTier slow = new SleepyTier(TestTier.open(folder));
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            Future<Compactor.Result> late = thread.submit(
                    () -> Tiers.compactor(slow, new LocalBoard(), NOW).compact(TABLE));
            slow.asleep.await();
            append(Tiers.tombstone(1, 10, 10));
            compactor().compact(TABLE); // another leader, all the way
            compactor().sweep(TABLE);
            List<String> now = lines();
            assertThat(now).hasSize(2);
            slow.awake.countDown();
            late.get(20, TimeUnit.SECONDS);

            assertThat(lines()).isEqualTo(now);
            for (int i = 0; i < 2; i++) {
                compactor().sweep(TABLE);
                assertThat(lines()).isEqualTo(now);
                compactor().compact(TABLE);
                assertThat(lines()).isEqualTo(now);
            }
            compactor().sweep(TABLE);
            assertThat(storedRows()).isEqualTo(4); // three rows, one delete
        } finally {
            slow.awake.countDown();
            thread.shutdownNow();
        }
    }

    @Test
    void readersSeeEveryRowOnceWhileTwoLeadersCompact() throws Exception {
        long seed = 5;
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        LocalBoard board = new LocalBoard();
        CompactionPolicy shortGrace = CompactionPolicy.everything(Duration.ofMillis(200));
        try (ParquetOfflineStore writer = Tiers.store(folder, board);
                ParquetOfflineStore reader = Tiers.store(folder, board)) {
            List<Future<?>> work = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                work.add(threads.submit(() -> {
                    while (!done.get()) {
                        Compactor compactor = Tiers.compactor(TestTier.open(folder), board, shortGrace);
                        compactor.compact(TABLE);
                        compactor.sweep(TABLE);
                    }
                    return null;
                }));
            }
            int appends = TestTier.isLocal() ? 60 : 8;
            for (int n = 1; n <= appends; n++) {
                Tiers.append(writer, Tiers.reading(random.nextInt(5), n, n, n), Tiers.reading(77, n, n, n));
                List<String> rows = Tiers.lines(Tiers.scan(reader));
                assertThat(rows).hasSize(2 * n).doesNotHaveDuplicates();
                FeatureRow last = reader.asOf(Tiers.READINGS, List.of(new AsOf(new Object[] {77L}, 0, n)))
                        .get(0)
                        .row();
                assertThat(last.eventMicros()).isEqualTo(n);
            }
            done.set(true);
            for (Future<?> each : work) {
                each.get(180, TimeUnit.SECONDS);
            }
            assertThat(Tiers.scan(reader)).hasSize(2 * appends);
        } finally {
            done.set(true);
            threads.shutdownNow();
        }
    }

    @Test
    void outputsThatAreThereWhenTheTableIsDroppedGoTooAndLaterOnesAreTakenBack() throws Exception {
        append(Tiers.reading(1, 10, 10, 100));
        append(Tiers.reading(1, 20, 20, 100));
        SegmentBoard board = new LocalBoard();
        try (ParquetOfflineStore store = Tiers.store(folder, board)) {
            TierStorage dropped = new TierDecorator(TestTier.open(folder)) {
                @Override
                public Pending create(String below) throws IOException {
                    store.drop(Tiers.READINGS); // after the inputs were chosen and checked
                    return super.create(below);
                }
            };
            Compactor.Result result = Tiers.compactor(dropped, board, NOW).compact(TABLE);

            assertThat(result).isEqualTo(Compactor.Result.NOTHING);
            assertThat(Tiers.scan(store)).isEmpty();
        }
        assertThat(segments()).isEmpty();
    }

    @Test
    void aLoadGoesOnWhenWhatItComparesWithIsReplacedUnderIt() throws Exception {
        append(Tiers.reading(1, 10, 10, 100), Tiers.reading(2, 10, 10, 100), Tiers.reading(3, 10, 10, 100));
        compactor().compact(TABLE);
        compactor().sweep(TABLE);
        append(Tiers.reading(2, 20, 20, 100), Tiers.reading(3, 20, 20, 100));
        TierStorage moving = new TierDecorator(TestTier.open(folder)) {
            @Override
            public Pending create(String below) throws IOException { // the load's first bucket
                compactor().compact(TABLE);
                compactor().sweep(TABLE);
                return super.create(below);
            }
        };
        RowBatch batch = RowBatch.empty(Tiers.READINGS, 8);
        for (long subject = 1; subject <= 3; subject++) {
            batch.add(Tiers.reading(subject, 10, 10, 100), 0);
            batch.add(Tiers.reading(subject, 5, 5, 100), 0);
        }
        BulkLoad.Result result = BulkLoad.into(moving, Tiers.READINGS).add(batch, true);

        assertThat(result.added()).isEqualTo(3);
        assertThat(lines()).hasSize(8).doesNotHaveDuplicates();
    }

    @Test
    void aColumnThatDefinitionsNoLongerHaveIsKept() throws Exception {
        TableSchema wide = new TableSchema(
                TABLE,
                Tiers.READINGS.joinKeys(),
                Tiers.READINGS.eventTime(),
                Tiers.READINGS.created(),
                List.of(new Field("glucose", ValueType.INT64), new Field("note", ValueType.STRING)));
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            store.append(wide, List.of(HistoryRow.upsert(new Object[] {1L}, new FeatureRow(5, 5, new Object[] {
                        90L, "calm"
                    }))))
                    .get(20, TimeUnit.SECONDS);
        }
        append(Tiers.reading(1, 6, 6, 91));
        compactor().compact(TABLE);
        compactor().sweep(TABLE);
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            List<HistoryRow> rows = new ArrayList<>();
            store.scan(wide, bucket -> true, rows::add);
            assertThat(rows.stream().map(row -> row.row().value(1))).containsExactly("calm", null);
        }
        assertThat(segments()).hasSize(1);
    }

    @Test
    void largeRunsAreLeftAloneAndSmallOnesMerged() throws Exception {
        CompactionPolicy tiered = new CompactionPolicy(4, 3, true, Duration.ZERO, 0);
        Compactor compactor = Tiers.compactor(TestTier.open(folder), new LocalBoard(), tiered);
        append(Tiers.reading(1, 1, 1, 1));
        assertThat(compactor.compact(TABLE)).isEqualTo(Compactor.Result.NOTHING); // too few to bother
        for (int i = 2; i <= 4; i++) {
            append(Tiers.reading(1, i, i, i));
        }
        assertThat(compactor.compact(TABLE)).isEqualTo(new Compactor.Result(4, 1, 4, 4));
        assertThat(compactor.sweep(TABLE)).isEqualTo(4);
    }

    @Test
    void aCompactionThatIsStoppedLeavesTheTierAsItWas() throws Exception {
        append(Tiers.reading(1, 10, 10, 100));
        append(Tiers.reading(1, 20, 20, 100));
        List<Path> before = TestTier.files(folder);
        Pace stopped = new Pace(0);
        stopped.stop();
        TierStorage storage = TestTier.open(folder);
        Compactor compactor =
                new Compactor(storage, new LocalBoard(), InstantSource.system(), NOW, stopped, new Quarantine(storage));
        assertThatThrownBy(() -> compactor.compact(TABLE)).isInstanceOf(IOException.class);
        assertThat(TestTier.files(folder)).isEqualTo(before);
    }

    private Compactor paced(Pace pace) {
        TierStorage storage = TestTier.open(folder);
        return new Compactor(storage, new LocalBoard(), InstantSource.system(), NOW, pace, new Quarantine(storage));
    }

    private void append(int rows) throws Exception {
        append(IntStream.range(0, rows)
                .mapToObj(event -> Tiers.reading(1, event, event, 100))
                .toArray(HistoryRow[]::new));
    }

    @Test
    void aCompactionKeepsToItsRate() throws Exception {
        append(3_000);
        Compactor compactor = paced(new Pace(10_000));
        long started = System.nanoTime();
        assertThat(compactor.compact(TABLE).rowsWritten()).isEqualTo(3_000);
        assertThat(Duration.ofNanos(System.nanoTime() - started)).isGreaterThanOrEqualTo(Duration.ofMillis(300));
    }

    @Test
    void aCompactionThatWaitsForItsRateStopsAtOnceAndLeavesTheTierAsItWas() throws Exception {
        append(3_000);
        List<Path> before = TestTier.files(folder);
        Pace pace = new Pace(1); // most of an hour
        FutureTask<Compactor.Result> work = new FutureTask<>(() -> paced(pace).compact(TABLE));
        Thread thread = new Thread(work);
        thread.start();
        try {
            await().atMost(Duration.ofSeconds(20)).until(() -> thread.getState() == Thread.State.TIMED_WAITING);
        } finally {
            pace.stop();
        }
        assertThatThrownBy(() -> work.get(20, TimeUnit.SECONDS)).hasRootCauseMessage("stopped");
        assertThat(TestTier.files(folder)).isEqualTo(before);
    }

    @Test
    void whatCrashesLeftUnfinishedGoesAfterADayWhereverItLies() throws Exception {
        append(Tiers.reading(1, 10, 10, 100));
        List<Path> before = TestTier.files(folder);
        for (String below : List.of("", "meta/views/", "readings/l0/20260101/")) {
            TestTier.write(folder.resolve(below + "half" + LocalTier.IN_PROGRESS), new byte[10]);
        }
        compactor().sweepUnfinished();
        assertThat(TestTier.files(folder)).hasSize(4);
        later(Duration.ofDays(2)).sweepUnfinished();
        assertThat(TestTier.files(folder)).isEqualTo(before);
    }

    /** A verb has no grid to tell while it deletes; it asks for a look into the tier afterwards. */
    @Test
    void namesOfFilesThatAnotherProcessDeletedLeaveTheBoardWithTheNextLook() throws Exception {
        LocalBoard board = new LocalBoard();
        try (ParquetOfflineStore store = Tiers.store(folder, board)) {
            Tiers.append(store, Tiers.reading(1, 1, 1, 100));
            Tiers.append(store, Tiers.reading(1, 2, 2, 100));
            Compactor verb = Tiers.compactor(
                    TestTier.open(folder), new LocalBoard(), CompactionPolicy.everything(Duration.ZERO));
            verb.compact(Tiers.READINGS.name());
            verb.sweep(Tiers.READINGS.name());
            Tiers.append(store, Tiers.reading(1, 3, 3, 100));

            store.relist();

            List<String> named = new ArrayList<>();
            board.announced(Tiers.READINGS.name(), true, segment -> named.add(segment.path()));
            assertThat(named).hasSize(1);
            assertThat(Tiers.scan(store)).hasSize(3);
        }
    }
}
