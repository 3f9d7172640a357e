package io.glucogrid.forecast;

/** Lengths on the five-minute grid; {@link SlotClock} puts readings there. */
final class Slots {
    static final int MINUTES = 5;
    static final long MICROS = 300_000_000L;
    static final long MICROS_PER_DAY = 86_400_000_000L;

    private Slots() {}
}
