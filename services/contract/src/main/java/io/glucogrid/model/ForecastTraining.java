package io.glucogrid.model;

/**
 * What to train.
 *
 * @param kind {@code v2} pooled by Ignite ML, {@code v3} per subject, {@code v4} online, {@code v5} least absolute deviations
 * @param lambda weight of the population in a subject's coefficients, in labels: 300 suits people without diabetes, 1000 type 1
 * @param share leading part of each subject's readings that may be seen, in (0, 1]
 * @param fromSums whether to refit the active version from the sums in the subjects' states, without reading the tier
 */
public record ForecastTraining(String kind, double lambda, double share, boolean fromSums) {
    /** Suits people without diabetes. */
    public static final double DEFAULT_LAMBDA = 300;
}
