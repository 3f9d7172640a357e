package io.glucogrid.serving;

import io.glucogrid.feature.EntityKey;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.FeatureTable;
import io.glucogrid.feature.FeatureView;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads of values as of given times. Views of one table and age share their questions; few are looked up, many are joined
 * bucket by bucket. The tier reads files and knows no deadline, so the question runs on a thread of its own and is given up when
 * it is late.
 */
final class HistoricalReads {
    private final Supplier<OfflineStore> offline;
    private final BucketJoins joins;
    private final ExecutorService readers;

    HistoricalReads(Supplier<OfflineStore> offline, BucketJoins joins, ExecutorService readers) {
        this.offline = offline;
        this.joins = joins;
        this.readers = readers;
    }

    /**
     * Views whose questions are the same.
     *
     * @param windowed a view with windows, which has a question of its own; else null
     */
    private record Question(
            TableSchema table, @Nullable Duration ttl, List<Integer> keys, ReadPlan.@Nullable ViewRead windowed) {}

    /** {@link #read(ReadPlan, List, List, long[], boolean, Deadline)} of all rows that are known now. */
    FeatureTable read(
            ReadPlan plan,
            List<Object[]> entities,
            List<@Nullable Object[]> request,
            long[] atMicros,
            Deadline deadline) {
        return read(plan, entities, request, atMicros, false, deadline);
    }

    /**
     * One row per entity in the order asked: join keys, then the plan's columns; all null where nothing is known.
     *
     * @param knownThen whether rows created after an entity's time count as not there
     */
    FeatureTable read(
            ReadPlan plan,
            List<Object[]> entities,
            List<@Nullable Object[]> request,
            long[] atMicros,
            boolean knownThen,
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
            ReadPlan.ViewRead windowed = read.windows() == null ? null : read;
            Question question = new Question(read.table(), read.view().ttl(), keys, windowed);
            questionOfView[view] = questions.computeIfAbsent(question, first -> questions.size());
        }
        List<List<@Nullable HistoryRow>> answers = questions.isEmpty()
                ? List.of()
                : Waits.within(
                        readers.submit(() -> ask(
                                new Asked(entities, atMicros, knownThen, deadline), List.copyOf(questions.keySet()))),
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

    /** Entities of a read, each with its time. */
    private record Asked(List<Object[]> entities, long[] atMicros, boolean knownThen, Deadline deadline) {
        List<Object[]> keys(Question question) {
            int[] places = question.keys().stream().mapToInt(Integer::intValue).toArray();
            List<Object[]> keys = new ArrayList<>(entities.size());
            for (Object[] entity : entities) {
                Object[] own = new Object[places.length];
                for (int i = 0; i < places.length; i++) {
                    own[i] = entity[places[i]];
                }
                keys.add(own);
            }
            return keys;
        }

        List<AsOf> asOf(Question question, List<Object[]> keys) {
            List<AsOf> batch = new ArrayList<>(atMicros.length);
            for (int i = 0; i < atMicros.length; i++) {
                long at = atMicros[i];
                batch.add(new AsOf(keys.get(i), oldest(at, question.ttl()), at, knownThen ? at : Long.MAX_VALUE));
            }
            return batch;
        }
    }

    /** Answers by question. */
    private List<List<@Nullable HistoryRow>> ask(Asked asked, List<Question> questions) {
        List<List<@Nullable HistoryRow>> answers = new ArrayList<>(questions.size());
        for (Question question : questions) {
            List<Object[]> keys = asked.keys(question);
            answers.add(
                    asked.atMicros().length < BucketJoins.LEAST
                            ? lookedUp(asked, question, keys)
                            : joined(asked, question, keys));
        }
        return answers;
    }

    private List<@Nullable HistoryRow> lookedUp(Asked asked, Question question, List<Object[]> keys) {
        List<AsOf> questions = asked.asOf(question, keys);
        List<@Nullable HistoryRow> rows = offline.get().asOf(question.table(), questions);
        ViewWindows windows =
                question.windowed() == null ? null : question.windowed().windows();
        return windows == null ? rows : windows.historical(offline.get(), question.table(), questions, rows);
    }

    private List<@Nullable HistoryRow> joined(Asked asked, Question question, List<Object[]> keys) {
        FeatureView windowed =
                question.windowed() == null ? null : question.windowed().view();
        BucketJoins.Terms terms =
                new BucketJoins.Terms(BucketJoins.micros(question.ttl()), asked.knownThen(), windowed);
        @Nullable
        FeatureRow[] found = joins.join(
                question.table(),
                keys,
                asked.atMicros(),
                terms,
                asked.deadline().left("the historical read"));
        List<@Nullable HistoryRow> rows = new ArrayList<>(found.length);
        for (int i = 0; i < found.length; i++) {
            FeatureRow row = found[i];
            rows.add(row == null ? null : HistoryRow.upsert(keys.get(i), row));
        }
        return rows;
    }

    private static long oldest(long atMicros, @Nullable Duration ttl) {
        return ttl == null ? Long.MIN_VALUE : atMicros - TimeUnit.MICROSECONDS.convert(ttl);
    }
}
