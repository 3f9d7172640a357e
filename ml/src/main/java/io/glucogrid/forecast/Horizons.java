package io.glucogrid.forecast;

import java.util.Arrays;

/** How far ahead to forecast: an ascending set of horizons, counted in slots of five minutes. Immutable. */
public final class Horizons {
    /** 15, 30 and 60 minutes. */
    public static final Horizons STANDARD = of(3, 6, 12);

    /** Every five minutes of the coming hour. */
    public static final Horizons PATH = of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);

    private final int[] slots;

    private Horizons(int[] slots) {
        this.slots = slots;
    }

    /** Horizons of 1 to 48 slots (five minutes to four hours), strictly ascending, at most 48 of them. */
    public static Horizons of(int... slots) {
        if (slots.length == 0) {
            throw new IllegalArgumentException("no horizon");
        }
        int previous = 0;
        for (int slot : slots) {
            if (slot <= previous || slot > 48) {
                throw new IllegalArgumentException(
                        "horizons must ascend within 1..48 slots, but are " + Arrays.toString(slots));
            }
            previous = slot;
        }
        return new Horizons(slots.clone());
    }

    public int count() {
        return slots.length;
    }

    /** Length of horizon {@code i} in slots. */
    public int slots(int i) {
        return slots[i];
    }

    public int minutes(int i) {
        return slots[i] * Slots.MINUTES;
    }

    /** Position of the horizon of that many slots, or -1. */
    public int indexOf(int wanted) {
        return Math.max(-1, Arrays.binarySearch(slots, wanted));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Horizons that && Arrays.equals(slots, that.slots);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(slots);
    }

    @Override
    public String toString() {
        return Arrays.toString(slots);
    }
}
