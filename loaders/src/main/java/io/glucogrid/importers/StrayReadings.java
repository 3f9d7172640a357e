package io.glucogrid.importers;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * Finds readings that no sensor of the subject can have made.
 *
 * <p>Who tries out an ingest path pushes a few made-up readings of today into a history of years ago, and a demo that stores
 * its pushes keeps them there for good: the reference file has 164 such rows, of 2024, in a study of 2014 to 2017. Left in,
 * they are each subject's "latest" features. The rule needs no dates of any study: a subject's days with readings are split
 * into periods wherever {@value #GAP_DAYS} days have none, and a period with fewer than {@value #DAY_OF_READINGS} readings (a
 * day of a five-minute sensor) is stray if the subject has a longer one. Genuine pauses are shorter (417 days at most in the
 * reference data), and a genuine return of a subject brings more than a day.
 */
final class StrayReadings {
    static final int GAP_DAYS = 730;
    static final int DAY_OF_READINGS = 288;

    private static final long MICROS_PER_DAY = 86_400_000_000L;

    private final Map<Long, NavigableMap<Long, Integer>> readingsByDay = new HashMap<>();
    private final Map<Long, Set<Long>> strayDays = new HashMap<>();

    void survey(long subject, long eventMicros) {
        readingsByDay.computeIfAbsent(subject, id -> new TreeMap<>()).merge(day(eventMicros), 1, Integer::sum);
    }

    /** Ends the survey. */
    void conclude() {
        readingsByDay.forEach(this::conclude);
        readingsByDay.clear();
    }

    private void conclude(long subject, NavigableMap<Long, Integer> days) {
        Set<Long> stray = new HashSet<>();
        Set<Long> period = new HashSet<>();
        int readings = 0;
        boolean worn = false;
        long before = days.firstKey();
        for (Map.Entry<Long, Integer> day : days.entrySet()) {
            if (day.getKey() - before > GAP_DAYS) {
                worn |= readings >= DAY_OF_READINGS;
                if (readings < DAY_OF_READINGS) {
                    stray.addAll(period);
                }
                period.clear();
                readings = 0;
            }
            period.add(day.getKey());
            readings += day.getValue();
            before = day.getKey();
        }
        worn |= readings >= DAY_OF_READINGS;
        if (readings < DAY_OF_READINGS) {
            stray.addAll(period);
        }
        if (worn && !stray.isEmpty()) {
            strayDays.put(subject, stray);
        }
    }

    boolean isStray(long subject, long eventMicros) {
        Set<Long> days = strayDays.get(subject);
        return days != null && days.contains(day(eventMicros));
    }

    private static long day(long micros) {
        return Math.floorDiv(micros, MICROS_PER_DAY);
    }
}
