package io.glucogrid.store;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The Parquet tier as this node sees it. Thread-safe. */
public interface OfflineStore {
    /** Name of the Ignite service that implements this on every server node. */
    String NAME = "offline-store";

    /**
     * Makes rows durable. The future completes when all of them are in a named segment that every server node knows, and
     * fails when they may not be; a caller may then append them again.
     */
    CompletableFuture<Void> append(TableSchema table, List<HistoryRow> rows);

    /**
     * The same as {@link #append}, for callers on a thread that must not wait for the grid (a cache store): the future
     * completes when the rows are in a named segment that this node knows; the others learn of it right after.
     */
    CompletableFuture<Void> appendLocally(TableSchema table, List<HistoryRow> rows);

    /** Answers in the order of the questions, null where no row is in the window. Sees every acknowledged row. */
    List<@Nullable HistoryRow> asOf(TableSchema table, List<AsOf> questions);

    /**
     * Answers many questions in one pass over the segments of their buckets, each as {@link #asOf} would. Sees every
     * acknowledged row. Answers come bucket by bucket, in the order of keys and times rather than of the questions; a question
     * without an answer gets none, and no question gets two. The caller's thread does all of it, and memory does not grow with
     * the table.
     */
    default void join(TableSchema table, AsOfBatch questions, AsOfAnswers answers) {
        for (int question = 0; question < questions.size(); question++) {
            answers.requireTime();
            HistoryRow found =
                    asOf(table, List.of(questions.question(question))).get(0);
            if (found != null) {
                answers.answer(question, AsOfAnswers.Found.of(found.row()));
            }
        }
    }

    /**
     * For each question all rows with {@code fromMicros <= event time <= atMicros} by rising event time, of each event time
     * the live version of greatest creation time. Sees every acknowledged row.
     */
    default List<List<HistoryRow>> ranges(TableSchema table, List<AsOf> questions) {
        List<List<HistoryRow>> answers = new ArrayList<>(questions.size());
        for (AsOf question : questions) {
            List<HistoryRow> rows = new ArrayList<>();
            AsOf rest = question;
            HistoryRow row = asOf(table, List.of(rest)).get(0);
            while (row != null) {
                rows.add(row);
                long event = row.row().eventMicros();
                rest = new AsOf(question.joinKeys(), question.fromMicros(), event - 1, question.knownMicros());
                row = event <= question.fromMicros()
                        ? null
                        : asOf(table, List.of(rest)).get(0);
            }
            Collections.reverse(rows);
            answers.add(rows);
        }
        return answers;
    }

    /** Hands over every live version of every row in the chosen buckets, in no promised order between buckets. */
    void scan(TableSchema table, IntPredicate buckets, Consumer<HistoryRow> rows);

    /** Hands over the latest row (greatest event time, then creation time) of each entity in the chosen buckets. */
    void latest(TableSchema table, IntPredicate buckets, Consumer<HistoryRow> rows);

    /**
     * Hands over the join keys of the entities in the chosen buckets that have rows in segments not seen yet: each of them at
     * least once, and others perhaps too. Sees every acknowledged row.
     *
     * @param seen tells by its path whether the caller knows all rows of a segment
     */
    default void changed(TableSchema table, IntPredicate buckets, Predicate<String> seen, Consumer<Object[]> entities) {
        latest(table, buckets, row -> entities.accept(row.joinKeys()));
    }

    /** Looks for segments that others put into the tier, such as a bulk load. */
    void relist();

    /** Segments of a table that this node knows. */
    List<SegmentInfo> segments(TableSchema table);

    /** Paths of {@link #segments}, without a look into any of them. */
    default List<String> segmentPaths(TableSchema table) {
        return segments(table).stream().map(SegmentInfo::path).toList();
    }

    /** Removes all segments of a table from the tier and from every node. */
    void drop(TableSchema table);

    /** Loads what the first append and the first read would wait for; takes a while, and touches no data. */
    default void warmUp() {}

    /** One line for each file of the tier that is left out because it is damaged, with its path and the reason. */
    default List<String> problems() {
        return List.of();
    }

    /**
     * The entities that were forgotten. Their rows are not read any more, and an {@link #append} that has one fails with
     * CONFLICT. Whoever starts after a {@link #forget} has returned, on any node, finds its entity here. Costs no wait.
     */
    default Suppressions suppressions() {
        return Suppressions.none();
    }

    /**
     * Suppresses an entity for good, and hides every row that tables have of it by a delete. Compactions then take the rows and
     * the deletes out of the segments. Harmless when repeated.
     *
     * @return how many event times were hidden
     */
    default long forget(ForgottenEntity entity, List<TableSchema> tables) {
        throw new GridException(ErrorCode.NOT_READY, "this offline store cannot forget " + entity.joinKeys());
    }

    /**
     * Lets the store take new rows of a forgotten entity again, once no segment has its old ones any more: that is seen to
     * first, and takes as long as rewriting those segments does.
     *
     * @param joinKeys as in {@link ForgottenEntity#joinKeys}
     * @return false where the entity is not suppressed
     */
    default boolean allow(Map<String, String> joinKeys) {
        return false;
    }

    /** Small documents beside the segments. */
    MetaStore meta();
}
