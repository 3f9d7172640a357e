package io.glucogrid.model;

import java.time.Duration;
import java.util.List;

/**
 * From which probabilities users want to be warned; {@link #USUAL} where nothing is set. On every server node of the grid, and in
 * the tier, so that they outlive all nodes. Until a grid that starts has read them from there, NOT_READY. Not a medical device.
 */
public interface OperatingPoints {
    /** Name of the Ignite service that implements this on every server node. */
    String NAME = Forecasts.NAME;

    /** Probability from which those are warned who have said nothing. */
    double USUAL = 0.5;

    /**
     * All that were set, by subject.
     *
     * @throws io.glucogrid.grid.GridException NOT_READY
     */
    List<Point> operatingPoints();

    /**
     * Sets a user's point; every forecast from then on follows it, unless its query names another. In the tier when this
     * returns. Idempotent; where it fails it may hold until all nodes are gone, and doing it again completes it.
     *
     * @throws io.glucogrid.grid.GridException INVALID_REQUEST for what is no probability, NOT_READY, STORAGE_UNAVAILABLE,
     *     DEADLINE_EXCEEDED
     */
    void setOperatingPoint(Point point, Duration deadline);

    /**
     * Lets a user be warned from {@link #USUAL} again; answers whether anything was set. Idempotent.
     *
     * @throws io.glucogrid.grid.GridException NOT_READY, STORAGE_UNAVAILABLE, DEADLINE_EXCEEDED
     */
    boolean removeOperatingPoint(long subjectId, Duration deadline);

    /**
     * Lets all users be warned from {@link #USUAL} again. Idempotent.
     *
     * @throws io.glucogrid.grid.GridException NOT_READY, STORAGE_UNAVAILABLE, DEADLINE_EXCEEDED
     */
    void removeOperatingPoints(Duration deadline);

    /**
     * One user's point.
     *
     * @param low probability, 0 to 1, of a reading below 70 mg/dL within 30 minutes from which this user is warned
     * @param high the same for a reading above 180 mg/dL
     */
    record Point(long subjectId, double low, double high) {}
}
