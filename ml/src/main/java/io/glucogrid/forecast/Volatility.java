package io.glucogrid.forecast;

/** How restless glucose has been lately: what the width of an interval depends on. */
public final class Volatility {
    /** Number of features. */
    public static final int COUNT = 4;

    private Volatility() {}

    /**
     * Writes mean absolute five-minute change over the last 30 and 115 minutes, distance from the level one to two hours ago, and
     * level, all in mg/dL. Needs {@link CompactFeatures#HISTORY} slots.
     */
    public static void fill(double[] values, int anchor, double[] out, int at) {
        double recent = 0;
        double sum = 0;
        for (int k = 0; k < 23; k++) {
            sum += Math.abs(values[anchor - k] - values[anchor - k - 1]);
            if (k == 5) {
                recent = sum / 6;
            }
        }
        out[at] = recent;
        out[at + 1] = sum / 23;
        out[at + 2] = Math.abs(values[anchor] - CompactFeatures.mean(values, anchor - 23, anchor - 12));
        out[at + 3] = values[anchor];
    }
}
