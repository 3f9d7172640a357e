package io.glucogrid.ml;

import io.glucogrid.forecast.ForecastModel;
import io.glucogrid.forecast.Kind;
import java.util.Map;
import java.util.TreeMap;

/**
 * One version of a forecaster as a value. Immutable.
 *
 * @param share leading part of each subject's readings that it was fitted to
 * @param fromMicros event time of the first of these readings
 * @param toMicros event time of the last
 * @param cut where the readings ended of which it was fitted to that part
 * @param trainingRows number of examples of the shortest horizon
 * @param fingerprint of the readings: equal readings have equal ones, in whatever order and wherever they lie
 * @param metrics as {@link io.glucogrid.forecast.ForecastTrainer.Fitted} names them; none where it was refitted from sums alone
 */
record ForecastVersion(
        String name,
        int version,
        Kind kind,
        double share,
        long trainedAtMicros,
        long fromMicros,
        long toMicros,
        Cut cut,
        long trainingRows,
        int subjects,
        String fingerprint,
        Map<String, Double> metrics,
        ForecastModel model) {
    ForecastVersion {
        metrics = Map.copyOf(metrics);
    }

    String id() {
        return name + "@" + version;
    }

    /** The same over other readings. */
    ForecastVersion over(Cut readings) {
        return new ForecastVersion(
                name,
                version,
                kind,
                share,
                trainedAtMicros,
                fromMicros,
                toMicros,
                readings,
                trainingRows,
                subjects,
                fingerprint,
                metrics,
                model);
    }

    ForecastVersion numbered(int number) {
        return new ForecastVersion(
                name,
                number,
                kind,
                share,
                trainedAtMicros,
                fromMicros,
                toMicros,
                cut,
                trainingRows,
                subjects,
                fingerprint,
                metrics,
                model);
    }

    /** In the order of their names. */
    Map<String, Double> sortedMetrics() {
        return new TreeMap<>(metrics);
    }
}
