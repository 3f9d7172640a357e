package io.glucogrid.value;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Times as callers write them and as microseconds since the epoch. A number is seconds, milliseconds, microseconds or
 * nanoseconds by its magnitude: as seconds the bounds are the years 5138, as milliseconds and microseconds likewise, so every
 * time from 1973 to 5138 is told right in each unit.
 */
public final class Timestamps {
    public static final long MICROS_PER_SECOND = 1_000_000L;

    private static final long MILLIS_FROM_NUMBER = 100_000_000_000L;
    private static final long MICROS_FROM_NUMBER = 100_000_000_000_000L;
    private static final long NANOS_FROM_NUMBER = 100_000_000_000_000_000L;
    private static final BigDecimal MILLIS_FROM = BigDecimal.valueOf(MILLIS_FROM_NUMBER);
    private static final BigDecimal MICROS_FROM = BigDecimal.valueOf(MICROS_FROM_NUMBER);
    private static final BigDecimal NANOS_FROM = BigDecimal.valueOf(NANOS_FROM_NUMBER);
    private static final int MAX_INTEGER_DIGITS = 20;
    private static final int MAX_FRACTION_DIGITS = 30;
    private static final long YEAR_1 =
            LocalDate.of(1, 1, 1).atStartOfDay().toEpochSecond(ZoneOffset.UTC) * MICROS_PER_SECOND;
    private static final long YEAR_10000 =
            LocalDate.of(10_000, 1, 1).atStartOfDay().toEpochSecond(ZoneOffset.UTC) * MICROS_PER_SECOND;
    private static final Pattern NUMBER = Pattern.compile("[+-]?\\d{1,25}(\\.\\d{0,25})?");

    private Timestamps() {}

    /**
     * Microseconds since the epoch, rounded down.
     *
     * @param field what the value is called, for the error
     * @param value a number, or ISO-8601 text (without a zone it is UTC)
     */
    public static long micros(String field, @Nullable Object value) {
        if (value instanceof Long whole) {
            return wholeMicros(field, whole);
        }
        if (value instanceof BigDecimal decimal) {
            return micros(field, decimal);
        }
        if (value instanceof BigInteger integer) {
            return micros(field, new BigDecimal(integer));
        }
        if (value instanceof String text) {
            String time = text.strip();
            return NUMBER.matcher(time).matches() ? micros(field, new BigDecimal(time)) : isoMicros(field, time);
        }
        throw unusable(field, value);
    }

    /** ISO-8601 with {@code +00:00}, six fractional digits only where there is a fraction. */
    public static String iso(long micros) {
        long seconds = Math.floorDiv(micros, MICROS_PER_SECOND);
        int fraction = (int) Math.floorMod(micros, MICROS_PER_SECOND);
        LocalDateTime time = LocalDateTime.ofEpochSecond(seconds, 0, ZoneOffset.UTC);
        StringBuilder text = new StringBuilder(32);
        pad(text, time.getYear(), 4).append('-');
        pad(text, time.getMonthValue(), 2).append('-');
        pad(text, time.getDayOfMonth(), 2).append('T');
        pad(text, time.getHour(), 2).append(':');
        pad(text, time.getMinute(), 2).append(':');
        pad(text, time.getSecond(), 2);
        if (fraction != 0) {
            pad(text.append('.'), fraction, 6);
        }
        return text.append("+00:00").toString();
    }

    /** {@code micros} without its fraction of a second. */
    public static long wholeSeconds(long micros) {
        return micros - Math.floorMod(micros, MICROS_PER_SECOND);
    }

    /** Microseconds since the epoch of an instant. */
    public static long micros(Instant instant) {
        return Math.addExact(
                Math.multiplyExact(instant.getEpochSecond(), MICROS_PER_SECOND), instant.getNano() / 1_000);
    }

    /** Without a detour through decimals, as nearly every time of a stream comes. */
    private static long wholeMicros(String field, long number) {
        long size = number == Long.MIN_VALUE ? Long.MAX_VALUE : Math.abs(number);
        return checked(
                field,
                number,
                size < MILLIS_FROM_NUMBER
                        ? number * MICROS_PER_SECOND
                        : size < MICROS_FROM_NUMBER
                                ? number * 1_000
                                : size < NANOS_FROM_NUMBER ? number : Math.floorDiv(number, 1_000));
    }

    private static long micros(String field, BigDecimal number) {
        if (number.precision() - number.scale() > MAX_INTEGER_DIGITS) {
            throw unusable(field, number);
        }
        BigDecimal value = number.scale() > MAX_FRACTION_DIGITS ? BigDecimal.valueOf(number.doubleValue()) : number;
        BigDecimal size = value.abs();
        int shift = size.compareTo(MILLIS_FROM) < 0
                ? 6
                : size.compareTo(MICROS_FROM) < 0 ? 3 : size.compareTo(NANOS_FROM) < 0 ? 0 : -3;
        return checked(
                field,
                number,
                value.scaleByPowerOfTen(shift).setScale(0, RoundingMode.FLOOR).longValueExact());
    }

    private static long isoMicros(String field, String text) {
        try {
            return checked(field, text, micros(instant(text.replace(' ', 'T').replace('t', 'T'))));
        } catch (DateTimeException | ArithmeticException unreadable) {
            throw unusable(field, text);
        }
    }

    private static Instant instant(String text) {
        if (text.length() == "2014-02-05".length()) {
            return LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC);
        }
        int zone = Math.max(text.lastIndexOf('+'), text.lastIndexOf('-'));
        boolean zoned = text.endsWith("Z") || text.endsWith("z") || zone > text.indexOf('T');
        return zoned
                ? OffsetDateTime.parse(text).toInstant()
                : LocalDateTime.parse(text).toInstant(ZoneOffset.UTC);
    }

    private static long checked(String field, Object value, long micros) {
        if (micros < YEAR_1 || micros >= YEAR_10000) {
            throw unusable(field, value);
        }
        return micros;
    }

    private static GridException unusable(String field, @Nullable Object value) {
        return new GridException(
                ErrorCode.INVALID_REQUEST,
                "'" + field + "' must be a time (epoch number or ISO-8601), not " + Coercion.shown(value));
    }

    private static StringBuilder pad(StringBuilder text, int number, int digits) {
        int limit = 1;
        for (int i = 1; i < digits; i++) {
            limit *= 10;
        }
        for (int i = limit; i > Math.max(number, 1) && i > 1; i /= 10) {
            text.append('0');
        }
        return text.append(number);
    }
}
