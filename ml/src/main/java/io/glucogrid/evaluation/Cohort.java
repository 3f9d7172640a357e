package io.glucogrid.evaluation;

import io.glucogrid.cgm.Reading;
import io.glucogrid.forecast.SubjectSeries;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** The readings of a file, collected by subject. */
final class Cohort implements Consumer<Reading> {
    private static final Comparator<Reading> BY_TIME = Comparator.comparingLong(Reading::eventMicros);

    private final long fromMicros;
    private final long toMicros;
    private final Map<Long, List<Reading>> bySubject = new TreeMap<>();
    private long outside;

    /** Keeps readings of {@code fromMicros} ≤ event time &lt; {@code toMicros}. */
    Cohort(long fromMicros, long toMicros) {
        this.fromMicros = fromMicros;
        this.toMicros = toMicros;
    }

    @Override
    public void accept(Reading reading) {
        if (reading.eventMicros() < fromMicros || reading.eventMicros() >= toMicros) {
            outside++;
            return;
        }
        bySubject.computeIfAbsent(reading.subjectId(), id -> new ArrayList<>()).add(reading);
    }

    /** Number of readings that were outside of the time span. */
    long outside() {
        return outside;
    }

    long readings() {
        return bySubject.values().stream().mapToLong(List::size).sum();
    }

    /** Subjects, ascending. */
    List<Long> subjects() {
        return List.copyOf(bySubject.keySet());
    }

    /** The readings of a subject, by time; equal times stay in file order. */
    List<Reading> readings(long subject) {
        Reading[] sorted = bySubject.getOrDefault(subject, List.of()).toArray(Reading[]::new);
        Arrays.sort(sorted, BY_TIME);
        return List.of(sorted);
    }

    /** All subjects on the five-minute grid, by id. */
    List<SubjectSeries> series() {
        return bySubject.keySet().stream().map(this::series).toList();
    }

    private SubjectSeries series(long subject) {
        List<Reading> readings = readings(subject);
        return SubjectSeries.of(
                subject,
                readings.stream().mapToLong(Reading::eventMicros).toArray(),
                readings.stream().mapToDouble(Reading::glucoseMgDl).toArray());
    }
}
