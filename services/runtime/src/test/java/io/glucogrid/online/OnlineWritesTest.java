package io.glucogrid.online;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.glucogrid.feature.EntityKey;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.grid.LocalService;
import io.glucogrid.store.HistoryKey;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.OnlineStore;
import io.glucogrid.store.TableSchema;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.cache.CachePeekMode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnlineWritesTest {
    private static final Duration DEADLINE = Duration.ofSeconds(20);
    private static TestGrid grid;
    private static Ignite first;
    private static Ignite second;

    @TempDir
    static Path work;

    @BeforeAll
    static void startTwoNodes() {
        grid = new TestGrid(work);
        first = grid.node(Map.of(), TestGrid.service(OnlineStoreService.NAME, new OnlineStoreService()));
        second = grid.node(Map.of(), TestGrid.service(OnlineStoreService.NAME, new OnlineStoreService()));
    }

    @AfterAll
    static void stopNodes() {
        grid.close();
    }

    @Test
    void aStreamedBatchLeavesTheGreatestRowOfEachKeyOnPrimaryAndBackup() {
        FeatureView view = view("streamed");
        Caches.start(first, Caches.online(view));
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        Map<Object, FeatureRow> greatest = new HashMap<>();
        List<Map.Entry<Object, FeatureRow>> rows = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            long subject = random.nextInt(50);
            long event = random.nextLong(1_000);
            long created = random.nextLong(1_000);
            FeatureRow row = row(event, created, event * 1_000 + created);
            rows.add(Map.entry(subject, row));
            greatest.merge(subject, row, (a, b) -> b.replaces(a) ? b : a);
        }
        for (int replay = 0; replay < 2; replay++) {
            for (int from = 0; from < rows.size(); from += 700) {
                OnlineRows batch = OnlineRows.of(view);
                rows.subList(from, Math.min(from + 700, rows.size()))
                        .forEach(row -> batch.add(row.getKey(), row.getValue()));
                batch.write(first).await(DEADLINE);
            }
        }

        greatest.forEach((subject, row) -> {
            for (Ignite node : List.of(first, second)) {
                IgniteCache<Object, FeatureRow> cache = Caches.online(view).in(node);
                assertThat(cache.localPeek(subject, CachePeekMode.PRIMARY, CachePeekMode.BACKUP))
                        .as("subject %s on %s", subject, node.name())
                        .isEqualTo(row);
            }
        });
    }

    @Test
    void anUpsertKeepsTheNewerRowWhateverTheOrder() {
        FeatureView view = view("upserted");
        Caches.start(first, Caches.online(view));
        OnlineStore store = first.services().serviceProxy(OnlineStoreService.NAME, OnlineStore.class, false);

        store.upsert(view, Map.of(1L, row(10, 1, 100), 2L, row(10, 1, 200)), DEADLINE);
        store.upsert(view, Map.of(1L, row(9, 9, 101), 2L, row(10, 2, 201)), DEADLINE);
        store.upsert(view, Map.of(), DEADLINE);

        IgniteCache<Object, FeatureRow> cache = Caches.online(view).in(second);
        assertThat(cache.get(1L)).isEqualTo(row(10, 1, 100));
        assertThat(cache.get(2L)).isEqualTo(row(10, 2, 201));
    }

    @Test
    void compositeAndTextKeysAreWritten() {
        FeatureView view = view("composite");
        Caches.start(first, Caches.online(view));
        Map<Object, FeatureRow> rows = new HashMap<>();
        for (long i = 0; i < 20; i++) {
            rows.put(EntityKey.of(List.of(i, "sensor-" + i % 3)), row(i, i, i));
        }
        OnlineStore store = second.services().serviceProxy(OnlineStoreService.NAME, OnlineStore.class, false);

        store.upsert(view, rows, DEADLINE);

        rows.forEach(
                (key, row) -> assertThat(Caches.online(view).in(first).get(key)).isEqualTo(row));
    }

    @Test
    void aCacheThatIsNotThereIsNotReady() {
        OnlineStore store = new LocalService<>(first, OnlineStoreService.NAME, OnlineStore.class).get();

        assertThatThrownBy(() -> store.upsert(view("nowhere"), Map.of(1L, row(1, 1, 1)), DEADLINE))
                .isInstanceOfSatisfying(GridException.class, failure -> assertThat(failure.code())
                        .isEqualTo(ErrorCode.NOT_READY));
    }

    private static TableSchema table(String name) {
        return new TableSchema(
                name,
                List.of(new Field("subject_id", ValueType.INT64)),
                "event_timestamp",
                "created",
                List.of(new Field("glucose", ValueType.INT64)));
    }

    @Test
    void theHotWindowKeepsTheGreatestCreationTimeOfEachEventThatItHolds() {
        TableSchema table = table("hot");
        Caches.start(first, Caches.history(table));
        HotHistory hot = new HotHistory(second);
        Object[] subject = {7L};
        HistoryKey key = new HistoryKey(subject, 10);
        IgniteCache<HistoryKey, FeatureRow> cache = Caches.history(table).in(first);
        cache.put(key, row(10, 1, 97));

        hot.update(
                table,
                List.of(HistoryRow.upsert(subject, row(10, 5, 100)), HistoryRow.upsert(subject, row(10, 4, 99))),
                DEADLINE);
        assertThat(cache.get(key)).isEqualTo(row(10, 5, 100));
        hot.update(table, List.of(HistoryRow.upsert(subject, row(10, 3, 98))), DEADLINE);
        assertThat(cache.get(key)).isEqualTo(row(10, 5, 100));
    }

    /** The tier may have a newer version of what the window lost, or has it deleted: an older one that comes again is no news. */
    @Test
    void whatTheHotWindowDoesNotHoldIsLeftToTheTier() {
        TableSchema table = table("replayed");
        Caches.start(first, Caches.history(table));
        IgniteCache<HistoryKey, FeatureRow> cache = Caches.history(table).in(first);
        Object[] subject = {7L};
        cache.put(new HistoryKey(subject, 10), row(10, 20, 120));
        cache.put(new HistoryKey(subject, 11), row(11, 20, 120));
        cache.clear(new HistoryKey(subject, 10)); // as an eviction does
        cache.remove(new HistoryKey(subject, 11));

        new HotHistory(second)
                .update(
                        table,
                        List.of(
                                HistoryRow.upsert(subject, row(10, 10, 100)),
                                HistoryRow.upsert(subject, row(11, 10, 100))),
                        DEADLINE);

        assertThat(cache.size(CachePeekMode.ALL)).isZero();
    }

    @Test
    void aLargeBatchCorrectsWhatTheHotWindowHoldsAndAddsNothing() {
        TableSchema table = table("behind");
        Caches.start(first, Caches.history(table));
        HotHistory hot = new HotHistory(first);
        IgniteCache<HistoryKey, FeatureRow> cache = Caches.history(table).in(second);
        cache.put(new HistoryKey(new Object[] {1L}, 10), row(10, 5, 100));
        cache.put(new HistoryKey(new Object[] {2L}, 10), row(10, 5, 200));
        List<HistoryRow> behind = new ArrayList<>();
        for (long event = 0; event < 2_000; event++) {
            behind.add(HistoryRow.upsert(new Object[] {event % 3}, row(event / 3, 6, event)));
        }

        hot.update(table, behind, DEADLINE);

        assertThat(cache.get(new HistoryKey(new Object[] {1L}, 10))).isEqualTo(row(10, 6, 31));
        assertThat(cache.get(new HistoryKey(new Object[] {2L}, 10))).isEqualTo(row(10, 6, 32));
        assertThat(cache.size(CachePeekMode.PRIMARY)).isEqualTo(2);
    }

    @Test
    void aVeryLargeBatchEmptiesTheHotWindow() {
        TableSchema table = table("far-behind");
        Caches.start(first, Caches.history(table));
        HotHistory hot = new HotHistory(second);
        List<HistoryRow> behind = new ArrayList<>();
        for (long event = 0; event < 6_000; event++) {
            behind.add(HistoryRow.upsert(new Object[] {event % 3}, row(event / 3, 6, event)));
        }
        IgniteCache<HistoryKey, FeatureRow> cache = Caches.history(table).in(first);
        for (int replay = 0; replay < 2; replay++) {
            cache.put(new HistoryKey(new Object[] {1L}, 10), row(10, 5, 100));
            assertThat(cache.size(CachePeekMode.ALL)).as("primary and backup").isEqualTo(2);

            hot.update(table, behind, DEADLINE);

            assertThat(cache.size(CachePeekMode.ALL)).isZero();
        }
        hot.update(table, behind, DEADLINE);
        assertThat(cache.size(CachePeekMode.ALL)).isZero();
    }

    private static FeatureView view(String name) {
        return new FeatureView(
                name,
                List.of("subject"),
                null,
                true,
                FeatureView.OnlineTtl.SERVE,
                "push",
                List.of(new Field("glucose", ValueType.INT64)),
                "",
                Map.of());
    }

    private static FeatureRow row(long event, long created, long value) {
        return new FeatureRow(event, created, new Object[] {value});
    }
}
