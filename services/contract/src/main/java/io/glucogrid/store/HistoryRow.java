package io.glucogrid.store;

import io.glucogrid.feature.FeatureRow;

/**
 * A row of a history table.
 *
 * @param joinKeys join-key values in the table's order
 * @param row times, and values in the order of {@link TableSchema#values}; of a delete the values are ignored
 * @param op what the row does to its key
 */
public record HistoryRow(Object[] joinKeys, FeatureRow row, Op op) {
    /** A row that stores values. */
    public static HistoryRow upsert(Object[] joinKeys, FeatureRow row) {
        return new HistoryRow(joinKeys, row, Op.UPSERT);
    }

    /** Written to the tier as the code in {@code _op}. */
    public enum Op {
        UPSERT(0),
        DELETE(1);

        private final int code;

        Op(int code) {
            this.code = code;
        }

        public int code() {
            return code;
        }
    }
}
