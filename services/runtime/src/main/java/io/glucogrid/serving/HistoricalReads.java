package io.glucogrid.serving;

import io.glucogrid.feature.EntityKey;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.FeatureTable;
import io.glucogrid.grid.Deadline;
import io.glucogrid.store.AsOf;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.OfflineStore;
import io.glucogrid.store.TableSchema;
import io.glucogrid.window.ViewWindows;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads of values as of given times. Each table is asked once with all questions; views of one table and age share theirs. The
 * tier reads files and knows no deadline, so the question runs on a thread of its own and is given up when it is late.
 */
final class HistoricalReads {
    private final Supplier<OfflineStore> offline;
    private final ExecutorService readers;

    HistoricalReads(Supplier<OfflineStore> offline, ExecutorService readers) {
        this.offline = offline;
        this.readers = readers;
    }

    /** Views whose questions are the same; those with windows have one of their own. */
    private record Question(
            TableSchema table, @Nullable Duration ttl, List<Integer> keys, @Nullable ViewWindows windows) {}

    /** One row per entity in the order asked: join keys, then the plan's columns; all null where nothing is known. */
    FeatureTable read(
            ReadPlan plan,
            List<Object[]> entities,
            List<@Nullable Object[]> request,
            long[] atMicros,
            Deadline deadline) {
        deadline.left("the wait for the historical read");
        Map<Question, Integer> questions = new LinkedHashMap<>();
        int[] questionOfView = new int[plan.views().size()];
        for (int view = 0; view < questionOfView.length; view++) {
            ReadPlan.ViewRead read = plan.views().get(view);
            if (!read.inHistory()) {
                questionOfView[view] = -1;
                continue;
            }
            List<Integer> keys = Arrays.stream(read.keys()).boxed().toList();
            Question question = new Question(read.table(), read.view().ttl(), keys, read.windows());
            questionOfView[view] = questions.computeIfAbsent(question, first -> questions.size());
        }
        List<List<@Nullable HistoryRow>> answers = questions.isEmpty()
                ? List.of()
                : Waits.within(
                        readers.submit(() -> ask(List.copyOf(questions.keySet()), entities, atMicros)),
                        deadline.leftNanos(),
                        "the historical read");
        Cursor cursor = new Cursor(questionOfView.length, true);
        @Nullable Object[][] rows = new Object[entities.size()][];
        for (int i = 0; i < rows.length; i++) {
            cursor.keys = entities.get(i);
            cursor.request = request.isEmpty() ? new Object[0] : request.get(i);
            cursor.atMicros = atMicros[i];
            for (int view = 0; view < questionOfView.length; view++) {
                HistoryRow found = questionOfView[view] < 0
                        ? null
                        : answers.get(questionOfView[view]).get(i);
                cursor.rows[view] = found == null ? null : found.row();
            }
            rows[i] = plan.row(cursor);
        }
        return plan.table(rows);
    }

    /**
     * What an online read would have answered at a time, from history: of the rows created until then, the latest whose event
     * was not later.
     */
    OnlineAnswer online(
            ReadPlan plan,
            List<Object[]> entities,
            List<@Nullable Object[]> request,
            long atMicros,
            Deadline deadline) {
        deadline.left("the wait for the read of the past");
        @Nullable
        FeatureRow[][] rows = Waits.within(
                readers.submit(() -> onlineRows(plan, entities, atMicros)),
                deadline.leftNanos(),
                "the read of the past");
        return OnlineReads.answer(plan, entities, request, rows, Instant.EPOCH.plus(atMicros, ChronoUnit.MICROS));
    }

    private @Nullable FeatureRow[][] onlineRows(ReadPlan plan, List<Object[]> entities, long atMicros) {
        @Nullable FeatureRow[][] rows = new FeatureRow[plan.views().size()][entities.size()];
        for (int view = 0; view < rows.length; view++) {
            ReadPlan.ViewRead read = plan.views().get(view);
            OnlineReads.requireOnline(read.view());
            List<AsOf> batch = new ArrayList<>(entities.size());
            for (Object[] entity : entities) {
                batch.add(new AsOf(read.viewKeys(entity), Long.MIN_VALUE, atMicros, atMicros));
            }
            List<@Nullable HistoryRow> found = offline.get().asOf(read.table(), batch);
            for (int i = 0; i < rows[view].length; i++) {
                HistoryRow row = found.get(i);
                rows[view][i] = row == null
                        ? null
                        : Materializer.onlineRow(read.view(), read.table(), read.source(), row.row());
            }
            if (read.windows() != null) {
                addRecent(read.windows(), read, entities, rows[view], atMicros);
            }
        }
        return rows;
    }

    /** Gives rows the readings that their windows looked at then. */
    private void addRecent(
            ViewWindows windows,
            ReadPlan.ViewRead read,
            List<Object[]> entities,
            @Nullable FeatureRow[] rows,
            long atMicros) {
        Map<Object, FeatureRow> byKey = new LinkedHashMap<>();
        for (int i = 0; i < rows.length; i++) {
            FeatureRow row = rows[i];
            if (row != null) {
                byKey.put(EntityKey.of(read.viewKeys(entities.get(i))), row);
            }
        }
        Map<Object, FeatureRow> whole = windows.withRecent(offline.get(), read.table(), byKey, atMicros);
        for (int i = 0; i < rows.length; i++) {
            rows[i] = whole.get(EntityKey.of(read.viewKeys(entities.get(i))));
        }
    }

    /** Answers by question; each table is asked once. */
    private List<List<@Nullable HistoryRow>> ask(List<Question> questions, List<Object[]> entities, long[] atMicros) {
        Map<TableSchema, List<Integer>> byTable = new LinkedHashMap<>();
        for (int question = 0; question < questions.size(); question++) {
            byTable.computeIfAbsent(questions.get(question).table(), table -> new ArrayList<>())
                    .add(question);
        }
        List<List<@Nullable HistoryRow>> answers = new ArrayList<>(Collections.nCopies(questions.size(), List.of()));
        byTable.forEach((table, asked) -> {
            List<AsOf> batch = new ArrayList<>(asked.size() * atMicros.length);
            for (int question : asked) {
                add(batch, questions.get(question), entities, atMicros);
            }
            List<@Nullable HistoryRow> found = offline.get().asOf(table, batch);
            int from = 0;
            for (int question : asked) {
                int to = from + atMicros.length;
                ViewWindows windows = questions.get(question).windows();
                List<@Nullable HistoryRow> rows = found.subList(from, to);
                answers.set(
                        question,
                        windows == null
                                ? rows
                                : windows.historical(offline.get(), table, batch.subList(from, to), rows));
                from = to;
            }
        });
        return answers;
    }

    private static void add(List<AsOf> batch, Question question, List<Object[]> entities, long[] atMicros) {
        for (int i = 0; i < atMicros.length; i++) {
            Object[] entity = entities.get(i);
            Object[] keys = question.keys().stream().map(key -> entity[key]).toArray();
            batch.add(new AsOf(keys, oldest(atMicros[i], question.ttl()), atMicros[i]));
        }
    }

    private static long oldest(long atMicros, @Nullable Duration ttl) {
        return ttl == null ? Long.MIN_VALUE : atMicros - TimeUnit.MICROSECONDS.convert(ttl);
    }
}
