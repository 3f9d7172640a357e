package io.glucogrid.grid;

import java.time.Duration;

/**
 * The moment by which an answer must be there. A question and all its parts share one, so that what one part takes is not there
 * for the next.
 *
 * @param atNanos as {@link System#nanoTime} counts
 */
public record Deadline(long atNanos) {
    /** A deadline that begins now. */
    public static Deadline in(Duration duration) {
        return new Deadline(System.nanoTime() + duration.toNanos());
    }

    /** Nanoseconds that are left; negative where it has passed. */
    public long leftNanos() {
        return atNanos - System.nanoTime();
    }

    /**
     * What is left.
     *
     * @param what what needs it, for the error
     * @throws GridException DEADLINE_EXCEEDED where less than a millisecond is left
     */
    public Duration left(String what) {
        Duration left = Duration.ofNanos(leftNanos());
        if (left.toMillis() < 1) {
            throw new GridException(ErrorCode.DEADLINE_EXCEEDED, what + " took longer than its deadline");
        }
        return left;
    }
}
