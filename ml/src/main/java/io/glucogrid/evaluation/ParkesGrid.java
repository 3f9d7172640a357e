package io.glucogrid.evaluation;

import java.util.List;

/**
 * The consensus error grid for type 1 diabetes (Parkes et al., Diabetes Care 2000), with the corrected coordinates of Pfützner et al.
 * (J Diabetes Sci Technol 2013).
 *
 * <p>Each boundary is a polyline whose last piece goes on beyond the printed grid; the zone is the worst boundary that the pair lies
 * strictly beyond, so a pair on a line belongs to the better zone. The lower boundary of D runs (250, 40)–(550, 150), as published;
 * some packages extend it from (410, 110).
 */
public final class ParkesGrid implements ErrorGrid {
    /**
     * Where a zone begins.
     *
     * @param upper x, y, x, y, … of the boundary for forecasts that are too high
     * @param lower likewise for forecasts that are too low, with the vertical below its first point; empty for no such boundary
     */
    private record Boundary(Zone beyond, double[] upper, double[] lower) {
        boolean isCrossed(double actual, double predicted) {
            boolean tooHigh = predicted > height(upper, actual);
            boolean tooLow = lower.length > 0 && actual > lower[0] && predicted < height(lower, actual);
            return tooHigh || tooLow;
        }
    }

    /** Worst first. */
    private static final List<Boundary> BOUNDARIES = List.of(
            new Boundary(Zone.E, new double[] {0, 150, 35, 155, 50, 550}, new double[] {}),
            new Boundary(
                    Zone.D, new double[] {0, 100, 25, 100, 50, 125, 80, 215, 125, 550}, new double[] {250, 40, 550, 150
                    }),
            new Boundary(Zone.C, new double[] {0, 60, 30, 60, 50, 80, 70, 110, 260, 550}, new double[] {
                120, 30, 260, 130, 550, 250
            }),
            new Boundary(Zone.B, new double[] {0, 50, 30, 50, 140, 170, 280, 380, 430, 550}, new double[] {
                50, 30, 170, 145, 385, 300, 550, 450
            }));

    @Override
    public Zone zone(double actual, double predicted) {
        for (Boundary boundary : BOUNDARIES) {
            if (boundary.isCrossed(actual, predicted)) {
                return boundary.beyond();
            }
        }
        return Zone.A;
    }

    /** The polyline's y at x, its first and last piece extended. */
    private static double height(double[] line, double x) {
        int i = 0;
        while (i + 4 < line.length && x > line[i + 2]) {
            i += 2;
        }
        return line[i + 1] + (x - line[i]) * (line[i + 3] - line[i + 1]) / (line[i + 2] - line[i]);
    }
}
