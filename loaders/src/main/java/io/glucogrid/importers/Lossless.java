package io.glucogrid.importers;

import io.glucogrid.feature.ValueType;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Values of a file as the declared types hold them, where nothing is lost.
 *
 * <p>Whole numbers fit every number type that holds them exactly, and text as their digits; so do floating-point numbers, of which
 * NaN is a value that is missing and an infinite one fits nothing. Text is a number, {@code true} or {@code false}, base64 or a time
 * as it reads; a decimal fraction is the nearest floating-point number. A time is ISO-8601 (without an offset it is UTC) or a count
 * since the epoch: seconds, milliseconds, microseconds or nanoseconds by its magnitude, as in requests. Times are cut off to whole
 * microseconds and lie in the years 1 to 9999.
 */
final class Lossless {
    /** In place of a value that does not fit. */
    static final Object MISFIT = new Object();

    private static final int LONGEST_NUMBER = 60;
    private static final Pattern NUMBER = Pattern.compile("[+-]?\\d{1,25}(\\.\\d{0,25})?");
    private static final BigDecimal MILLIS_FROM = BigDecimal.valueOf(100_000_000_000L);
    private static final BigDecimal MICROS_FROM = BigDecimal.valueOf(100_000_000_000_000L);
    private static final BigDecimal NANOS_FROM = BigDecimal.valueOf(100_000_000_000_000_000L);
    private static final long YEAR_1 = micros(LocalDate.of(1, 1, 1).atStartOfDay());
    private static final long YEAR_10000 = micros(LocalDate.of(10_000, 1, 1).atStartOfDay());

    private Lossless() {}

    /**
     * A value of another type; null stays null, and what does not fit is {@link #MISFIT}.
     *
     * @param from the type that the file gives it
     */
    static @Nullable Object value(@Nullable Object value, ValueType from, ValueType to) {
        if (value == null || isMissing(value, to)) {
            return null;
        }
        if (from == to && (to == ValueType.INT64 || to == ValueType.INT32 || to == ValueType.STRING)) {
            return value;
        }
        try {
            return switch (to) {
                case INT64 ->
                    from == ValueType.UNIX_TIMESTAMP
                            ? MISFIT
                            : (Object) number(value).longValueExact();
                case INT32 ->
                    from == ValueType.UNIX_TIMESTAMP
                            ? MISFIT
                            : (Object) number(value).intValueExact();
                case FLOAT -> from == ValueType.UNIX_TIMESTAMP ? MISFIT : real(value, true);
                case DOUBLE -> from == ValueType.UNIX_TIMESTAMP ? MISFIT : real(value, false);
                case BOOL -> flag(value);
                case STRING -> from == ValueType.UNIX_TIMESTAMP ? MISFIT : text(value);
                case BYTES ->
                    value instanceof byte[]
                            ? value
                            : value instanceof String text ? Base64.getDecoder().decode(text) : MISFIT;
                case UNIX_TIMESTAMP -> checked(from == ValueType.UNIX_TIMESTAMP ? (Long) value : micros(value));
            };
        } catch (ArithmeticException | IllegalArgumentException | DateTimeException | CharacterCodingException misfit) {
            return MISFIT;
        }
    }

    private static boolean isMissing(Object value, ValueType to) {
        if (value instanceof String text) {
            return to != ValueType.STRING && to != ValueType.BYTES && isMissing(text);
        }
        return (value instanceof Double real && real.isNaN()) || (value instanceof Float single && single.isNaN());
    }

    private static boolean isMissing(String text) {
        return text.isBlank() || text.equalsIgnoreCase("nan");
    }

    private static BigDecimal number(Object value) {
        if (value instanceof Long || value instanceof Integer) {
            return BigDecimal.valueOf(((Number) value).longValue());
        }
        if (value instanceof Float || value instanceof Double) {
            return new BigDecimal(((Number) value).doubleValue()); // its exact value
        }
        if (value instanceof String text && text.length() <= LONGEST_NUMBER) {
            return new BigDecimal(text.strip());
        }
        throw new NumberFormatException("no number");
    }

    private static Object real(Object value, boolean single) {
        if (value instanceof String text) {
            BigDecimal number = number(text);
            return finite(single ? (Object) number.floatValue() : (Object) number.doubleValue());
        }
        if (value instanceof Float || (value instanceof Double && !single)) {
            return finite(single ? value : (Object) ((Number) value).doubleValue());
        }
        BigDecimal exact = number(value);
        Number rounded = single ? (Number) exact.floatValue() : (Number) exact.doubleValue();
        return new BigDecimal(rounded.doubleValue()).compareTo(exact) == 0 ? rounded : MISFIT;
    }

    private static Object finite(Object real) {
        return Double.isFinite(((Number) real).doubleValue()) ? real : MISFIT;
    }

    private static Object flag(Object value) {
        if (value instanceof Boolean) {
            return value;
        }
        if (value instanceof String text) {
            boolean isTrue = text.strip().equalsIgnoreCase("true");
            return isTrue || text.strip().equalsIgnoreCase("false") ? (Object) isTrue : MISFIT;
        }
        return MISFIT;
    }

    private static Object text(Object value) throws CharacterCodingException {
        if (value instanceof byte[] bytes) {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        }
        return value instanceof Long || value instanceof Integer || value instanceof String ? value.toString() : MISFIT;
    }

    private static long micros(Object value) {
        return value instanceof String text && !NUMBER.matcher(text.strip()).matches()
                ? micros(text.strip())
                : micros(number(value));
    }

    private static long micros(BigDecimal count) {
        BigDecimal size = count.abs();
        int shift = size.compareTo(MILLIS_FROM) < 0
                ? 6
                : size.compareTo(MICROS_FROM) < 0 ? 3 : size.compareTo(NANOS_FROM) < 0 ? 0 : -3;
        return count.scaleByPowerOfTen(shift).setScale(0, RoundingMode.FLOOR).longValueExact();
    }

    /** ISO-8601, also with a space for the T and with an offset of hours only, as databases write it. */
    private static long micros(String time) {
        String text = time.replace(' ', 'T').replace('t', 'T').replace('z', 'Z');
        if (text.length() == "2014-02-05".length()) {
            return micros(LocalDate.parse(text).atStartOfDay());
        }
        int offset = Math.max(text.lastIndexOf('+'), text.lastIndexOf('-'));
        if (offset > text.indexOf('T') && text.length() - offset == "+00".length()) {
            text += ":00";
        }
        return text.endsWith("Z") || offset > text.indexOf('T')
                ? micros(OffsetDateTime.parse(text)
                        .withOffsetSameInstant(ZoneOffset.UTC)
                        .toLocalDateTime())
                : micros(LocalDateTime.parse(text));
    }

    private static long micros(LocalDateTime utc) {
        Instant at = utc.toInstant(ZoneOffset.UTC);
        return Math.addExact(Math.multiplyExact(at.getEpochSecond(), 1_000_000), at.getNano() / 1_000);
    }

    private static Object checked(long micros) {
        return micros < YEAR_1 || micros >= YEAR_10000 ? MISFIT : (Object) micros;
    }
}
