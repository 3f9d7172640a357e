package io.glucogrid.forecast;

/**
 * An unbroken run of five-minute slots of one subject. Slots without a reading hold the straight line between their neighbours,
 * which both lie in the past of any reading that follows, so that no anchor sees the future.
 */
public final class Segment {
    private final double[] glucose;
    private final long[] eventMicros;
    private final int[] ordinal;

    Segment(double[] glucose, long[] eventMicros, int[] ordinal) {
        this.glucose = glucose;
        this.eventMicros = eventMicros;
        this.ordinal = ordinal;
    }

    public int slots() {
        return glucose.length;
    }

    /** Glucose in mg/dL in that slot, read or interpolated. */
    public double glucose(int slot) {
        return glucose[slot];
    }

    /** Whether the slot holds a reading and not an interpolated value. */
    public boolean isReading(int slot) {
        return ordinal[slot] >= 0;
    }

    /** Position of the slot's reading among all readings of the subject, or -1. */
    public int ordinal(int slot) {
        return ordinal[slot];
    }

    /** Event time of the slot's reading; 0 where there is none. */
    public long eventMicros(int slot) {
        return eventMicros[slot];
    }

    /** The values of all slots; not to be changed. */
    double[] values() {
        return glucose;
    }
}
