package io.glucogrid.loaders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.Buckets;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.importers.LoadVerb;
import io.glucogrid.store.AsOf;
import io.glucogrid.store.ForgottenEntity;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.TableSchema;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ForgottenRowsTest {
    private static final String TABLE = Tiers.READINGS.name();

    /** In the same bucket as subject 1. */
    private static final long NEIGHBOUR = 1 + Buckets.COUNT;

    @TempDir
    private Path folder;

    private static ForgottenEntity subject(long id) {
        return new ForgottenEntity(Map.of("subject_id", String.valueOf(id)), 5);
    }

    private static void forget(ParquetOfflineStore store, long subject) {
        store.forget(subject(subject), List.of(Tiers.READINGS));
    }

    private Compactor compactor(CompactionPolicy policy) {
        return Tiers.compactor(LocalTier.open(folder), new LocalBoard(), policy);
    }

    /** As a node compacts, but for the grace period. */
    private static CompactionPolicy lazy() {
        return new CompactionPolicy(1_000, 1_000, true, Duration.ZERO, 0);
    }

    private long physicalRows(long subject) throws SQLException {
        List<Path> segments = TestTier.files(folder).stream()
                .filter(file -> file.toString().endsWith(".parquet"))
                .toList();
        if (segments.isEmpty()) {
            return 0;
        }
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT count(*) FROM read_parquet('" + folder
                        + "/readings/**/*.parquet') WHERE subject_id = " + subject)) {
            result.next();
            return result.getLong(1);
        }
    }

    private TierCheck.Report check() throws Exception {
        return new TierCheck(LocalTier.open(folder), rows -> {}).check(TABLE);
    }

    @Test
    void aForgottenSubjectIsGoneForReadersAtOnceAndFromTheFilesAfterACompaction() throws Exception {
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            for (int i = 1; i <= 3; i++) {
                Tiers.append(store, Tiers.reading(1, i, i, 100), Tiers.reading(NEIGHBOUR, i, i, 90));
            }
            Tiers.append(store, Tiers.reading(1, 3, Long.MAX_VALUE - 1, 101)); // claims to come from the future
            compactor(CompactionPolicy.everything(Duration.ZERO)).compact(TABLE);
            compactor(lazy()).sweep(TABLE);
            store.relist();
            Tiers.append(store, Tiers.reading(1, 4, 4, 100), Tiers.reading(2, 4, 4, 80));
            assertThat(physicalRows(1)).isEqualTo(5);

            long hidden = store.forget(subject(1), List.of(Tiers.READINGS));

            assertThat(hidden).isEqualTo(4);
            assertThat(Tiers.asOf(store, 1, 0, 10)).isNull();
            assertThat(Tiers.asOf(store, NEIGHBOUR, 0, 10)).isNotNull();
            assertThat(store.ranges(Tiers.READINGS, List.of(new AsOf(new Object[] {1L}, 0, 10))))
                    .containsExactly(List.of());
            assertThat(Tiers.lines(Tiers.scan(store))).hasSize(4).noneMatch(line -> line.startsWith("1 "));
            List<Object> latest = new ArrayList<>();
            store.latest(Tiers.READINGS, bucket -> true, row -> latest.add(row.joinKeys()[0]));
            store.changed(Tiers.READINGS, bucket -> true, segment -> false, keys -> latest.add(keys[0]));
            assertThat(latest).doesNotContain(1L).contains(NEIGHBOUR, 2L);
            assertThat(check().forgotten()).isEqualTo(9);
            assertThat(check().exposed()).isZero();

            Compactor.Result purged = compactor(lazy()).compact(TABLE);
            assertThat(check().replaced()).isEqualTo(purged.inputs()); // not gone yet, so neither is what they have
            assertThat(check().forgotten()).isEqualTo(9);
            compactor(lazy()).sweep(TABLE);
            store.relist();

            assertThat(purged.rowsRead() - purged.rowsWritten()).isEqualTo(9);
            assertThat(physicalRows(1)).isZero();
            assertThat(physicalRows(NEIGHBOUR)).isEqualTo(3);
            assertThat(physicalRows(2)).isEqualTo(1);
            assertThat(Tiers.scan(store)).hasSize(4);
            assertThat(check().forgotten()).isZero();
            assertThat(compactor(lazy()).compact(TABLE)).isEqualTo(Compactor.Result.NOTHING);
        }
    }

    @Test
    void rowsOfAForgottenSubjectAreRefusedAndDeletesAreNot() throws Exception {
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            forget(store, 1);
            assertThatThrownBy(() -> Tiers.append(store, Tiers.reading(2, 1, 1, 1), Tiers.reading(1, 1, 1, 1)))
                    .isInstanceOfSatisfying(GridException.class, failure -> assertThat(failure.code())
                            .isEqualTo(ErrorCode.CONFLICT));
            assertThatThrownBy(() -> store.appendLocally(Tiers.READINGS, List.of(Tiers.reading(1, 1, 1, 1))))
                    .isInstanceOf(GridException.class);
            Tiers.append(store, Tiers.tombstone(1, 1, 1));
            assertThat(Tiers.scan(store)).isEmpty();
        }
    }

    @Test
    void everyStoreOfTheTierAndEveryLaterOneKnows() throws Exception {
        LocalBoard board = new LocalBoard();
        try (ParquetOfflineStore one = Tiers.store(folder, board);
                ParquetOfflineStore two = Tiers.store(folder, board)) {
            assertThat(two.suppressions().isEmpty()).isTrue();
            forget(one, 1);
            forget(one, 1);
            forget(two, 3);
            assertThat(one.suppressions().entities()).containsExactly(subject(1), subject(3));
            assertThat(two.suppressions().entities()).containsExactly(subject(1), subject(3));
        }
        try (ParquetOfflineStore later = Tiers.store(folder)) {
            assertThat(later.suppressions().entities()).hasSize(2);
        }
    }

    @Test
    void anOlderSegmentThatTurnsUpLateIsNotServedButReportedAndPurged() throws Exception {
        Path elsewhere = Files.createDirectory(folder.resolveSibling("elsewhere-" + System.nanoTime()));
        try (ParquetOfflineStore other = Tiers.store(elsewhere)) {
            Tiers.append(other, Tiers.reading(1, 7, 7, 100));
        }
        Path late = TestTier.files(elsewhere).get(0);
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            forget(store, 1);
            Path place = folder.resolve(elsewhere.relativize(late));
            Files.createDirectories(place.getParent());
            Files.copy(late, place);
            store.relist();
            assertThat(Tiers.scan(store)).isEmpty();
            assertThat(check().exposed()).isEqualTo(1);
            StringWriter out = new StringWriter();
            int code = new CommandLine(new OfflineVerb())
                    .setOut(new PrintWriter(out))
                    .execute("verify", "--tier", folder.toString());
            assertThat(code).isEqualTo(3);
            assertThat(out.toString()).contains("forgotten 1 rows wait for the next compaction");

            Compactor.Result purged = compactor(lazy()).compact(TABLE); // there is nothing left to write
            assertThat(purged.outputs()).isZero();
            assertThat(compactor(lazy()).sweep(TABLE)).isEqualTo(1);
            assertThat(physicalRows(1)).isZero();
            assertThat(check().exposed()).isZero();
        } finally {
            TestTier.delete(elsewhere);
        }
    }

    @Test
    void whatIsAllowedAgainIsReadAgainAndItsOldRowsStayAway() throws Exception {
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            Tiers.append(store, Tiers.reading(1, 1, 1, 100), Tiers.reading(1, 2, 2, 100));
            forget(store, 1);
            assertThat(store.allow(Map.of("subject_id", "2"))).isFalse();

            assertThat(store.allow(Map.of("subject_id", "1"))).isTrue();

            assertThat(store.suppressions().isEmpty()).isTrue();
            assertThat(Tiers.scan(store)).isEmpty();
            Tiers.append(store, Tiers.reading(1, 2, 2, 100)); // older than the deletes were
            assertThat(Tiers.scan(store)).hasSize(1);
            compactor(lazy()).sweep(TABLE);
            store.relist();
            assertThat(Tiers.scan(store)).hasSize(1);
        }
    }

    @Test
    void aLeaderThatSleptThroughForgetAndAllowBringsNothingBack() throws Exception {
        SleepyTier slow = new SleepyTier(LocalTier.open(folder));
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            Tiers.append(store, Tiers.reading(1, 1, 1, 100), Tiers.reading(2, 1, 1, 100));
            Tiers.append(store, Tiers.reading(1, 2, 2, 100));
            Future<Compactor.Result> late = thread.submit(
                    () -> Tiers.compactor(slow, new LocalBoard(), CompactionPolicy.everything(Duration.ZERO))
                            .compact(TABLE));
            slow.asleep.await();
            forget(store, 1);
            assertThat(store.allow(Map.of("subject_id", "1"))).isTrue();
            slow.awake.countDown();
            late.get(20, TimeUnit.SECONDS);

            store.relist();
            assertThat(Tiers.lines(Tiers.scan(store))).hasSize(1).allMatch(line -> line.startsWith("2 "));
        } finally {
            slow.awake.countDown();
            thread.shutdownNow();
        }
    }

    /** Rows that come into a segment after {@code allow} has purged the others are read again. */
    @Test
    void aMergeThatBeganBeforeAForgetLeavesItsRowsOutToo() throws Exception {
        SleepyTier slow = new SleepyTier(LocalTier.open(folder));
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            Tiers.append(store, Tiers.reading(1, 1, 1, 100), Tiers.reading(2, 1, 1, 100));
            Tiers.append(store, Tiers.reading(1, 2, 2, 100));
            Compactor compactor = Tiers.compactor(slow, new LocalBoard(), CompactionPolicy.everything(Duration.ZERO));
            Future<Compactor.Result> late = thread.submit(() -> compactor.compactOnce(TABLE));
            slow.asleep.await();
            forget(store, 1);
            slow.awake.countDown();
            late.get(20, TimeUnit.SECONDS);

            compactor(lazy()).sweep(TABLE);
            assertThat(physicalRows(1)).isZero();
            store.relist();
            assertThat(Tiers.lines(Tiers.scan(store))).hasSize(1).allMatch(line -> line.startsWith("2 "));
        } finally {
            slow.awake.countDown();
            thread.shutdownNow();
        }
    }

    /** A tier in which segments go whenever an output is begun, as if other leaders were always faster. */
    private TierStorage overtaken(int times, Predicate<String> which) {
        AtomicInteger left = new AtomicInteger(times);
        return new TierDecorator(LocalTier.open(folder)) {
            @Override
            public Pending create(String below) throws IOException {
                if (below.contains("bucket=") && left.getAndDecrement() > 0) {
                    List<String> fresh = super.list(TABLE + "/l0").stream()
                            .map(TierFile::path)
                            .filter(which)
                            .toList();
                    super.delete(fresh.get(0));
                }
                return super.create(below);
            }
        };
    }

    private ParquetOfflineStore store(TierStorage tier) {
        return new ParquetOfflineStore(
                tier,
                new LocalBoard(),
                InstantSource.system(),
                new SegmentWriter.CommitPolicy(50_000, Duration.ZERO, Duration.ofSeconds(20)));
    }

    /** Segments that others have the rows of, too. */
    private List<String> spare(int count) throws Exception {
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            Tiers.append(store, Tiers.reading(1, 1, 1, 100));
            List<String> before = store.segmentPaths(Tiers.READINGS);
            for (int i = 0; i < count; i++) {
                Tiers.append(store, Tiers.reading(2, 1, 1, 100));
            }
            List<String> spare = new ArrayList<>(store.segmentPaths(Tiers.READINGS));
            spare.removeAll(before);
            Tiers.append(store, Tiers.reading(2, 1, 1, 100));
            forget(store, 1);
            return spare;
        }
    }

    @Test
    void anAllowThatIsOvertakenGoesOnUntilNothingIsLeft() throws Exception {
        List<String> spare = spare(1);
        try (ParquetOfflineStore store = store(overtaken(1, spare::contains))) {
            assertThat(store.allow(Map.of("subject_id", "1"))).isTrue();

            Tiers.append(store, Tiers.reading(1, 1, 1, 100)); // older than the delete was
            store.relist();
            assertThat(Tiers.lines(Tiers.scan(store))).hasSize(2);
        }
    }

    @Test
    void anAllowThatIsAlwaysOvertakenFailsAndChangesNothing() throws Exception {
        List<String> spare = spare(40);
        try (ParquetOfflineStore store = store(overtaken(40, spare::contains))) {
            assertThatThrownBy(() -> store.allow(Map.of("subject_id", "1")))
                    .isInstanceOfSatisfying(GridException.class, failure -> assertThat(failure.code())
                            .isEqualTo(ErrorCode.STORAGE_UNAVAILABLE));
            assertThat(store.suppressions().contains(Map.of("subject_id", "1"))).isTrue();
        }
    }

    @Test
    void onlyTheNamedPartOfACompositeEntityGoes() throws Exception {
        TableSchema pairs = new TableSchema(
                "pairs",
                List.of(new Field("subject_id", ValueType.INT64), new Field("device", ValueType.STRING)),
                "event_timestamp",
                "created",
                List.of(new Field("glucose", ValueType.INT64)));
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            List<HistoryRow> rows = new ArrayList<>();
            for (long subject = 1; subject <= 2; subject++) {
                for (String device : List.of("a", "b")) {
                    FeatureRow row = new FeatureRow(1, 1, new Object[] {100L});
                    rows.add(HistoryRow.upsert(new Object[] {subject, device}, row));
                }
            }
            store.append(pairs, rows).get(20, TimeUnit.SECONDS);
            store.forget(new ForgottenEntity(Map.of("device", "b"), 1), List.of(pairs));
            store.forget(new ForgottenEntity(Map.of("subject_id", "1", "device", "a"), 1), List.of(pairs));
            List<String> left = new ArrayList<>();
            store.scan(pairs, bucket -> true, row -> left.add(row.joinKeys()[0] + "" + row.joinKeys()[1]));
            assertThat(left).containsExactly("2a");

            compactor(lazy()).compact("pairs");
            compactor(lazy()).sweep("pairs");

            TierCheck.Report report = new TierCheck(LocalTier.open(folder), counted -> {}).check("pairs");
            assertThat(report.rows()).isEqualTo(1);
            assertThat(report.forgotten()).isZero();
        }
    }

    @Test
    void aLoadLeavesForgottenSubjectsOutAndSaysSo() throws Exception {
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            forget(store, 1);
        }
        Path file = folder.resolve("readings.csv");
        Files.writeString(
                file,
                """
                id,time,gl
                1,2020-01-01 00:00:00,100
                2,2020-01-01 00:00:00,110
                1,2020-01-01 00:05:00,100
                """);
        StringWriter out = new StringWriter();
        int code = new CommandLine(new LoadVerb())
                .setOut(new PrintWriter(out))
                .execute(file.toString(), "--tier", folder.toString(), "--api", "http://127.0.0.1:1");
        assertThat(code).isZero();
        assertThat(out.toString()).containsPattern("2 +dropped: of an entity that was forgotten");
        assertThat(physicalRows(1)).isZero();
        assertThat(physicalRows(2)).isEqualTo(1);
    }

    @Test
    void aDamagedListStopsReadsInsteadOfBringingRowsBack() throws Exception {
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            forget(store, 1);
        }
        Path list = folder.resolve("meta/suppressions/000000000000000001.json");
        Files.writeString(list, "{\"forgotten\":[{\"join_k");
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            assertThatThrownBy(() -> Tiers.scan(store))
                    .isInstanceOfSatisfying(GridException.class, failure -> assertThat(failure.code())
                            .isEqualTo(ErrorCode.DAMAGED_DATA));
        }
    }
}
