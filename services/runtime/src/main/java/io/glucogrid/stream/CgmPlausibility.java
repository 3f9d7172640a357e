package io.glucogrid.stream;

import io.glucogrid.cgm.Cgm;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.TableSchema;
import io.glucogrid.stream.BadRecordException.Reason;

/** Glucose must be something that a sensor can have measured. */
final class CgmPlausibility implements RowCheck {
    /** mg/dL; sensors report from 40 to 400, laboratory values in ketoacidosis stay below 1000. */
    static final double LEAST = 1;

    static final double MOST = 1000;

    private final int glucose;

    private CgmPlausibility(int glucose) {
        this.glucose = glucose;
    }

    /** The check for a table; one that accepts everything where the table has no glucose. */
    static RowCheck of(TableSchema table) {
        int index = table.valueIndex(Cgm.GLUCOSE);
        return index < 0 ? row -> {} : new CgmPlausibility(index);
    }

    @Override
    public void check(HistoryRow row) throws BadRecordException {
        Object value = row.row().value(glucose);
        if (!(value instanceof Number number)) {
            throw new BadRecordException(Reason.MISSING_FIELD, Cgm.GLUCOSE + " is null");
        }
        double mgDl = number.doubleValue();
        if (!(mgDl >= LEAST && mgDl <= MOST)) {
            throw new BadRecordException(Reason.IMPLAUSIBLE_VALUE, Cgm.GLUCOSE + " " + number + " mg/dL");
        }
    }
}
