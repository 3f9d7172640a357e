package io.glucogrid.evaluation;

/**
 * Clarke's error grid (Clarke et al., Diabetes Care 1987).
 *
 * <p>Published implementations differ on the lines. Here, in this order: E where one value is ≤ 70 and the other ≥ 180; A within 20 %
 * of the actual value (inclusive) or both below 70; C above {@code actual + 110} and above 180 for actual values over 70, or below
 * {@code 1.4·(actual − 130)} for actual values of 130 to 180; D where the forecast is in [70, 180) and the actual value below 70 or
 * above 240; B otherwise. This is the convention of the R package ega.
 */
public final class ClarkeGrid implements ErrorGrid {
    @Override
    public Zone zone(double actual, double predicted) {
        if ((actual <= 70 && predicted >= 180) || (actual >= 180 && predicted <= 70)) {
            return Zone.E;
        }
        if (Math.abs(predicted - actual) / actual * 100 <= 20 || (actual < 70 && predicted < 70)) {
            return Zone.A;
        }
        boolean correctsUp = actual > 70 && predicted > 180 && predicted > actual + 110;
        boolean correctsDown = actual >= 130 && actual <= 180 && predicted < 7.0 / 5 * (actual - 130);
        if (correctsUp || correctsDown) {
            return Zone.C;
        }
        boolean looksFine = predicted >= 70 && predicted < 180;
        return looksFine && (actual < 70 || actual > 240) ? Zone.D : Zone.B;
    }
}
