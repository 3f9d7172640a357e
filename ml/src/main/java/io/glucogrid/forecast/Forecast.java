package io.glucogrid.forecast;

/**
 * The answer of a {@link Forecaster}, in memory that is used again: read it before the next forecast is written. All values are in
 * mg/dL.
 */
public final class Forecast {
    private final Horizons horizons;
    private final double[] glucose;
    private final double[] low;
    private final double[] high;
    private final Level[] level;
    private long anchorMicros;
    private double probabilityOfLow;
    private double probabilityOfHigh;

    private Forecast(Horizons horizons) {
        this.horizons = horizons;
        this.glucose = new double[horizons.count()];
        this.low = new double[horizons.count()];
        this.high = new double[horizons.count()];
        this.level = new Level[horizons.count()];
    }

    /** Room for a forecast of these horizons. */
    public static Forecast of(Horizons horizons) {
        return new Forecast(horizons);
    }

    public Horizons horizons() {
        return horizons;
    }

    /** Event time of the reading from which the horizons count. */
    public long anchorMicros() {
        return anchorMicros;
    }

    public double glucose(int horizon) {
        return glucose[horizon];
    }

    /** Lower end of the 90 % interval. */
    public double low(int horizon) {
        return low[horizon];
    }

    /** Upper end of the 90 % interval. */
    public double high(int horizon) {
        return high[horizon];
    }

    public Level level(int horizon) {
        return level[horizon];
    }

    /** Probability of a reading below 70 mg/dL within 30 minutes (or the longest horizon, if that is shorter). */
    public double probabilityOfLow() {
        return probabilityOfLow;
    }

    /** Probability of a reading above 180 mg/dL within 30 minutes (or the longest horizon, if that is shorter). */
    public double probabilityOfHigh() {
        return probabilityOfHigh;
    }

    void anchor(long micros) {
        anchorMicros = micros;
    }

    void set(int horizon, double value, double lowEnd, double highEnd, Level by) {
        glucose[horizon] = value;
        low[horizon] = lowEnd;
        high[horizon] = highEnd;
        level[horizon] = by;
    }

    void risk(double ofLow, double ofHigh) {
        probabilityOfLow = ofLow;
        probabilityOfHigh = ofHigh;
    }
}
