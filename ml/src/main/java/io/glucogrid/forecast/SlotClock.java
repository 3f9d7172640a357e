package io.glucogrid.forecast;

/**
 * Finds the slots of one wear on the five-minute grid, reading by reading in order of time.
 *
 * <p>A sensor of five minutes drifts by seconds and misses readings; the grid follows it. A reading's slot then follows from the
 * time since the last reading that has one, rounded to whole slots, and more than 30 minutes without one begin a new segment.
 *
 * <p>Where readings come faster than that, following them would run ahead of time: of a sensor of one minute every third would
 * make a slot, and thirty minutes would be eighteen. So a reading less than 285 seconds after the one before it does not move the
 * grid, whose slots go on at 300 seconds each. It gets the slot that it is nearest to, or none where a later one, expected at the
 * same pace, will be nearer, or where the last reading that has a slot is less than 150 seconds away.
 *
 * <p>What to do with a reading depends on three times alone, so that a wear can be taken up in its middle. Not thread-safe.
 */
final class SlotClock {
    /** Answer of {@link #step}: a new segment begins. */
    static final int NEW_SEGMENT = -1;

    /** Answer of {@link #step}: the reading has no slot. */
    static final int DISCARD = 0;

    /** The greatest number of steps within a segment. */
    static final int MAX_STEPS = 6;

    /** No reading yet. */
    static final long NEVER = Long.MIN_VALUE;

    private static final long MAX_GAP_MICROS = MAX_STEPS * Slots.MICROS;
    private static final long CLOSE_MICROS = Slots.MICROS / 2;
    private static final long REGULAR_MICROS = 285_000_000L;

    private long readMicros = NEVER;
    private long acceptedMicros = NEVER;
    private long slotMicros = NEVER;

    /**
     * Goes on after a reading.
     *
     * @param read time of the last reading, {@link #NEVER} for none
     * @param accepted time of the last one that has a slot
     * @param slot time of that slot on the grid
     */
    void resume(long read, long accepted, long slot) {
        readMicros = read;
        acceptedMicros = accepted;
        slotMicros = slot;
    }

    /** Time on the grid of the slot of the last reading that has one. */
    long slotMicros() {
        return slotMicros;
    }

    /** Slots from the last reading that has one to this one, not earlier than any before; or an answer of the above. */
    int step(long eventMicros) {
        long pace = readMicros == NEVER ? Slots.MICROS : eventMicros - readMicros;
        readMicros = eventMicros;
        if (acceptedMicros == NEVER || eventMicros - acceptedMicros > MAX_GAP_MICROS) {
            accept(eventMicros, eventMicros);
            return NEW_SEGMENT;
        }
        if (eventMicros - acceptedMicros < CLOSE_MICROS) {
            return DISCARD;
        }
        if (pace >= REGULAR_MICROS) {
            int steps = rounded(eventMicros - acceptedMicros);
            accept(eventMicros, eventMicros);
            return steps;
        }
        int steps = Math.max(1, rounded(eventMicros - slotMicros));
        long slot = slotMicros + steps * Slots.MICROS;
        if (eventMicros < slot - pace / 2) {
            return DISCARD;
        }
        accept(eventMicros, slot);
        return steps;
    }

    private void accept(long eventMicros, long slot) {
        acceptedMicros = eventMicros;
        slotMicros = slot;
    }

    private static int rounded(long micros) {
        return (int) ((micros + Slots.MICROS / 2) / Slots.MICROS);
    }
}
