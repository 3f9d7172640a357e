package io.glucogrid.loaders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.ForgottenEntity;
import io.glucogrid.store.HistoryRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tier whose folder goes for a while, as a mount does, below the real store. */
class StorageAwayTest {
    private static final int WRITERS = 3;
    private static final String TABLE = Tiers.READINGS.name();

    @TempDir
    private Path folder;

    private Path root;
    private Path elsewhere;

    @BeforeEach
    void name() {
        assumeTrue(TestTier.isLocal());
        root = folder.resolve("mounts/tier");
        elsewhere = folder.resolve("elsewhere");
    }

    /** As the first start of a node does. */
    private void identify() {
        new MetaDocuments(LocalTier.open(root)).publish("tier", 1, "{\"id\":\"this one\"}");
    }

    private void leave() throws IOException {
        Files.move(root, elsewhere);
    }

    /** What a mount point is where nothing is mounted. */
    private void leaveAnEmptyFolder() throws IOException {
        leave();
        Files.createDirectory(root);
    }

    private void comeBack() throws IOException {
        Files.deleteIfExists(root); // fails where anything was written in the meantime
        Files.move(elsewhere, root);
    }

    private void isUnavailable(ThrowingCallable call) {
        assertThatThrownBy(call)
                .satisfies(thrown -> {
                    Throwable failure = thrown instanceof ExecutionException ? thrown.getCause() : thrown;
                    assertThat(failure).isInstanceOfSatisfying(GridException.class, known -> assertThat(known.code())
                            .isEqualTo(ErrorCode.STORAGE_UNAVAILABLE));
                })
                .hasMessageContaining(root.toString());
    }

    private void isToldBy(ParquetOfflineStore store) {
        assertThat(store.problems()).isNotEmpty().allMatch(problem -> problem.contains(root + " is away"));
    }

    @Test
    void anotherTierBelowTheMountPointIsNotTakenForThisOne() throws Exception {
        identify();
        try (ParquetOfflineStore store = Tiers.store(root, new LocalBoard())) {
            store.append(Tiers.READINGS, List.of(Tiers.reading(1, 1, 1, 1))).get(20, TimeUnit.SECONDS);
            leave();
            new MetaDocuments(LocalTier.open(root)).publish("tier", 1, "{\"id\":\"another one\"}");
            Files.createDirectories(root.resolve("readings/l0"));

            isUnavailable(() -> store.append(Tiers.READINGS, List.of(Tiers.reading(1, 2, 2, 2)))
                    .get(20, TimeUnit.SECONDS));
            isUnavailable(store::relist);
            isToldBy(store);
            try (Stream<Path> written = Files.walk(root.resolve("readings"))) {
                assertThat(written.filter(Files::isRegularFile)).isEmpty();
            }
        }
    }

    @Test
    void underLoadNothingIsAcknowledgedWhileItIsAwayAndEveryRowIsThereOnceItIsBack() throws Exception {
        identify();
        ExecutorService threads = Executors.newFixedThreadPool(WRITERS + 1);
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger taken = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        AtomicInteger unread = new AtomicInteger();
        LocalBoard board = new LocalBoard();
        try (ParquetOfflineStore store = Tiers.store(root, board)) {
            List<Future<Integer>> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                long subject = i;
                writers.add(threads.submit(() -> {
                    int event = 0;
                    while (!over.get()) {
                        HistoryRow row = Tiers.reading(subject, event, event, event);
                        try {
                            store.append(Tiers.READINGS, List.of(row)).get(20, TimeUnit.SECONDS);
                            event++;
                            taken.incrementAndGet();
                        } catch (ExecutionException away) {
                            assertThat(away.getCause())
                                    .isInstanceOfSatisfying(GridException.class, failure -> assertThat(failure.code())
                                            .isEqualTo(ErrorCode.STORAGE_UNAVAILABLE));
                            refused.incrementAndGet();
                        }
                    }
                    return event;
                }));
            }
            Future<Boolean> reader = threads.submit(() -> {
                while (!over.get()) {
                    board.invalidate(TABLE); // as each compaction does
                    int before = taken.get();
                    try {
                        assertThat(Tiers.scan(store)).hasSizeGreaterThanOrEqualTo(before);
                    } catch (GridException away) {
                        assertThat(away.code()).isEqualTo(ErrorCode.STORAGE_UNAVAILABLE);
                        unread.incrementAndGet();
                    }
                }
                return true;
            });
            for (int round = 0; round < 3; round++) {
                rises(taken);
                if (round == 1) {
                    leaveAnEmptyFolder();
                } else {
                    leave();
                }
                rises(refused);
                rises(unread);
                assertThat(store.isWritable()).isFalse();
                isToldBy(store);
                comeBack();
            }
            rises(taken);
            over.set(true);
            int rows = 0;
            for (Future<Integer> writer : writers) {
                rows += writer.get(20, TimeUnit.SECONDS);
            }
            assertThat(reader.get(20, TimeUnit.SECONDS)).isTrue();
            assertThat(rows).isEqualTo(taken.get());
            assertThat(Tiers.scan(store)).hasSize(rows);
            assertThat(store.problems()).isEmpty();
        } finally {
            over.set(true);
            threads.shutdownNow();
        }
        try (ParquetOfflineStore store = Tiers.store(root)) {
            assertThat(Tiers.scan(store)).hasSize(taken.get());
        }
    }

    private static void rises(AtomicInteger count) {
        int before = count.get();
        await().atMost(Duration.ofSeconds(20)).until(() -> count.get() > before + 3);
    }

    @Test
    void whoLooksWhileItIsAwayFailsAndSeesEverythingAfterwards() throws Exception {
        identify();
        LocalBoard board = new LocalBoard();
        try (ParquetOfflineStore store = Tiers.store(root, board)) {
            Tiers.append(store, Tiers.reading(1, 1, 1, 1), Tiers.reading(2, 1, 1, 1));
            leaveAnEmptyFolder();
            board.invalidate(TABLE);
            isUnavailable(() -> Tiers.asOf(store, 1, 0, 9));
            isUnavailable(() -> Tiers.scan(store));
            isUnavailable(() -> store.segments(Tiers.READINGS));
            isUnavailable(store::relist);
            isToldBy(store);
            comeBack();
            assertThat(Tiers.asOf(store, 1, 0, 9).row().eventMicros()).isEqualTo(1);
            assertThat(Tiers.scan(store)).hasSize(2);
            assertThat(store.problems()).isEmpty();
        }
    }

    @Test
    void aSegmentThatIsAnnouncedWhileItIsAwayIsSeenAfterwards() throws Exception {
        identify();
        LocalBoard board = new LocalBoard();
        try (ParquetOfflineStore writing = Tiers.store(root, board);
                ParquetOfflineStore reading = Tiers.store(root, board)) {
            Tiers.append(writing, Tiers.reading(1, 1, 1, 1));
            assertThat(Tiers.scan(reading)).hasSize(1);
            Tiers.append(writing, Tiers.reading(1, 2, 2, 2));
            leave();
            isUnavailable(() -> Tiers.scan(reading));
            comeBack();
            assertThat(Tiers.scan(reading)).hasSize(2);
        }
    }

    @Test
    void aTierThatIsTriedWhileItIsAwayIsNotTakenForOneThatTakesWrites() throws Exception {
        identify();
        TierStorage tier = LocalTier.open(root);
        leaveAnEmptyFolder();
        assertThatThrownBy(tier::proveWritable).hasMessageContaining(root + " is away");
        Files.delete(root);
        assertThatThrownBy(tier::proveWritable).hasMessageContaining(root + " is away");
        assertThat(root).doesNotExist();
        comeBack();
        tier.proveWritable();
        assertThat(TestTier.files(root)).hasSize(1);
    }

    @Test
    void forgottenEntitiesStayForgotten() throws Exception {
        identify();
        LocalBoard board = new LocalBoard();
        Map<String, String> one = Map.of("subject_id", "1");
        try (ParquetOfflineStore store = Tiers.store(root, board)) {
            Tiers.append(store, Tiers.reading(1, 1, 1, 1), Tiers.reading(2, 1, 1, 1));
            store.forget(new ForgottenEntity(one, 1), List.of(Tiers.READINGS));
            board.invalidate("/suppressions");
            leaveAnEmptyFolder();
            isUnavailable(store::suppressions);
            isUnavailable(() -> store.append(Tiers.READINGS, List.of(Tiers.reading(1, 2, 2, 2))));
            comeBack();
            assertThat(store.suppressions().contains(one)).isTrue();
            leaveAnEmptyFolder();
            isUnavailable(() -> store.allow(one));
            comeBack();
            assertThat(store.suppressions().contains(one)).isTrue();
            assertThat(Tiers.asOf(store, 1, 0, 9)).isNull();
            assertThat(Tiers.asOf(store, 2, 0, 9)).isNotNull();
        }
    }

    @Test
    void nothingIsDroppedRemovedOrSweptInVain() throws Exception {
        identify();
        try (ParquetOfflineStore store = Tiers.store(root)) {
            Tiers.append(store, Tiers.reading(1, 1, 1, 1));
            Tiers.append(store, Tiers.reading(1, 2, 2, 2));
            TierStorage tier = LocalTier.open(root);
            Compactor compactor = Tiers.compactor(tier, new LocalBoard(), CompactionPolicy.everything(Duration.ZERO));
            compactor.compact(TABLE);
            int files = TestTier.files(root).size();
            for (boolean mountPoint : new boolean[] {true, false}) {
                if (mountPoint) {
                    leaveAnEmptyFolder();
                } else {
                    leave();
                }
                isUnavailable(() -> store.drop(Tiers.READINGS));
                isUnavailable(() -> store.meta().remove("tier", 1));
                isUnavailable(() -> store.meta().latest("registry"));
                isUnavailable(() -> store.meta().read("registry", 1));
                isUnavailable(() -> store.meta().publish("registry", 1, "{}"));
                assertThatThrownBy(() -> compactor.compact(TABLE)).hasMessageContaining(root + " is away");
                assertThatThrownBy(() -> compactor.sweep(TABLE)).hasMessageContaining(root + " is away");
                assertThatThrownBy(compactor::sweepUnfinished).hasMessageContaining(root + " is away");
                assertThatThrownBy(() -> TierFolders.tables(tier)).hasMessageContaining(root + " is away");
                comeBack();
            }
            assertThat(TestTier.files(root)).hasSize(files);
            compactor.sweep(TABLE);
            assertThat(Tiers.scan(store)).hasSize(2);
            store.drop(Tiers.READINGS);
            assertThat(Tiers.scan(store)).isEmpty();
        }
    }

    /** What only verbs have opened so far has no name yet; there the folder itself says that it is there. */
    @Test
    void aBrandNewTierStartsEmptyAndIsMissedToo() throws Exception {
        try (ParquetOfflineStore store = Tiers.store(root)) {
            assertThat(Tiers.scan(store)).isEmpty();
            assertThat(store.problems()).isEmpty();
            Tiers.append(store, Tiers.reading(1, 1, 1, 1));
            leave();
            isUnavailable(() -> store.append(Tiers.READINGS, List.of(Tiers.reading(1, 2, 2, 2)))
                    .get(20, TimeUnit.SECONDS));
            isUnavailable(() -> store.segments(new io.glucogrid.store.TableSchema(
                    "others",
                    Tiers.READINGS.joinKeys(),
                    Tiers.READINGS.eventTime(),
                    Tiers.READINGS.created(),
                    Tiers.READINGS.values())));
            assertThat(root).doesNotExist();
            comeBack();
            assertThat(Tiers.scan(store)).hasSize(1);
        }
    }
}
