package io.glucogrid.feature;

/** What is known of a served value. */
public enum ValueStatus {
    PRESENT,
    NULL_VALUE,
    NOT_FOUND,
    OUTSIDE_MAX_AGE
}
