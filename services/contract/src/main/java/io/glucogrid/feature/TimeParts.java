package io.glucogrid.feature;

/** Parts of a UTC time, as pandas names them. */
public final class TimeParts {
    private static final long MICROS_PER_HOUR = 3_600_000_000L;
    private static final long MICROS_PER_DAY = 24 * MICROS_PER_HOUR;

    private TimeParts() {}

    /** Day of the week in UTC, Monday = 0 … Sunday = 6. */
    public static int dayOfWeek(long micros) {
        // 1970-01-01 was a Thursday, day 3 of a week that starts on Monday
        return (int) Math.floorMod(Math.floorDiv(micros, MICROS_PER_DAY) + 3, 7L);
    }

    /** Hour of the day in UTC, 0 … 23. */
    public static int hour(long micros) {
        return (int) (Math.floorMod(micros, MICROS_PER_DAY) / MICROS_PER_HOUR);
    }
}
