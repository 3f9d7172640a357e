package io.glucogrid.client.produce;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;

/**
 * Gives each reading its event time: now, but always later than the subject's reading before it, so that no two readings of a
 * subject share a key even where a late producer catches up.
 */
final class EventClock {
    private static final long MICROS = 1_000_000;

    private final InstantSource time;
    private final long stepMicros;
    private final Map<Long, Long> last = new HashMap<>();

    private EventClock(InstantSource time, long stepMicros) {
        this.time = time;
        this.stepMicros = stepMicros;
    }

    /** Whole seconds up to one reading per second, as in the reference; microseconds above that. */
    static EventClock forRate(double perSecond, InstantSource time) {
        return new EventClock(time, perSecond <= 1 ? MICROS : 1);
    }

    /** Event time of the subject's next reading, microseconds since the epoch. */
    long next(long subjectId) {
        long now = ChronoUnit.MICROS.between(Instant.EPOCH, time.instant());
        long candidate = now - Math.floorMod(now, stepMicros);
        Long before = last.get(subjectId);
        long event = before == null ? candidate : Math.max(candidate, before + stepMicros);
        last.put(subjectId, event);
        return event;
    }
}
