package io.glucogrid.forecast;

/**
 * The five-minute grid of one wear. A reading's slot follows from the time since the last accepted reading, rounded to whole
 * slots, so that a sensor which drifts by seconds stays on the grid; more than 30 minutes without a reading begin a new segment.
 * A sensor that is faster than one reading in 150 seconds is thinned by the same rule.
 */
final class Slots {
    static final int MINUTES = 5;
    static final long MICROS = 300_000_000L;
    static final long MICROS_PER_DAY = 86_400_000_000L;

    /** Answer of {@link #steps}: a new segment begins. */
    static final int NEW_SEGMENT = -1;

    /** Answer of {@link #steps}: too close to the last accepted reading to have a slot of its own. */
    static final int DISCARD = 0;

    /** The greatest number of steps within a segment. */
    static final int MAX_STEPS = 6;

    private static final long MAX_GAP_MICROS = 1_800_000_000L;

    private Slots() {}

    /** Slots from the last accepted reading to the next one, or {@link #NEW_SEGMENT}, or {@link #DISCARD}. */
    static int steps(long deltaMicros) {
        if (deltaMicros > MAX_GAP_MICROS) {
            return NEW_SEGMENT;
        }
        return (int) ((deltaMicros + MICROS / 2) / MICROS);
    }
}
