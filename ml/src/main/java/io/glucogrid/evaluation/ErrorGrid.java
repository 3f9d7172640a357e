package io.glucogrid.evaluation;

/** Judges a forecast by what treatment it would lead to. */
public interface ErrorGrid {
    /** Zone of a pair in mg/dL. */
    Zone zone(double actual, double predicted);
}
