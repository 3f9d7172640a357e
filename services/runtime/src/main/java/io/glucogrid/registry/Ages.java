package io.glucogrid.registry;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Durations as definitions write them: {@code 1d}, {@code 90m}, {@code 1d12h}, {@code 3600s}, {@code 250ms}. */
final class Ages {
    private static final Pattern FORM =
            Pattern.compile("(?:(\\d{1,6})d)?(?:(\\d{1,9})h)?(?:(\\d{1,9})m)?(?:(\\d{1,12})s)?(?:(\\d{1,12})ms)?");

    private Ages() {}

    /** The duration in a text; null where the text is none. */
    static @Nullable Duration parse(String text) {
        Matcher parts = FORM.matcher(text);
        if (text.isEmpty() || !parts.matches()) {
            return null;
        }
        return Duration.ofDays(part(parts, 1))
                .plusHours(part(parts, 2))
                .plusMinutes(part(parts, 3))
                .plusSeconds(part(parts, 4))
                .plusMillis(part(parts, 5));
    }

    /** The text that {@link #parse} reads back. */
    static String write(Duration age) {
        StringBuilder text = new StringBuilder();
        append(text, age.toDays(), "d");
        append(text, age.toHoursPart(), "h");
        append(text, age.toMinutesPart(), "m");
        append(text, age.toSecondsPart(), "s");
        append(text, age.toMillisPart(), "ms");
        return text.isEmpty() ? "0s" : text.toString();
    }

    private static void append(StringBuilder text, long amount, String unit) {
        if (amount != 0) {
            text.append(amount).append(unit);
        }
    }

    private static long part(Matcher parts, int group) {
        String digits = parts.group(group);
        return digits == null ? 0 : Long.parseLong(digits);
    }
}
