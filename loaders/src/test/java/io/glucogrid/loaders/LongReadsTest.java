package io.glucogrid.loaders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.AsOf;
import io.glucogrid.store.AsOfAnswers;
import io.glucogrid.store.AsOfBatch;
import io.glucogrid.store.HistoryRow;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Reads that last: files go under them, answers come too late, and deletes pile up. */
class LongReadsTest {
    private static final int SUBJECTS = 200;
    private static final int MOST_IN_A_ROW = 4;

    @TempDir
    Path folder;

    /** Runs that are gone at first, a number of times each. */
    private static final class GoneAtFirst extends TierDecorator {
        private final Map<String, Integer> streams = new HashMap<>();
        private final int times;

        GoneAtFirst(TierStorage tier, int times) {
            super(tier);
            this.times = times;
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
                    int opened = streams.merge(path, 1, Integer::sum); // the first one looks whether the file is whole
                    if (path.contains("bucket=") && opened > 1 && opened <= 1 + times) {
                        throw new NoSuchFileException(path);
                    }
                    return file.newStream();
                }
            };
        }
    }

    private List<HistoryRow> load() throws IOException {
        List<HistoryRow> rows = new ArrayList<>();
        RowBatch batch = RowBatch.empty(Tiers.READINGS, 3 * SUBJECTS);
        for (long i = 0; i < 3 * SUBJECTS; i++) {
            HistoryRow row = Tiers.reading(i % SUBJECTS, i, i, i);
            rows.add(row);
            batch.add(row, 0);
        }
        BulkLoad.into(LocalTier.open(folder), Tiers.READINGS).add(batch, true);
        return rows;
    }

    private ParquetOfflineStore store(TierStorage storage) {
        return new ParquetOfflineStore(
                storage,
                new LocalBoard(),
                InstantSource.system(),
                new SegmentWriter.CommitPolicy(50_000, Duration.ZERO, Duration.ofSeconds(20)));
    }

    @Test
    void aReadThatGoesOnEndsAtNoNumberOfReplacedFiles() throws Exception {
        List<HistoryRow> rows = load();
        try (ParquetOfflineStore store = store(new GoneAtFirst(LocalTier.open(folder), MOST_IN_A_ROW))) {
            assertThat(Tiers.lines(Tiers.scan(store))).containsExactlyInAnyOrderElementsOf(Tiers.lines(rows));
        }
        try (ParquetOfflineStore store = store(new GoneAtFirst(LocalTier.open(folder), MOST_IN_A_ROW))) {
            TreeSet<Object> entities = new TreeSet<>();
            store.changed(Tiers.READINGS, bucket -> true, path -> false, keys -> entities.add(keys[0]));
            assertThat(entities).hasSize(SUBJECTS);
        }
        try (ParquetOfflineStore store = store(new GoneAtFirst(LocalTier.open(folder), MOST_IN_A_ROW))) {
            long[] keys = new long[SUBJECTS];
            Arrays.setAll(keys, i -> i);
            long[] at = new long[SUBJECTS];
            Arrays.fill(at, Long.MAX_VALUE);
            TreeSet<Long> answered = new TreeSet<>();
            store.join(Tiers.READINGS, AsOfBatch.of(keys, at), (question, row) -> answered.add(row.eventMicros()));
            assertThat(answered).hasSize(SUBJECTS).allMatch(event -> event >= 2 * SUBJECTS);
        }
    }

    @Test
    void aReadThatComesNoFurtherEnds() throws Exception {
        load();
        try (ParquetOfflineStore store = store(new GoneAtFirst(LocalTier.open(folder), 1_000))) {
            assertThatThrownBy(() -> Tiers.scan(store))
                    .isInstanceOfSatisfying(GridException.class, failure -> assertThat(failure.code())
                            .isEqualTo(ErrorCode.STORAGE_UNAVAILABLE));
        }
    }

    @Test
    void aLoadGoesOnWhereFilesAreReplacedUnderIt() throws Exception {
        List<HistoryRow> rows = load();
        RowBatch batch = RowBatch.empty(Tiers.READINGS, rows.size() + 1);
        rows.forEach(row -> batch.add(row, 0));
        batch.add(Tiers.reading(1, 9_999, 9_999, 1), 0);
        BulkLoad load = BulkLoad.into(new GoneAtFirst(LocalTier.open(folder), MOST_IN_A_ROW), Tiers.READINGS);

        BulkLoad.Result result = load.add(batch, true);

        assertThat(result.added()).isEqualTo(1);
        assertThat(result.present()).isEqualTo(rows.size());
    }

    /** Answers that nobody waits for after a number of looks. */
    private static final class Impatient implements AsOfAnswers {
        private int looks;
        private int answers;

        Impatient(int looks) {
            this.looks = looks;
        }

        @Override
        public void answer(int question, Found row) {
            answers++;
        }

        @Override
        public void requireTime() {
            if (looks-- == 0) {
                throw new GridException(ErrorCode.DEADLINE_EXCEEDED, "too late");
            }
        }
    }

    private static AsOfBatch questions(int count, long first) {
        long[] keys = new long[count];
        Arrays.fill(keys, 1);
        long[] at = new long[count];
        Arrays.setAll(at, i -> first + i);
        return AsOfBatch.of(keys, at);
    }

    @Test
    void aWalkWithoutAnyAnswerEndsWhenItIsTooLateForOne() throws Exception {
        RowBatch batch = RowBatch.empty(Tiers.READINGS, 200_000);
        for (int i = 0; i < 200_000; i++) {
            batch.add(1, i, 7, i, 0);
        }
        BulkLoad.into(LocalTier.open(folder), Tiers.READINGS).add(batch, true);
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            for (int looks : new int[] {0, 1}) {
                Impatient late = new Impatient(looks);
                AsOfBatch old =
                        questions(1_000, 199_000).withTtl(-1); // of rows that are younger than the time asked for
                assertThatThrownBy(() -> store.join(Tiers.READINGS, old, late)).hasMessage("too late");
                assertThat(late.answers).isZero();
            }
        }
    }

    @Test
    void aLongRunOfDeletesIsPassedOnceAndOnlyAsLongAsSomebodyWaits() throws Exception {
        int deleted = 60_000;
        RowBatch batch = RowBatch.empty(Tiers.READINGS, 2 * deleted);
        batch.add(1, -5, 7, 0, 0);
        for (int i = 0; i < deleted; i++) {
            batch.add(1, i, 7, i, 0);
            batch.add(Tiers.tombstone(1, i, deleted), 0);
        }
        BulkLoad.into(LocalTier.open(folder), Tiers.READINGS).add(batch, true);
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            Impatient late = new Impatient(20);
            AsOfBatch last = questions(1, deleted);
            assertThatThrownBy(() -> store.join(Tiers.READINGS, last, late)).hasMessage("too late");
            onlyTheFirstRowIsFound(store, deleted);
        }
    }

    @Timeout(20)
    void onlyTheFirstRowIsFound(ParquetOfflineStore store, int deleted) {
        long began = System.nanoTime();
        List<Long> events = new ArrayList<>();
        store.join(Tiers.READINGS, questions(deleted, 0), (question, row) -> events.add(row.eventMicros()));
        assertThat(events).hasSize(deleted).allMatch(event -> event == -5);
        assertThat(Duration.ofNanos(System.nanoTime() - began))
                .isLessThan(Duration.ofSeconds(15)); // each by itself: minutes
    }

    @Test
    void behindDeletesIsWhatTheModelSays() throws Exception {
        long seed = 17;
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        List<HistoryRow> all = new ArrayList<>();
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            for (int segment = 0; segment < 5; segment++) {
                List<HistoryRow> rows = new ArrayList<>();
                for (int i = 0; i < 1_500; i++) {
                    long subject = random.nextInt(3);
                    long event = random.nextInt(400);
                    long created = event + random.nextInt(300);
                    rows.add(
                            random.nextInt(3) > 0
                                    ? Tiers.tombstone(subject, event, created)
                                    : Tiers.reading(subject, event, created, 1_000 * created + event));
                }
                all.addAll(rows);
                store.append(Tiers.READINGS, rows).get(20, TimeUnit.SECONDS);
            }
            int count = 600;
            long[] keys = new long[count];
            long[] at = new long[count];
            for (int i = 0; i < count; i++) {
                keys[i] = random.nextInt(3);
                at[i] = random.nextInt(420) - 5;
            }
            AsOfBatch plain = AsOfBatch.of(keys, at);
            for (AsOfBatch batch : List.of(
                    plain,
                    plain.withTtl(30),
                    plain.knownThen(),
                    plain.knownThen().withTtl(100))) {
                Long[] joined = new Long[count];
                store.join(Tiers.READINGS, batch, (question, row) -> joined[question] = row.eventMicros());
                for (int i = 0; i < count; i++) {
                    Long expected = expected(all, batch.question(i));
                    HistoryRow alone = store.asOf(Tiers.READINGS, List.of(batch.question(i)))
                            .get(0);
                    assertThat(alone == null ? null : alone.row().eventMicros()).isEqualTo(expected);
                    assertThat(joined[i]).isEqualTo(expected);
                }
            }
        }
    }

    /** The latest event time whose greatest known version is no delete; a delete wins a tie. */
    private static Long expected(List<HistoryRow> rows, AsOf question) {
        Map<Long, HistoryRow> newest = new HashMap<>();
        for (HistoryRow row : rows) {
            if (row.joinKeys()[0].equals(question.joinKeys()[0])
                    && row.row().createdMicros() <= question.knownMicros()) {
                newest.merge(row.row().eventMicros(), row, LongReadsTest::newer);
            }
        }
        return newest.values().stream()
                .filter(row -> row.op() == HistoryRow.Op.UPSERT)
                .map(row -> row.row().eventMicros())
                .filter(event -> event >= question.fromMicros() && event <= question.atMicros())
                .max(Long::compare)
                .orElse(null);
    }

    private static HistoryRow newer(HistoryRow left, HistoryRow right) {
        int order = Long.compare(left.row().createdMicros(), right.row().createdMicros());
        if (order == 0) {
            order = Objects.compare(left.op(), right.op(), HistoryRow.Op::compareTo);
        }
        return order >= 0 ? left : right;
    }
}
