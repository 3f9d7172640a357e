package io.glucogrid.loaders;

import static org.assertj.core.api.Assertions.assertThat;

import io.glucogrid.store.AsOf;
import io.glucogrid.store.AsOfBatch;
import io.glucogrid.store.HistoryRow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** Many segments with duplicates, corrections, ties and deletes against a list of everything that was appended. */
@Tag("tier")
class OfflineStoreModelTest {
    private static final int SUBJECTS = 4;
    private static final int TIMES = 12;
    private static final int LATEST_CREATED = 5;

    @Property(tries = 30)
    void everyQuestionIsAnsweredAsTheModelDoes(@ForAll long seed, @ForAll @IntRange(min = 1, max = 25) int segments)
            throws Exception {
        Random random = new Random(seed);
        Path folder = Files.createTempDirectory("tier");
        LocalBoard board = new LocalBoard();
        List<HistoryRow> appended = new ArrayList<>();
        try (ParquetOfflineStore writer = Tiers.store(folder, board);
                ParquetOfflineStore reader = Tiers.store(folder, board)) {
            for (int i = 0; i < segments; i++) {
                List<HistoryRow> rows = new ArrayList<>();
                for (int j = random.nextInt(6); j >= 0; j--) {
                    rows.add(row(random));
                }
                if (random.nextInt(4) == 0) {
                    bulk(folder, rows);
                    reader.relist();
                } else {
                    writer.append(Tiers.READINGS, rows).get(20, TimeUnit.SECONDS);
                }
                appended.addAll(rows);
                if (random.nextInt(3) == 0) {
                    compact(folder, board, random);
                }
                long subject = random.nextInt(SUBJECTS);
                long at = random.nextInt(TIMES);
                assertThat(content(Tiers.asOf(reader, subject, 0, at))).isEqualTo(model(appended, subject, 0, at));
            }
            try (ParquetOfflineStore restarted = Tiers.store(folder)) {
                for (ParquetOfflineStore store : List.of(writer, reader, restarted)) {
                    check(store, appended);
                }
            }
        } finally {
            TestTier.delete(folder);
        }
    }

    private static void check(ParquetOfflineStore store, List<HistoryRow> appended) {
        for (long subject = 0; subject < SUBJECTS; subject++) {
            for (long at = 0; at < TIMES; at++) {
                for (long from = 0; from <= at; from += 3) {
                    List<HistoryRow> answer =
                            store.asOf(Tiers.READINGS, List.of(new AsOf(new Object[] {subject}, from, at)));
                    assertThat(content(answer.get(0))).isEqualTo(model(appended, subject, from, at));
                    checkRange(store, appended, new AsOf(new Object[] {subject}, from, at));
                }
                for (long known = 0; known < LATEST_CREATED; known++) {
                    checkKnown(store, appended, new AsOf(new Object[] {subject}, 0, at, known));
                }
            }
        }
        checkJoins(store);
        List<HistoryRow> scanned = new ArrayList<>();
        store.scan(Tiers.READINGS, bucket -> true, scanned::add);
        List<String> expected = new ArrayList<>();
        List<String> latest = new ArrayList<>();
        for (long subject = 0; subject < SUBJECTS; subject++) {
            for (long at = 0; at < TIMES; at++) {
                live(appended, subject, at)
                        .map(OfflineStoreModelTest::content)
                        .distinct()
                        .forEach(expected::add);
            }
            String last = model(appended, subject, 0, TIMES);
            if (!last.isEmpty()) {
                latest.add(last);
            }
        }
        assertThat(scanned.stream().map(OfflineStoreModelTest::content)).containsExactlyInAnyOrderElementsOf(expected);
        List<HistoryRow> lasts = new ArrayList<>();
        store.latest(Tiers.READINGS, bucket -> true, lasts::add);
        assertThat(lasts.stream().map(OfflineStoreModelTest::content)).containsExactlyInAnyOrderElementsOf(latest);
    }

    /** All questions at once are answered as one by one. */
    private static void checkJoins(ParquetOfflineStore store) {
        long[] subjects = new long[(SUBJECTS + 1) * TIMES];
        long[] times = new long[subjects.length];
        for (int i = 0; i < subjects.length; i++) {
            subjects[i] = (i * 7) % (SUBJECTS + 1);
            times[i] = (i * 5) % TIMES;
        }
        AsOfBatch all = AsOfBatch.of(subjects, times);
        for (AsOfBatch questions :
                List.of(all, all.withTtl(3), all.knownThen(), all.withTtl(4).knownThen())) {
            String[] answers = new String[questions.size()];
            store.join(Tiers.READINGS, questions, (question, row) -> {
                assertThat(answers[question]).as("one answer each").isNull();
                assertThat(row.fixed(0)).isEqualTo(row.row().value(0));
                answers[question] = questions.joinKeys(question)[0] + " " + row.row();
            });
            for (int question = 0; question < answers.length; question++) {
                HistoryRow one = store.asOf(Tiers.READINGS, List.of(questions.question(question)))
                        .get(0);
                assertThat(answers[question] == null ? "" : answers[question]).isEqualTo(content(one));
            }
        }
    }

    /** Whatever was compacted: rows and deletes created later are not there. */
    private static void checkKnown(ParquetOfflineStore store, List<HistoryRow> appended, AsOf question) {
        List<HistoryRow> then = appended.stream()
                .filter(row -> row.row().createdMicros() <= question.knownMicros())
                .toList();
        assertThat(content(store.asOf(Tiers.READINGS, List.of(question)).get(0)))
                .as("known at %d", question.knownMicros())
                .isEqualTo(model(then, (Long) question.joinKeys()[0], 0, question.atMicros()));
    }

    private static void checkRange(ParquetOfflineStore store, List<HistoryRow> appended, AsOf range) {
        List<String> expected = new ArrayList<>();
        for (long event = range.fromMicros(); event <= range.atMicros(); event++) {
            String found = model(appended, (Long) range.joinKeys()[0], event, event);
            if (!found.isEmpty()) {
                expected.add(found);
            }
        }
        List<HistoryRow> rows = store.ranges(Tiers.READINGS, List.of(range)).get(0);
        assertThat(rows.stream().map(OfflineStoreModelTest::content)).containsExactlyElementsOf(expected);
    }

    /** The glucose follows from key and creation time, so that versions of equal creation time are exact duplicates. */
    private static HistoryRow row(Random random) {
        long subject = random.nextInt(SUBJECTS);
        long event = random.nextInt(TIMES);
        long created = random.nextInt(LATEST_CREATED);
        return random.nextInt(5) == 0
                ? Tiers.tombstone(subject, event, created)
                : Tiers.reading(subject, event, created, 100 * subject + 10 * event + created);
    }

    private static void bulk(Path folder, List<HistoryRow> rows) throws Exception {
        RowBatch batch = RowBatch.empty(Tiers.READINGS, rows.size());
        rows.forEach(row -> batch.add(row, 0));
        BulkLoad.into(TestTier.open(folder), Tiers.READINGS).add(batch, true);
    }

    /** Everything or by tiers, with or without what an earlier one left to delete. */
    private static void compact(Path folder, SegmentBoard board, Random random) throws Exception {
        CompactionPolicy policy = random.nextBoolean()
                ? CompactionPolicy.everything(Duration.ZERO)
                : new CompactionPolicy(3, 2, true, Duration.ZERO, 0);
        Compactor compactor = Tiers.compactor(TestTier.open(folder), board, policy);
        compactor.compact(Tiers.READINGS.name());
        if (random.nextBoolean()) {
            compactor.sweep(Tiers.READINGS.name());
        }
    }

    private static Stream<HistoryRow> live(List<HistoryRow> appended, long subject, long event) {
        long deleted = versions(appended, subject, event)
                .filter(row -> row.op() == HistoryRow.Op.DELETE)
                .mapToLong(row -> row.row().createdMicros())
                .max()
                .orElse(Long.MIN_VALUE);
        return versions(appended, subject, event)
                .filter(row -> row.op() == HistoryRow.Op.UPSERT && row.row().createdMicros() > deleted);
    }

    private static Stream<HistoryRow> versions(List<HistoryRow> appended, long subject, long event) {
        return appended.stream()
                .filter(row -> row.joinKeys()[0].equals(subject) && row.row().eventMicros() == event);
    }

    private static String model(List<HistoryRow> appended, long subject, long from, long at) {
        for (long event = at; event >= from; event--) {
            String found = live(appended, subject, event)
                    .max(Comparator.comparingLong(row -> row.row().createdMicros()))
                    .map(OfflineStoreModelTest::content)
                    .orElse("");
            if (!found.isEmpty()) {
                return found;
            }
        }
        return "";
    }

    private static String content(HistoryRow row) {
        return row == null ? "" : row.joinKeys()[0] + " " + row.row();
    }
}
