package io.glucogrid.online;

import io.glucogrid.cgm.Cgm;
import io.glucogrid.cgm.Reading;
import io.glucogrid.grid.LocalService;
import io.glucogrid.model.Forecasts;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.TableSchema;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.ignite.Ignite;
import org.apache.ignite.services.ServiceConfiguration;

/**
 * Lets the states of subjects learn what the online store has taken in, before it is acknowledged: both are written by the same
 * batch, and both are idempotent. Rows of other tables teach nothing, and neither does a node whose configuration has no
 * forecasts.
 */
public final class ReadingLearner {
    private final LocalService<Forecasts> forecasts;
    private final boolean isExpected;

    private ReadingLearner(LocalService<Forecasts> forecasts, boolean isExpected) {
        this.forecasts = forecasts;
        this.isExpected = isExpected;
    }

    public static ReadingLearner of(Ignite ignite) {
        ServiceConfiguration[] services = ignite.configuration().getServiceConfiguration();
        boolean expected = services != null
                && Arrays.stream(services).anyMatch(service -> Forecasts.NAME.equals(service.getName()));
        return new ReadingLearner(new LocalService<>(ignite, Forecasts.NAME, Forecasts.class), expected);
    }

    /** Whether {@link #learn} has all it needs. */
    public boolean isReady() {
        return !isExpected || forecasts.isReady();
    }

    /** Why subjects' states are not all there yet, in a sentence; empty where they are. */
    public String shortfall() {
        return isExpected && forecasts.isReady() ? forecasts.get().shortfall() : "";
    }

    /**
     * Returns when primaries and backups have learnt the rows.
     *
     * @throws io.glucogrid.grid.GridException NOT_READY or DEADLINE_EXCEEDED; learning again is safe
     */
    public void learn(TableSchema table, List<HistoryRow> rows, Duration deadline) {
        int glucose = table.name().equals(Cgm.TABLE) ? table.valueIndex(Cgm.GLUCOSE) : -1;
        if (!isExpected || glucose < 0) {
            return;
        }
        List<Reading> readings = new ArrayList<>(rows.size());
        for (HistoryRow row : rows) {
            if (row.op() == HistoryRow.Op.UPSERT
                    && row.joinKeys()[0] instanceof Long subject
                    && row.row().value(glucose) instanceof Number value) {
                readings.add(new Reading(
                        subject,
                        Math.round(value.doubleValue()),
                        row.row().eventMicros(),
                        row.row().createdMicros()));
            }
        }
        if (!readings.isEmpty()) {
            forecasts.get().learn(readings, deadline);
        }
    }

    /**
     * Forgets what was learnt from an entity's rows; nothing where it is less than a subject, or none.
     *
     * @param joinKeys of the entity, as text
     * @return how many entries there were
     * @throws io.glucogrid.grid.GridException NOT_READY or DEADLINE_EXCEEDED; forgetting again completes it
     */
    public long forget(Map<String, String> joinKeys, Duration deadline) {
        String subject = joinKeys.get(Cgm.SUBJECT);
        if (!isExpected || subject == null || joinKeys.size() > 1) {
            return 0;
        }
        long subjectId;
        try {
            subjectId = Long.parseLong(subject);
        } catch (NumberFormatException notOfReadings) {
            return 0;
        }
        return forecasts.get().forget(subjectId, deadline);
    }
}
