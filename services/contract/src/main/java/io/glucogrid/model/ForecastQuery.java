package io.glucogrid.model;

import java.util.List;

/**
 * A question to {@link Forecasts}.
 *
 * @param model {@code name} or {@code name@version}; empty for the preferred one
 * @param path whether every five minutes of the coming hour are asked for, not only 15, 30 and 60 minutes
 */
public record ForecastQuery(String model, List<Subject> subjects, boolean path) {
    /** {@link Subject#atMicros} of a forecast from the latest reading. */
    public static final long LATEST = Long.MAX_VALUE;

    /** {@link Subject#warnOfLow} and {@link Subject#warnOfHigh} of a user who is warned as set in {@link OperatingPoints}. */
    public static final double AS_SET = Double.NaN;

    public ForecastQuery {
        subjects = List.copyOf(subjects);
    }

    /**
     * One subject's part of the question.
     *
     * @param atMicros what was known at that event time is read from history; {@link #LATEST} for the online state
     * @param warnOfLow probability of a reading below 70 mg/dL within 30 minutes from which this user wants to be warned;
     *     {@link #AS_SET} for the stored one
     * @param warnOfHigh the same for a reading above 180 mg/dL
     */
    public record Subject(long subjectId, long atMicros, double warnOfLow, double warnOfHigh) {}
}
