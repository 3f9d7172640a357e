package io.glucogrid.online;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.glucogrid.feature.Aggregation;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.feature.Field;
import io.glucogrid.grid.Caches;
import io.glucogrid.store.OnlineStore;
import io.glucogrid.window.NaiveWindows;
import io.glucogrid.window.ViewWindows;
import io.glucogrid.window.WindowViews;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.ignite.Ignite;
import org.apache.ignite.cache.CachePeekMode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WindowedWritesTest {
    private static final Duration DEADLINE = Duration.ofSeconds(20);
    private static final long SECOND = 1_000_000;
    private static final long STEP = 300 * SECOND;
    private static final long START = 1_738_601_222 * SECOND;
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
    void readingsInAnyOrderFromTwoNodesLeaveTheWindowsOfAllOnPrimaryAndBackup() throws Exception {
        FeatureView view = WindowViews.view("windowed", Duration.ofMinutes(15), Duration.ofHours(24));
        Caches.start(first, Caches.online(view));
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        Map<Object, NaiveWindows> naive = new HashMap<>();
        List<Map.Entry<Object, FeatureRow>> rows = new ArrayList<>();
        for (int i = 0; i < 8_000; i++) {
            long subject = random.nextInt(20);
            FeatureRow row = reading(random.nextInt(500), random.nextInt(3));
            rows.add(Map.entry(subject, row));
            naive.computeIfAbsent(subject, key -> new NaiveWindows()).add(row);
        }
        Collections.shuffle(rows, random);

        Thread other = new Thread(() -> stream(second, view, rows.subList(2_000, rows.size()), 900));
        other.start();
        stream(first, view, rows.subList(0, 6_000), 700);
        other.join(30_000);

        ViewWindows windows = ViewWindows.of(view);
        naive.forEach((subject, expected) -> {
            FeatureRow served = null;
            for (Ignite node : List.of(first, second)) {
                FeatureRow row =
                        Caches.online(view).in(node).localPeek(subject, CachePeekMode.PRIMARY, CachePeekMode.BACKUP);
                assertThat(served == null || served.equals(row)).isTrue();
                served = row;
            }
            check(view, windows.online(served), windows.outputs(), expected);
        });
    }

    private static void check(FeatureView view, FeatureRow served, List<Field> outputs, NaiveWindows expected) {
        assertThat(served.eventMicros()).isEqualTo(expected.latestEvent());
        Map<String, Object> values = new LinkedHashMap<>();
        for (Aggregation aggregation : view.aggregations()) {
            expected.evaluate(aggregation, served.eventMicros(), values);
        }
        for (int i = 0; i < outputs.size(); i++) {
            Object wanted = values.get(outputs.get(i).name());
            Object actual = served.value(view.features().size() + i);
            if (wanted instanceof Double number) {
                assertThat((Double) actual).as("%s", outputs.get(i)).isCloseTo(number, within(1e-9));
            } else {
                assertThat(actual).as("%s", outputs.get(i)).isEqualTo(wanted);
            }
        }
    }

    @Test
    void aReplayLeavesTheEntryUntouched() {
        FeatureView view = WindowViews.view("replayed", Duration.ofHours(24));
        Caches.start(first, Caches.online(view));
        OnlineStore store = first.services().serviceProxy(OnlineStoreService.NAME, OnlineStore.class, false);
        for (int i = 0; i < 5; i++) {
            store.upsert(view, Map.of(1L, reading(i, 0)), DEADLINE);
        }
        FeatureRow before = Caches.online(view).in(second).get(1L);

        for (int i = 4; i >= 0; i--) {
            store.upsert(view, Map.of(1L, reading(i, 0)), DEADLINE);
        }
        store.upsert(view, Map.of(1L, before), DEADLINE);

        assertThat(Caches.online(view).in(second).get(1L)).isEqualTo(before);
    }

    /** Prints what windows cost: each batch has one reading of each of 1,000 subjects, whose 24 h are full. */
    @Test
    void theCostOfWindowsIsMeasured() {
        FeatureView plain = new FeatureView(
                "plain",
                List.of("subject"),
                null,
                true,
                FeatureView.OnlineTtl.SERVE,
                "push",
                WindowViews.TABLE.values(),
                "",
                Map.of());
        FeatureView windowed = WindowViews.view("costly", Duration.ofHours(24));
        Map<String, Double> perSecond = new LinkedHashMap<>();
        for (FeatureView view : List.of(plain, windowed)) {
            Caches.start(first, Caches.online(view));
            int subjects = 300;
            for (long subject = 0; subject < subjects; subject++) {
                long id = subject;
                stream(
                        first,
                        view,
                        IntStream.range(0, 288)
                                .mapToObj(i -> Map.entry((Object) id, reading(i, 0)))
                                .toList(),
                        288);
            }
            List<Map.Entry<Object, FeatureRow>> rows = new ArrayList<>();
            for (int i = 288; i < 318; i++) {
                for (long subject = 0; subject < subjects; subject++) {
                    rows.add(Map.entry(subject, reading(i, 0)));
                }
            }
            int warmUp = rows.size() / 3;
            stream(first, view, rows.subList(0, warmUp), subjects);
            long started = System.nanoTime();
            stream(first, view, rows.subList(warmUp, rows.size()), subjects);
            perSecond.put(view.name(), (rows.size() - warmUp) / ((System.nanoTime() - started) / 1e9));
        }
        System.out.println("readings/s on two nodes of one process: " + perSecond);

        assertThat(ViewWindows.of(windowed)
                        .online(Caches.online(windowed).in(first).get(7L))
                        .values())
                .contains(288L);
    }

    private static void stream(Ignite node, FeatureView view, List<Map.Entry<Object, FeatureRow>> rows, int batch) {
        for (int from = 0; from < rows.size(); from += batch) {
            OnlineRows sums = OnlineRows.of(view);
            rows.subList(from, Math.min(from + batch, rows.size()))
                    .forEach(row -> sums.add(row.getKey(), row.getValue()));
            sums.write(node).await(DEADLINE);
        }
    }

    private static FeatureRow reading(int step, int created) {
        long event = START + step * STEP;
        long glucose = 40 + Math.floorMod(31L * step + 17L * created, 361);
        return new FeatureRow(event, event + created * SECOND, new Object[] {glucose});
    }
}
