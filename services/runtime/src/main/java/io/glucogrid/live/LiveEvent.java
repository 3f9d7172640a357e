package io.glucogrid.live;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.glucogrid.model.SubjectForecast;
import org.jspecify.annotations.Nullable;

/**
 * One reading and its prediction.
 *
 * @param path {@code online} or {@code offline}
 * @param n count of readings of this path on this node since it started
 * @param subject join key of the reading: a number or a text
 * @param eventMicros event time, microseconds since the epoch
 * @param glucose mg/dL as received; null where the reading has none
 * @param expected predicted mg/dL; NaN where there is no prediction
 * @param model name and version of the model; null where there is no prediction
 * @param takenNanos from the reading's arrival on this node to its prediction
 * @param forecast what is to come, counted from a reading of the last five minutes; null where no forecaster is trained
 */
public record LiveEvent(
        String path,
        long n,
        Object subject,
        long eventMicros,
        @Nullable Object glucose,
        double expected,
        @Nullable String model,
        long takenNanos,
        @Nullable SubjectForecast forecast) {
    private static final long MICROS_PER_SECOND = 1_000_000;

    /** An event without a forecast. */
    public LiveEvent(
            String path,
            long n,
            Object subject,
            long eventMicros,
            @Nullable Object glucose,
            double expected,
            @Nullable String model,
            long takenNanos) {
        this(path, n, subject, eventMicros, glucose, expected, model, takenNanos, null);
    }

    /** The event as one JSON object; the event time in seconds, with a fraction only where it has one. */
    String json(String node) {
        StringBuilder json = new StringBuilder(200);
        json.append("{\"path\":\"").append(path).append("\",\"n\":").append(n);
        json.append(",\"subject_id\":");
        append(json, subject);
        json.append(",\"event_timestamp\":").append(seconds(eventMicros));
        json.append(",\"glucose\":");
        append(json, glucose);
        json.append(",\"expected\":");
        append(json, expected);
        json.append(",\"model\":");
        append(json, model);
        if (forecast != null && !forecast.steps().isEmpty()) {
            append(json, forecast);
        }
        json.append(",\"timetaken_ns\":").append(takenNanos);
        json.append(",\"node\":");
        append(json, node);
        return json.append('}').toString();
    }

    private static void append(StringBuilder json, SubjectForecast forecast) {
        json.append(",\"forecast\":{\"model\":");
        append(json, forecast.model());
        json.append(",\"event_timestamp\":").append(seconds(forecast.anchorMicros()));
        json.append(",\"steps\":[");
        String separator = "";
        for (SubjectForecast.Step step : forecast.steps()) {
            json.append(separator).append("{\"minutes\":").append(step.minutes());
            json.append(",\"glucose\":").append(step.glucose());
            json.append(",\"low\":").append(step.low());
            json.append(",\"high\":").append(step.high());
            json.append(",\"level\":\"").append(step.level()).append("\"}");
            separator = ",";
        }
        json.append("],\"below_70_within_30_min\":").append(forecast.probabilityOfLow());
        json.append(",\"above_180_within_30_min\":").append(forecast.probabilityOfHigh());
        json.append(",\"warns_of_low\":").append(forecast.warnsOfLow());
        json.append(",\"warns_of_high\":").append(forecast.warnsOfHigh());
        json.append('}');
    }

    /** Seconds as a decimal number without trailing zeros. */
    public static String seconds(long micros) {
        long whole = Math.floorDiv(micros, MICROS_PER_SECOND);
        int fraction = Math.floorMod(micros, (int) MICROS_PER_SECOND);
        if (fraction == 0) {
            return Long.toString(whole);
        }
        StringBuilder text = new StringBuilder(20).append(MICROS_PER_SECOND + fraction);
        while (text.charAt(text.length() - 1) == '0') {
            text.setLength(text.length() - 1);
        }
        text.setCharAt(0, '.');
        // A negative time with a fraction does not occur after 2000.
        return text.insert(0, whole).toString();
    }

    private static void append(StringBuilder json, @Nullable Object value) {
        if (value instanceof Double number && !Double.isFinite(number)) {
            json.append("null");
        } else if (value == null || value instanceof Number || value instanceof Boolean) {
            json.append(value);
        } else {
            json.append('"');
            JsonStringEncoder.getInstance().quoteAsString(value.toString(), json);
            json.append('"');
        }
    }
}
