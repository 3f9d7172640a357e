package io.glucogrid.client.soak;

import java.nio.charset.StandardCharsets;

/**
 * Readings that can be told from each other by their number, so that nobody has to remember what was sent.
 *
 * <p>Number {@code n} belongs to subject {@code n mod subjects} and is that subject's {@code n / subjects}-th reading, one step
 * after the one before it and with another glucose value: whoever reads as of its time sees whether it is there.
 *
 * @param firstSubject the others follow
 * @param subjects how many take turns
 * @param startSeconds event time of each subject's first reading, seconds since the epoch
 * @param stepSeconds between two readings of a subject
 */
public record NumberedReadings(long firstSubject, int subjects, long startSeconds, int stepSeconds) {
    private static final int LOWEST = 60;
    private static final int VALUES = 300;
    private static final int RISE = 7;

    /** Subject of a reading. */
    public long subject(long number) {
        return firstSubject + number % subjects;
    }

    /** Event time of a reading, seconds since the epoch. */
    public long second(long number) {
        return startSeconds + number / subjects * stepSeconds;
    }

    /** Value of a reading, mg/dL. */
    public long glucose(long number) {
        return LOWEST + (number / subjects * RISE + number % subjects) % VALUES;
    }

    /** The reading as the topic has it. */
    byte[] message(long number) {
        long second = second(number);
        String json = "{\"event_timestamp\":" + second + ",\"subject_id\":" + subject(number) + ",\"glucose\":"
                + glucose(number) + ",\"created\":" + second + "}";
        return json.getBytes(StandardCharsets.UTF_8);
    }

    /** The message's key. */
    byte[] key(long number) {
        return Long.toString(subject(number)).getBytes(StandardCharsets.UTF_8);
    }

    /** Number of the last reading of a subject among the first {@code count}. */
    long last(int subject, long count) {
        long rounds = (count - 1 - subject) / subjects;
        return rounds * subjects + subject;
    }

    /** How many of a subject's readings end a window of {@code seconds} with the last of the first {@code count}. */
    long inWindow(int subject, long count, long seconds) {
        long readings = last(subject, count) / subjects + 1;
        return Math.min(readings, (seconds + stepSeconds - 1) / stepSeconds);
    }
}
