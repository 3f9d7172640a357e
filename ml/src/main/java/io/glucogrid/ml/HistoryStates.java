package io.glucogrid.ml;

import io.glucogrid.cgm.Cgm;
import io.glucogrid.forecast.Horizons;
import io.glucogrid.forecast.SubjectState;
import io.glucogrid.grid.LocalService;
import io.glucogrid.store.AsOf;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.OfflineStore;
import io.glucogrid.store.TableSchema;
import java.util.ArrayList;
import java.util.List;
import org.apache.ignite.Ignite;

/** States of subjects as history has them: what the online state would be, had it seen every reading in order of time. */
final class HistoryStates {
    private final Ignite ignite;
    private final LocalService<OfflineStore> store;

    HistoryStates(Ignite ignite) {
        this.ignite = ignite;
        this.store = new LocalService<>(ignite, OfflineStore.NAME, OfflineStore.class);
    }

    /**
     * The states from the readings of a range of event times, in the order of the questions; without a reading where there is
     * none.
     *
     * @param fromMicros by question
     * @param toMicros by question
     */
    List<SubjectState> between(long[] subjects, long[] fromMicros, long[] toMicros) {
        TableSchema table = ReadingsTable.of(ignite);
        List<AsOf> questions = new ArrayList<>(subjects.length);
        for (int i = 0; i < subjects.length; i++) {
            questions.add(new AsOf(new Object[] {subjects[i]}, fromMicros[i], toMicros[i]));
        }
        List<SubjectState> states = new ArrayList<>(subjects.length);
        int glucose = table.valueIndex(Cgm.GLUCOSE);
        for (List<HistoryRow> rows : store.get().ranges(table, questions)) {
            SubjectReadings readings = new SubjectReadings();
            rows.forEach(row -> readings.add(row, glucose));
            SubjectState state = SubjectState.empty(Horizons.STANDARD);
            readings.applyTo(state);
            states.add(state);
        }
        return states;
    }
}
