package io.glucogrid.model;

import java.util.List;

/**
 * What one subject's glucose is expected to do.
 *
 * @param model {@code name@version} of the model that answered
 * @param anchorMicros event time of the reading from which the steps count; meaningless where there are no steps
 * @param steps by rising horizon; empty for a subject without a reading
 * @param probabilityOfLow of a reading below 70 mg/dL within 30 minutes
 * @param probabilityOfHigh of a reading above 180 mg/dL within 30 minutes
 * @param warnsOfLow whether the first probability reaches what the user has chosen
 * @param warnsOfHigh whether the second one does
 */
public record SubjectForecast(
        long subjectId,
        String model,
        long anchorMicros,
        List<Step> steps,
        double probabilityOfLow,
        double probabilityOfHigh,
        boolean warnsOfLow,
        boolean warnsOfHigh) {
    public SubjectForecast {
        steps = List.copyOf(steps);
    }

    /**
     * One horizon of a forecast, in mg/dL.
     *
     * @param low lower end of the 90 % interval
     * @param high upper end of the 90 % interval
     * @param level who answered: {@code personal}, {@code learning}, {@code pooled}, {@code autoregression}, {@code persistence}
     */
    public record Step(int minutes, double glucose, double low, double high, String level) {}
}
