package io.glucogrid.serving;

import java.util.BitSet;

/** What one node loaded into the online store. A class, not a record: it crosses the grid. */
final class Materialized {
    private final BitSet buckets;
    private final long rows;

    Materialized(BitSet buckets, long rows) {
        this.buckets = buckets;
        this.rows = rows;
    }

    BitSet buckets() {
        return buckets;
    }

    /** Rows offered to the online store, over all views. */
    long rows() {
        return rows;
    }
}
