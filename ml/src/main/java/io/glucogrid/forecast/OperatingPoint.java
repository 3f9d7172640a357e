package io.glucogrid.forecast;

/**
 * At which probability one user wants to be warned. Nobody can choose it for all: a lower one warns earlier and more often in
 * vain.
 *
 * @param low warn of a low from this probability on, 0 to 1
 * @param high warn of a high from this probability on, 0 to 1
 */
public record OperatingPoint(double low, double high) {
    public OperatingPoint {
        if (!(low >= 0 && low <= 1 && high >= 0 && high <= 1)) {
            throw new IllegalArgumentException("probabilities lie in 0..1");
        }
    }

    public boolean warnsOfLow(Forecast forecast) {
        return forecast.probabilityOfLow() >= low;
    }

    public boolean warnsOfHigh(Forecast forecast) {
        return forecast.probabilityOfHigh() >= high;
    }
}
