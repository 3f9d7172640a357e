package io.glucogrid.model;

import java.util.List;
import java.util.Map;

/**
 * What is known of one model version, without its coefficients.
 *
 * @param kind {@code linear}, or the kind of forecaster: {@code v2} pooled, {@code v3} per subject, {@code v4} online,
 *     {@code v5} robust
 * @param shadow whether it is scored beside the active forecaster
 * @param horizonMinutes of a forecaster, ascending
 * @param fromMicros event time of the first reading it was fitted to
 * @param toMicros event time of the last one
 * @param fingerprint of the readings it was fitted to: equal readings have equal ones
 */
public record ModelInfo(
        String name,
        int version,
        String kind,
        boolean active,
        boolean shadow,
        List<String> features,
        List<Integer> horizonMinutes,
        long trainedAtMicros,
        long fromMicros,
        long toMicros,
        long trainingRows,
        int subjects,
        String fingerprint,
        Map<String, Double> metrics) {
    public ModelInfo {
        features = List.copyOf(features);
        horizonMinutes = List.copyOf(horizonMinutes);
        metrics = Map.copyOf(metrics);
    }
}
