package io.glucogrid.loaders;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Sorts rows by several columns, the least significant first: a stable radix sort of row numbers that looks at as many bits as
 * the values differ in.
 */
final class RowOrder {
    private static final int DIGIT_BITS = 12;

    private int[] order;
    private int[] scratch = {};
    private long[] keys = {};
    private long[] sortedKeys = {};

    private RowOrder(int[] order) {
        this.order = order;
    }

    /** All rows in the order in which they came. */
    static RowOrder asTheyCame(int rows) {
        int[] order = new int[rows];
        for (int row = 0; row < rows; row++) {
            order[row] = row;
        }
        return new RowOrder(order);
    }

    /** Row numbers in the order so far. */
    int[] rows() {
        return order;
    }

    /** Sorts by signed values, one per row; equal ones stay as they are. */
    RowOrder by(long[] values) {
        int rows = order.length;
        if (rows == 0) {
            return this;
        }
        long least = values[0];
        long greatest = values[0];
        for (int row = 1; row < rows; row++) {
            least = Math.min(least, values[row]);
            greatest = Math.max(greatest, values[row]);
        }
        int bits = Long.SIZE - Long.numberOfLeadingZeros(greatest - least); // unsigned, whatever the distance
        int passes = (bits + DIGIT_BITS - 1) / DIGIT_BITS;
        if (passes == 0) {
            return this;
        }
        int digit = (bits + passes - 1) / passes;
        if (keys.length < rows) {
            keys = new long[rows];
            sortedKeys = new long[rows];
            scratch = new int[rows];
        }
        for (int i = 0; i < rows; i++) {
            keys[i] = values[order[i]] - least;
        }
        for (int pass = 0; pass < passes; pass++) {
            pass(pass * digit, (1 << digit) - 1);
        }
        return this;
    }

    /** Keys go along with their rows: looked up by row, each would wait for memory. */
    private void pass(int shift, int mask) {
        int[] from = order;
        int[] to = scratch;
        long[] given = keys;
        long[] sorted = sortedKeys;
        int[] starts = new int[mask + 2];
        for (int i = 0; i < from.length; i++) {
            starts[((int) (given[i] >>> shift) & mask) + 1]++;
        }
        for (int i = 1; i < starts.length; i++) {
            starts[i] += starts[i - 1];
        }
        for (int i = 0; i < from.length; i++) {
            long key = given[i];
            int place = starts[(int) (key >>> shift) & mask]++;
            to[place] = from[i];
            sorted[place] = key;
        }
        order = to;
        scratch = from;
        sortedKeys = given;
        keys = sorted;
    }

    /** Sorts by the values of a column without nulls, which are numbers or text. */
    RowOrder by(Column column) {
        return by(Column.isFixed(column.type()) ? column.fixed() : ranks(column));
    }

    /** The place of each row's text among all different ones. */
    private static long[] ranks(Column column) {
        Map<String, Long> rankByText = new HashMap<>();
        for (int row = 0; row < column.size(); row++) {
            rankByText.put(column.string(row), 0L);
        }
        String[] texts = rankByText.keySet().toArray(String[]::new);
        Arrays.sort(texts, Column::compareText);
        for (int rank = 0; rank < texts.length; rank++) {
            rankByText.put(texts[rank], (long) rank);
        }
        long[] ranks = new long[column.size()];
        for (int row = 0; row < ranks.length; row++) {
            ranks[row] = rankByText.getOrDefault(column.string(row), 0L);
        }
        return ranks;
    }

    /** Sorts by the bucket of the first join key. */
    RowOrder byBucket(Column firstKey) {
        long[] buckets = new long[firstKey.size()];
        for (int row = 0; row < buckets.length; row++) {
            buckets[row] = firstKey.bucket(row);
        }
        return by(buckets);
    }
}
