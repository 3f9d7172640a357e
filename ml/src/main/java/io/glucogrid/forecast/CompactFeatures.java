package io.glucogrid.forecast;

import java.util.List;

/**
 * The inputs of the linear forecasters: ten numbers from the last two hours and the time of day aimed at.
 *
 * <p>With {@code g0} the latest slot and {@code gk} the slot {@code 5k} minutes before, they are level, four slopes over
 * doubling spans, the pull back to where the subject was one to two hours ago, and two harmonics of the day. The slopes are
 * linear combinations of lags and could not help a plain least-squares fit; they are there because they make it well
 * conditioned (condition number 4 instead of 2950 for 24 lags) and because shrinking a slope is a sensible belief where
 * shrinking a lag is not.
 */
public final class CompactFeatures {
    /** Number of features. */
    public static final int COUNT = 10;

    /** Slots that must lie in the anchor's segment, the anchor's own included. */
    public static final int HISTORY = 24;

    /** Names, in the order of {@link #fill}. */
    public static final List<String> NAMES = List.of(
            "g0",
            "g0_minus_g1",
            "g1_minus_g3",
            "g3_minus_g6",
            "g6_minus_g12",
            "mean_g12_g23_minus_g0",
            "sin_day",
            "cos_day",
            "sin_half_day",
            "cos_half_day");

    private static final int FIRST_CLOCK_FEATURE = 6;

    private CompactFeatures() {}

    /**
     * Writes the features of the anchor at {@code values[anchor]}.
     *
     * @param values glucose per slot in mg/dL, the past before the anchor
     * @param targetMicros local time that the forecast is for
     * @param out from {@code at} on
     */
    public static void fill(double[] values, int anchor, long targetMicros, double[] out, int at) {
        double g0 = values[anchor];
        double g1 = values[anchor - 1];
        double g3 = values[anchor - 3];
        double g6 = values[anchor - 6];
        out[at] = g0;
        out[at + 1] = g0 - g1;
        out[at + 2] = g1 - g3;
        out[at + 3] = g3 - g6;
        out[at + 4] = g6 - values[anchor - 12];
        out[at + 5] = mean(values, anchor - 23, anchor - 12) - g0;
        fillClock(targetMicros, out, at);
    }

    /** Writes only the features that differ between the horizons of one anchor. */
    static void fillClock(long targetMicros, double[] out, int at) {
        double day = Math.floorMod(targetMicros, Slots.MICROS_PER_DAY) / (double) Slots.MICROS_PER_DAY;
        double sin = Math.sin(2 * Math.PI * day);
        double cos = Math.cos(2 * Math.PI * day);
        int clock = at + FIRST_CLOCK_FEATURE;
        out[clock] = sin;
        out[clock + 1] = cos;
        // double angle: two of four trigonometric calls saved on the hot path
        out[clock + 2] = 2 * sin * cos;
        out[clock + 3] = cos * cos - sin * sin;
    }

    /** Mean of {@code values[from..to]}, both included. */
    static double mean(double[] values, int from, int to) {
        double sum = 0;
        for (int i = from; i <= to; i++) {
            sum += values[i];
        }
        return sum / (to - from + 1);
    }
}
