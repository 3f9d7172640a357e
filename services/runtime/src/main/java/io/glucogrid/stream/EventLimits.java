package io.glucogrid.stream;

import io.glucogrid.grid.DidYouMean;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Properties;
import java.util.function.Function;

/**
 * What an event may look like. An operator changes it with keys of the Kafka properties file that no Kafka client knows, such as
 * {@code readings.glucose.most=600}.
 *
 * @param earliest no event or creation time is before this
 * @param ahead no event or creation time is further than this after now
 * @param maxBytes no message is longer
 * @param leastGlucose mg/dL
 * @param mostGlucose mg/dL
 */
record EventLimits(Instant earliest, Duration ahead, int maxBytes, double leastGlucose, double mostGlucose) {
    /** Sensors report from 40 to 400 mg/dL, laboratory values in ketoacidosis stay below 1000. */
    static final EventLimits DEFAULT =
            new EventLimits(Instant.parse("2000-01-01T00:00:00Z"), Duration.ofDays(1), 64 * 1024, 1, 1000);

    private static final String PREFIX = "readings.";
    private static final String EARLIEST = PREFIX + "earliest";
    private static final String AHEAD = PREFIX + "ahead.hours";
    private static final String BYTES = PREFIX + "max.bytes";
    private static final String LEAST = PREFIX + "glucose.least";
    private static final String MOST = PREFIX + "glucose.most";
    private static final List<String> KEYS = List.of(EARLIEST, AHEAD, BYTES, LEAST, MOST);

    /** The dead letter of a longer message would not fit Kafka's own limit. */
    private static final int MOST_BYTES = 1_000_000;

    /**
     * The limits of a properties file, and the default for what it does not say.
     *
     * @throws GridException INVALID_CONFIG for an unknown key or an unusable value
     */
    static EventLimits of(Properties properties) {
        for (String key : properties.stringPropertyNames()) {
            if (key.startsWith(PREFIX) && !KEYS.contains(key)) {
                throw new GridException(
                        ErrorCode.INVALID_CONFIG, "'" + key + "' is not a limit" + DidYouMean.suffix(key, KEYS));
            }
        }
        EventLimits limits = new EventLimits(
                value(properties, EARLIEST, DEFAULT.earliest, Instant::parse),
                value(properties, AHEAD, DEFAULT.ahead, text -> Duration.ofHours(Long.parseLong(text))),
                value(properties, BYTES, DEFAULT.maxBytes, Integer::valueOf),
                value(properties, LEAST, DEFAULT.leastGlucose, Double::valueOf),
                value(properties, MOST, DEFAULT.mostGlucose, Double::valueOf));
        if (limits.ahead.isNegative()
                || limits.maxBytes < 1
                || limits.maxBytes > MOST_BYTES
                || !(limits.leastGlucose <= limits.mostGlucose)) {
            throw new GridException(
                    ErrorCode.INVALID_CONFIG,
                    AHEAD + " must be 0 or more, " + BYTES + " from 1 to " + MOST_BYTES + ", and " + LEAST
                            + " not above " + MOST);
        }
        return limits;
    }

    private static <T> T value(Properties properties, String key, T fallback, Function<String, T> parse) {
        String text = properties.getProperty(key);
        if (text == null) {
            return fallback;
        }
        try {
            return parse.apply(text.strip());
        } catch (NumberFormatException | DateTimeException | ArithmeticException unusable) {
            throw new GridException(ErrorCode.INVALID_CONFIG, key + " cannot be '" + text + "'", unusable);
        }
    }
}
