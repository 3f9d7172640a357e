package io.glucogrid.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Many point-in-time questions about one table, as columns: question {@code i} asks for the latest row of entity {@code i} with
 * {@code at - ttl <= event time <= at}, ties by greatest creation time. Questions may come in any order and repeat. The arrays
 * are read, never changed, and must not change while the batch is in use.
 */
public final class AsOfBatch {
    private final long @Nullable [] numbers;
    private final @Nullable List<Object[]> joinKeys;
    private final long[] atMicros;
    private final long ttlMicros;
    private final boolean knownThen;

    private AsOfBatch(
            long @Nullable [] numbers,
            @Nullable List<Object[]> joinKeys,
            long[] atMicros,
            long ttlMicros,
            boolean knownThen) {
        this.numbers = numbers;
        this.joinKeys = joinKeys;
        this.atMicros = atMicros;
        this.ttlMicros = ttlMicros;
        this.knownThen = knownThen;
    }

    /**
     * Questions about a table with one join key of type INT64.
     *
     * @param keys the join key of each question
     * @param atMicros the time of each question, microseconds since the epoch
     */
    public static AsOfBatch of(long[] keys, long[] atMicros) {
        requireEqual(keys.length, atMicros.length);
        return new AsOfBatch(keys, null, atMicros, Long.MAX_VALUE, false);
    }

    /**
     * Questions about any table.
     *
     * @param joinKeys join-key values of each question, in the table's order
     * @param atMicros the time of each question, microseconds since the epoch
     */
    public static AsOfBatch of(List<Object[]> joinKeys, long[] atMicros) {
        requireEqual(joinKeys.size(), atMicros.length);
        return new AsOfBatch(null, joinKeys, atMicros, Long.MAX_VALUE, false);
    }

    private static void requireEqual(int keys, int times) {
        if (keys != times) {
            throw new IllegalArgumentException(keys + " keys and " + times + " times");
        }
    }

    /** The same questions, answered by rows that are not older than this; {@code Long.MAX_VALUE} for any age. */
    public AsOfBatch withTtl(long micros) {
        return new AsOfBatch(numbers, joinKeys, atMicros, micros, knownThen);
    }

    /** The same questions, for which rows and deletes created after a question's time count as not there. */
    public AsOfBatch knownThen() {
        return new AsOfBatch(numbers, joinKeys, atMicros, ttlMicros, true);
    }

    /** The same questions in another order: of place {@code i} the question {@code order[i]} of this batch. */
    public AsOfBatch inOrder(int[] order) {
        long[] at = new long[order.length];
        for (int i = 0; i < order.length; i++) {
            at[i] = atMicros[order[i]];
        }
        if (numbers == null) {
            List<Object[]> given = Objects.requireNonNull(joinKeys);
            List<Object[]> keys = new ArrayList<>(order.length);
            for (int question : order) {
                keys.add(given.get(question));
            }
            return new AsOfBatch(null, keys, at, ttlMicros, knownThen);
        }
        long[] keys = new long[order.length];
        for (int i = 0; i < order.length; i++) {
            keys[i] = numbers[order[i]];
        }
        return new AsOfBatch(keys, null, at, ttlMicros, knownThen);
    }

    public int size() {
        return atMicros.length;
    }

    /** The keys of questions about a table with one INT64 join key, to be read only; null where they came as objects. */
    public long @Nullable [] numbers() {
        return numbers;
    }

    public Object[] joinKeys(int question) {
        return numbers != null
                ? new Object[] {numbers[question]}
                : Objects.requireNonNull(joinKeys).get(question);
    }

    /** The time of each question, to be read only; microseconds since the epoch. */
    public long[] times() {
        return atMicros;
    }

    public long atMicros(int question) {
        return atMicros[question];
    }

    /** The earliest event time that may answer a question. */
    public long fromMicros(int question) {
        long at = atMicros[question];
        return at < Long.MIN_VALUE + ttlMicros ? Long.MIN_VALUE : at - ttlMicros;
    }

    /** The latest creation time that may answer a question; {@code Long.MAX_VALUE} for all that is known. */
    public long knownMicros(int question) {
        return knownThen ? atMicros[question] : Long.MAX_VALUE;
    }

    /** One question by itself. */
    public AsOf question(int question) {
        return new AsOf(joinKeys(question), fromMicros(question), atMicros[question], knownMicros(question));
    }
}
