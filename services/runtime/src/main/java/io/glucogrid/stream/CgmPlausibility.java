package io.glucogrid.stream;

import io.glucogrid.cgm.Cgm;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.TableSchema;
import io.glucogrid.stream.BadRecordException.Reason;

/** Glucose must be something that a sensor can have measured. */
final class CgmPlausibility implements RowCheck {
    private final int glucose;
    private final EventLimits limits;

    private CgmPlausibility(int glucose, EventLimits limits) {
        this.glucose = glucose;
        this.limits = limits;
    }

    /** The check for a table; one that accepts everything where the table has no glucose. */
    static RowCheck of(TableSchema table, EventLimits limits) {
        int index = table.valueIndex(Cgm.GLUCOSE);
        return index < 0 ? row -> {} : new CgmPlausibility(index, limits);
    }

    @Override
    public void check(HistoryRow row) throws BadRecordException {
        Object value = row.row().value(glucose);
        if (!(value instanceof Number number)) {
            throw new BadRecordException(Reason.MISSING_FIELD, Cgm.GLUCOSE + " is null");
        }
        double mgDl = number.doubleValue();
        if (!(mgDl >= limits.leastGlucose() && mgDl <= limits.mostGlucose())) {
            throw new BadRecordException(Reason.IMPLAUSIBLE_VALUE, Cgm.GLUCOSE + " " + number + " mg/dL");
        }
    }
}
