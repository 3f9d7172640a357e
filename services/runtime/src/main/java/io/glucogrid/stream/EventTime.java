package io.glucogrid.stream;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;

/**
 * Reads a time in any of the forms that producers use, as microseconds since the epoch.
 *
 * <p>A number's unit follows from its magnitude: below 10^11 seconds, below 10^14 milliseconds, below 10^17 microseconds,
 * else nanoseconds. Each reading of a time between 1973 and 5138 is then unambiguous.
 */
final class EventTime {
    private static final long SECONDS_BELOW = 100_000_000_000L;
    private static final long MILLIS_BELOW = 100_000_000_000_000L;
    private static final long MICROS_BELOW = 100_000_000_000_000_000L;
    private static final DateTimeFormatter ISO = new DateTimeFormatterBuilder()
            .parseCaseInsensitive()
            .append(DateTimeFormatter.ISO_LOCAL_DATE_TIME)
            .optionalStart()
            .appendOffsetId()
            .toFormatter(Locale.ROOT)
            .withResolverStyle(ResolverStyle.STRICT);

    private EventTime() {}

    static long micros(long number) {
        long magnitude = Math.abs(number);
        if (magnitude < SECONDS_BELOW) {
            return number * 1_000_000;
        }
        if (magnitude < MILLIS_BELOW) {
            return number * 1_000;
        }
        return magnitude < MICROS_BELOW ? number : Math.floorDiv(number, 1_000);
    }

    /** For finite numbers; a fraction of a second is exact to the microsecond until 2100. */
    static long micros(double number) {
        double magnitude = Math.abs(number);
        if (magnitude < SECONDS_BELOW) {
            return Math.round(number * 1e6);
        }
        if (magnitude < MILLIS_BELOW) {
            return Math.round(number * 1e3);
        }
        return Math.round(magnitude < MICROS_BELOW ? number : number / 1e3);
    }

    /**
     * ISO 8601 with {@code T} or a space between date and time; without an offset it is UTC.
     *
     * @throws DateTimeException where it is something else
     */
    static long micros(String text) {
        String iso =
                text.length() > 10 && text.charAt(10) == ' ' ? text.substring(0, 10) + 'T' + text.substring(11) : text;
        TemporalAccessor parsed = ISO.parseBest(iso, Instant::from, LocalDateTime::from);
        Instant instant = parsed instanceof Instant time ? time : ((LocalDateTime) parsed).toInstant(ZoneOffset.UTC);
        return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    }
}
