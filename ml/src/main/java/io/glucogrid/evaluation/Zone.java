package io.glucogrid.evaluation;

/** Zone of an error grid, from no effect on treatment (A) to a dangerous one (E). */
public enum Zone {
    A,
    B,
    C,
    D,
    E
}
