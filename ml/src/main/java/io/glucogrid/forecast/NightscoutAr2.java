package io.glucogrid.forecast;

/**
 * The forecast that users of Nightscout see: an autoregression of order two on {@code log(glucose / 140)} with the fixed
 * coefficients 1.716 and −0.723, iterated in steps of five minutes, shown as whole mg/dL between 36 and 400. Written from its
 * description, as a baseline.
 */
public final class NightscoutAr2 {
    private static final double REFERENCE_MG_DL = 140;
    private static final double LATEST = 1.716;
    private static final double BEFORE = -0.723;

    private static final double SMALLEST_MG_DL = 36;
    private static final double GREATEST_MG_DL = 400;

    private NightscoutAr2() {}

    /** Forecast in whole mg/dL, {@code slots} five-minute steps after {@code latest}. */
    public static double predict(double before, double latest, int slots) {
        double x0 = Math.log(before / REFERENCE_MG_DL);
        double x1 = Math.log(latest / REFERENCE_MG_DL);
        for (int k = 0; k < slots; k++) {
            double next = BEFORE * x0 + LATEST * x1;
            x0 = x1;
            x1 = next;
        }
        double glucose = Math.rint(REFERENCE_MG_DL * Math.exp(x1));
        return Math.max(SMALLEST_MG_DL, Math.min(GREATEST_MG_DL, glucose));
    }
}
