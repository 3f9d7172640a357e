package io.glucogrid.ml;

import io.glucogrid.cgm.Reading;
import io.glucogrid.forecast.SubjectSeries;
import io.glucogrid.forecast.SubjectState;
import io.glucogrid.store.HistoryRow;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * One subject's readings out of the tier, in columns: of each event time the version that was created last, as every reader of
 * the tier sees it. A value that no sensor can mean is no reading, and voids the older versions of its event time.
 */
final class SubjectReadings {
    /** In place of the value of a version that is no reading; no plausible one. */
    private static final int VOID = 0;

    private long[] event = new long[64];
    private long[] created = new long[64];
    private int[] glucose = new int[64];
    private int size;
    private boolean sorted = true;

    /** Adds a row of the table of readings, whose glucose is the value at {@code column}. */
    void add(HistoryRow row, int column) {
        if (row.op() == HistoryRow.Op.UPSERT) {
            long milligrams = row.row().value(column) instanceof Number value ? Math.round(value.doubleValue()) : VOID;
            add(
                    row.row().eventMicros(),
                    Plausibility.isPlausible(milligrams) ? (int) milligrams : VOID,
                    row.row().createdMicros());
        }
    }

    private void add(long eventMicros, int milligrams, long createdMicros) {
        if (size == event.length) {
            event = Arrays.copyOf(event, 2 * size);
            created = Arrays.copyOf(created, 2 * size);
            glucose = Arrays.copyOf(glucose, 2 * size);
        }
        sorted &= milligrams != VOID && (size == 0 || event[size - 1] < eventMicros);
        event[size] = eventMicros;
        created[size] = createdMicros;
        glucose[size] = milligrams;
        size++;
    }

    /** The same versions up to a cut; to be asked before they are put in order, which drops older ones. */
    SubjectReadings upTo(Cut cut) {
        if (cut.has(latestEventMicros(), latestCreatedMicros())) {
            return this;
        }
        SubjectReadings kept = new SubjectReadings();
        for (int i = 0; i < size; i++) {
            if (cut.has(event[i], created[i])) {
                kept.add(event[i], glucose[i], created[i]);
            }
        }
        return kept;
    }

    /** Of readings only: a version that is none may have any time. */
    long latestEventMicros() {
        long latest = Long.MIN_VALUE;
        for (int i = 0; i < size; i++) {
            latest = glucose[i] == VOID ? latest : Math.max(latest, event[i]);
        }
        return latest;
    }

    long latestCreatedMicros() {
        return Arrays.stream(created, 0, size).max().orElse(Long.MIN_VALUE);
    }

    int size() {
        sort();
        return size;
    }

    /** All of them on the five-minute grid. */
    SubjectSeries series(long subjectId) {
        sort();
        return SubjectSeries.of(
                subjectId,
                Arrays.copyOf(event, size),
                Arrays.stream(glucose, 0, size).asDoubleStream().toArray());
    }

    /** Takes those of up to a time into a state, in order of time. */
    void applyTo(SubjectState state, long latestMicros) {
        sort();
        for (int i = 0; i < size && event[i] <= latestMicros; i++) {
            state.apply(event[i], glucose[i], created[i]);
        }
    }

    Reading reading(long subjectId, int i) {
        return new Reading(subjectId, glucose[i], event[i], created[i]);
    }

    private void sort() {
        if (sorted) {
            return;
        }
        int[] order = IntStream.range(0, size)
                .boxed()
                .sorted(Comparator.<Integer>comparingLong(i -> event[i])
                        .thenComparingLong(i -> created[i])
                        .thenComparingInt(i -> glucose[i]))
                .mapToInt(Integer::intValue)
                .toArray();
        long[] events = new long[size];
        long[] creations = new long[size];
        int[] values = new int[size];
        int kept = 0;
        for (int i = 0; i < size; i++) {
            boolean lastVersion = i + 1 == size || event[order[i]] != event[order[i + 1]];
            if (lastVersion && glucose[order[i]] != VOID) {
                events[kept] = event[order[i]];
                creations[kept] = created[order[i]];
                values[kept] = glucose[order[i]];
                kept++;
            }
        }
        event = events;
        created = creations;
        glucose = values;
        size = kept;
        sorted = true;
    }
}
