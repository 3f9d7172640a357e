package io.glucogrid.stream;

import io.glucogrid.store.HistoryRow;

/** A domain's own idea of what a row may hold. */
interface RowCheck {
    void check(HistoryRow row) throws BadRecordException;
}
