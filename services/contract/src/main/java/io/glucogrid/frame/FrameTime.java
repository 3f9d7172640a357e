package io.glucogrid.frame;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/** Times of a frame as text, as the feature API writes them: {@code 2014-02-05T06:33:02+00:00}, micros where there are any. */
public final class FrameTime {
    private static final long MICROS = 1_000_000;
    private static final String UTC = "+00:00";
    private static final int SECONDS_END = "2014-02-05T06:33:02".length();
    private static final int MICROS_END = SECONDS_END + ".000000".length();

    private FrameTime() {}

    /** Text of microseconds since the epoch. */
    public static String iso(long micros) {
        int fraction = (int) Math.floorMod(micros, MICROS);
        LocalDateTime time = LocalDateTime.ofEpochSecond(Math.floorDiv(micros, MICROS), 0, ZoneOffset.UTC);
        StringBuilder text = new StringBuilder(MICROS_END + UTC.length());
        pad(text, time.getYear(), 4).append('-');
        pad(text, time.getMonthValue(), 2).append('-');
        pad(text, time.getDayOfMonth(), 2).append('T');
        pad(text, time.getHour(), 2).append(':');
        pad(text, time.getMinute(), 2).append(':');
        pad(text, time.getSecond(), 2);
        if (fraction != 0) {
            pad(text.append('.'), fraction, 6);
        }
        return text.append(UTC).toString();
    }

    /**
     * Microseconds since the epoch of ISO-8601 text with an offset.
     *
     * @throws DateTimeException where it is none
     */
    public static long micros(String text) {
        boolean ours = text.endsWith(UTC)
                && (text.length() == SECONDS_END + UTC.length() || text.length() == MICROS_END + UTC.length());
        if (!ours) {
            return ChronoUnit.MICROS.between(
                    Instant.EPOCH, OffsetDateTime.parse(text).toInstant());
        }
        try {
            LocalDateTime time = LocalDateTime.of(
                    number(text, 0, 4),
                    number(text, 5, 7),
                    number(text, 8, 10),
                    number(text, 11, 13),
                    number(text, 14, 16),
                    number(text, 17, 19));
            int fraction = text.length() == MICROS_END + UTC.length() ? number(text, SECONDS_END + 1, MICROS_END) : 0;
            return time.toEpochSecond(ZoneOffset.UTC) * MICROS + fraction;
        } catch (NumberFormatException noTime) {
            throw new DateTimeException("'" + text + "' is not a time", noTime);
        }
    }

    private static int number(String text, int from, int to) {
        return Integer.parseInt(text, from, to, 10);
    }

    private static StringBuilder pad(StringBuilder text, int number, int digits) {
        String shown = Integer.toString(number);
        return text.append("0".repeat(Math.max(0, digits - shown.length()))).append(shown);
    }
}
