package io.glucogrid.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.glucogrid.feature.Aggregation;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.feature.Field;
import io.glucogrid.node.MemoryOfflineStore;
import io.glucogrid.store.AsOf;
import io.glucogrid.store.HistoryRow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * Events that come late, twice, corrected and out of order, in batches that a crash repeats, over a store that loses its memory:
 * what is served online is what history says and what the definition says.
 */
class WindowsModelTest {
    private static final long MINUTE = 60_000_000;
    private static final FeatureView VIEW =
            WindowViews.view("model", Duration.ofMinutes(15), Duration.ofHours(3), Duration.ofHours(24));
    private static final ViewWindows WINDOWS = ViewWindows.of(VIEW);
    private static final WindowLayout LAYOUT = WindowLayout.of(VIEW);
    private static final Object[] SUBJECT = {7L};

    @Property(tries = 300)
    void onlineEqualsHistoryEqualsTheDefinition(@ForAll long seed, @ForAll @IntRange(min = 1, max = 400) int events) {
        Random random = new Random(seed);
        MemoryOfflineStore tier = new MemoryOfflineStore(UUID.randomUUID().toString());
        NaiveWindows naive = new NaiveWindows();
        List<FeatureRow> arrivals = arrivals(random, events);
        List<FeatureRow> durable = new ArrayList<>();
        FeatureRow online = null;
        for (int from = 0; from < arrivals.size(); ) {
            int to = Math.min(arrivals.size(), from + 1 + random.nextInt(random.nextBoolean() ? 1 : 20));
            List<FeatureRow> batch = arrivals.subList(from, to);
            tier.append(
                    WindowViews.TABLE,
                    batch.stream().map(row -> HistoryRow.upsert(SUBJECT, row)).toList());
            durable.addAll(batch);
            batch.forEach(naive::add);
            online = apply(online, batch);
            switch (random.nextInt(10)) {
                case 0 -> online = random.nextBoolean() ? rebuilt(durable, random) : materialized(tier);
                case 1 -> { // a crash before the commit: the batch comes again, after others of its like
                    int again = Math.max(0, from - random.nextInt(30));
                    online = apply(online, arrivals.subList(again, to));
                }
                default -> {}
            }
            from = to;
        }

        check(tier, naive, online);
        for (int i = 0; i < 5; i++) {
            long at = random.nextInt(60 * 60) * MINUTE + random.nextInt(3) - 1;
            checkHistory(tier, naive, at);
        }
    }

    @Property(tries = 50)
    void readingsOutliveAChangeOfTheViewAndHistoryFillsWhatItMissed(@ForAll long seed) {
        Random random = new Random(seed);
        MemoryOfflineStore tier = new MemoryOfflineStore(UUID.randomUUID().toString());
        NaiveWindows naive = new NaiveWindows();
        WindowLayout before = WindowLayout.of(WindowViews.view("model", Duration.ofHours(1 + random.nextInt(24))));
        FeatureRow online = null;
        List<FeatureRow> arrivals = arrivals(random, 100);
        int change = random.nextInt(arrivals.size());
        for (int i = 0; i < arrivals.size(); i++) {
            FeatureRow row = arrivals.get(i);
            tier.append(WindowViews.TABLE, List.of(HistoryRow.upsert(SUBJECT, row)));
            naive.add(row);
            if (i < change) {
                online = before.join(online, row);
            } else if (i == change) { // carried, then filled, while writes go on
                online = LAYOUT.join(online, row);
                online = LAYOUT.join(online, materialized(tier));
            } else {
                online = LAYOUT.join(online, row);
            }
        }

        check(tier, naive, online);
    }

    @Property(tries = 20)
    void oneQuestionForManyTimesGivesWhatOneEachGives(@ForAll long seed) {
        Random random = new Random(seed);
        MemoryOfflineStore tier = new MemoryOfflineStore(UUID.randomUUID().toString());
        for (FeatureRow row : arrivals(random, 300)) {
            Object[] subject = {random.nextLong(3)};
            tier.append(WindowViews.TABLE, List.of(HistoryRow.upsert(subject, row)));
        }
        List<AsOf> questions = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            long known = random.nextBoolean() ? Long.MAX_VALUE : random.nextInt(4);
            questions.add(
                    new AsOf(new Object[] {random.nextLong(4)}, Long.MIN_VALUE, random.nextInt(6_000) * MINUTE, known));
        }
        List<HistoryRow> together = historical(tier, questions);

        for (int i = 0; i < questions.size(); i++) {
            HistoryRow alone = historical(tier, List.of(questions.get(i))).get(0);
            assertThat(together.get(i) == null ? null : together.get(i).row())
                    .isEqualTo(alone == null ? null : alone.row());
        }
    }

    @Property(tries = 50)
    void readingsThatWereNotKnownThenAreInNoWindow(@ForAll long seed) {
        Random random = new Random(seed);
        MemoryOfflineStore tier = new MemoryOfflineStore(UUID.randomUUID().toString());
        NaiveWindows naive = new NaiveWindows();
        long known = random.nextInt(4);
        for (FeatureRow row : arrivals(random, 100)) {
            tier.append(WindowViews.TABLE, List.of(HistoryRow.upsert(SUBJECT, row)));
            if (row.createdMicros() <= known) {
                naive.add(row);
            }
        }
        for (int i = 0; i < 20; i++) {
            checkHistory(tier, naive, new AsOf(SUBJECT, Long.MIN_VALUE, random.nextInt(1_500) * MINUTE, known));
        }
    }

    private static void check(MemoryOfflineStore tier, NaiveWindows naive, FeatureRow online) {
        FeatureRow served = WINDOWS.online(online);
        FeatureRow history = checkHistory(tier, naive, naive.latestEvent());
        assertThat(served.eventMicros()).isEqualTo(naive.latestEvent());
        assertThat(served.values()).containsExactly(history.values());
    }

    private static FeatureRow checkHistory(MemoryOfflineStore tier, NaiveWindows naive, long at) {
        return checkHistory(tier, naive, new AsOf(SUBJECT, Long.MIN_VALUE, at));
    }

    private static FeatureRow checkHistory(MemoryOfflineStore tier, NaiveWindows naive, AsOf question) {
        long at = question.atMicros();
        HistoryRow found = historical(tier, List.of(question)).get(0);
        if (found == null) {
            assertThat(naive.readings()).allMatch(row -> row.eventMicros() > at);
            return null;
        }
        Map<String, Object> expected = new LinkedHashMap<>();
        for (Aggregation aggregation : VIEW.aggregations()) {
            naive.evaluate(aggregation, at, expected);
        }
        List<Field> outputs = WINDOWS.outputs();
        for (int i = 0; i < outputs.size(); i++) {
            Object actual = found.row().value(1 + i);
            Object wanted = expected.get(outputs.get(i).name());
            if (wanted instanceof Double number) {
                assertThat((Double) actual)
                        .as("%s at %s", outputs.get(i), at)
                        .isCloseTo(number, within(1e-9 * Math.max(1, Math.abs(number))));
            } else {
                assertThat(actual).as("%s at %s", outputs.get(i), at).isEqualTo(wanted);
            }
        }
        return found.row();
    }

    private static List<HistoryRow> historical(MemoryOfflineStore tier, List<AsOf> questions) {
        return WINDOWS.historical(tier, WindowViews.TABLE, questions, tier.asOf(WindowViews.TABLE, questions));
    }

    /** One batch: its sum is made first, as the sender or the receiver does, and then joined with the row that is there. */
    private static FeatureRow apply(FeatureRow current, List<FeatureRow> batch) {
        WindowedRow sum = new WindowedRow(LAYOUT);
        batch.forEach(sum::add);
        return LAYOUT.join(current, sum.row());
    }

    /** All nodes died: rows come back from the tier, in whatever order and batches. */
    private static FeatureRow rebuilt(List<FeatureRow> durable, Random random) {
        List<FeatureRow> rows = new ArrayList<>(durable);
        Collections.shuffle(rows, random);
        FeatureRow online = null;
        for (int from = 0; from < rows.size(); from += 50) {
            online = apply(online, rows.subList(from, Math.min(rows.size(), from + 50)));
        }
        return online;
    }

    /** All nodes died: the latest row comes back from the tier, and its recent readings with it. */
    private static FeatureRow materialized(MemoryOfflineStore tier) {
        HistoryRow latest = tier.asOf(WindowViews.TABLE, List.of(new AsOf(SUBJECT, Long.MIN_VALUE, Long.MAX_VALUE)))
                .get(0);
        Map<Object, FeatureRow> whole = WINDOWS.withRecent(tier, WindowViews.TABLE, Map.of(SUBJECT[0], latest.row()));
        return LAYOUT.join(null, whole.get(SUBJECT[0]));
    }

    /** Mostly every five minutes over up to 50 hours, some late by up to 30 hours, some twice, some corrected, some null. */
    private static List<FeatureRow> arrivals(Random random, int events) {
        long step = random.nextBoolean() ? 5 * MINUTE : 7 * MINUTE + 1_234;
        List<long[]> order = new ArrayList<>();
        for (int i = 0; i < events; i++) {
            long event = random.nextInt(1 + 2 * events) * step;
            long created = random.nextInt(4);
            long late = random.nextInt(5) == 0 ? random.nextInt(360) * step : 0;
            order.add(new long[] {event + late, event, created});
            if (random.nextInt(4) == 0) {
                order.add(new long[] {event + random.nextInt(360) * step, event, created});
            }
        }
        if (random.nextBoolean()) {
            order.sort((a, b) -> Long.compare(a[0], b[0]));
        }
        return order.stream().map(one -> reading(one[1], one[2])).toList();
    }

    /** The value follows from both times, so that readings of equal times are the same reading. */
    private static FeatureRow reading(long event, long created) {
        long mixed = new Random(31 * event + created).nextLong(400);
        return new FeatureRow(event, event + created * 1_000_000, new Object[] {mixed < 20 ? null : mixed});
    }
}
