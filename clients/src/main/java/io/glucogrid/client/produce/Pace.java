package io.glucogrid.client.produce;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;

/**
 * An open-loop schedule: the n-th reading is due n intervals after the start, whatever became of the ones before, so that a
 * slow broker shows as lateness and not as a lower rate.
 *
 * @param perSecond readings per second
 */
public record Pace(double perSecond) {
    private static final double NANOS = 1e9;

    /**
     * A schedule from now on.
     *
     * @throws GridException INVALID_REQUEST where the rate is not a positive number
     */
    public static Pace of(double perSecond) {
        if (!(perSecond > 0) || Double.isInfinite(perSecond)) {
            throw new GridException(
                    ErrorCode.INVALID_REQUEST,
                    "--rate must be a positive number of readings per second, not " + perSecond);
        }
        return new Pace(perSecond);
    }

    /** When the reading {@code n}, from 0, is due, in nanoseconds after the start. */
    public long dueNanos(long n) {
        return (long) (n / perSecond * NANOS);
    }
}
