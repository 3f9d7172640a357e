package io.glucogrid.store;

import io.glucogrid.feature.FeatureRow;
import org.jspecify.annotations.Nullable;

/** Takes the answers to the questions of an {@link AsOfBatch}. */
public interface AsOfAnswers {
    /**
     * The row that answers a question.
     *
     * @param question its number in the batch
     * @param row good until this call returns
     */
    void answer(int question, Found row);

    /**
     * Called now and then while questions are looked at, also where none of them has an answer.
     *
     * @throws io.glucogrid.grid.GridException to end the join: DEADLINE_EXCEEDED where it is too late for answers
     */
    default void requireTime() {}

    /** A row of the tier. Value columns are numbered as in {@link TableSchema#values}. */
    interface Found {
        /** A row in memory as an answer. */
        static Found of(FeatureRow row) {
            return new RowFound(row);
        }

        long eventMicros();

        long createdMicros();

        boolean isNull(int value);

        /**
         * A value of a type of fixed width that is not null, without an object: a whole number, microseconds, 0 or 1, or the raw
         * bits of a FLOAT or DOUBLE.
         */
        long fixed(int value);

        /** Any value as rows hold it in memory. */
        @Nullable
        Object value(int value);

        /** A copy that stays good. */
        FeatureRow row();
    }
}
