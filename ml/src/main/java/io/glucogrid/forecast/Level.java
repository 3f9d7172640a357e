package io.glucogrid.forecast;

/** Which forecaster gave an answer, best first; each stands in where the one before lacks what it needs. */
public enum Level {
    /** Coefficients of the subject, learnt online from the pooled ones. */
    PERSONAL,
    /** The population's forecast, moved towards the subject's own by the share of a first day that has been learnt. */
    LEARNING,
    /** Coefficients of the population: of the subject nothing has been learnt. */
    POOLED,
    /** Autoregression of the last half hour: a segment has just begun. */
    AUTOREGRESSION,
    /** The last reading: there is nothing else. */
    PERSISTENCE
}
