package io.glucogrid.loaders;

import java.time.Duration;

/**
 * When segments are merged, and how gently.
 *
 * @param freshSegments so many fresh segments start a compaction
 * @param runsOfABucket so many sorted runs of one bucket start one too
 * @param sizeTiered whether runs much larger than what they would be merged with are left alone
 * @param grace how long an input stays after its output was published, for readers that hold an older listing
 * @param rowsPerSecond most rows merged per second; 0 for as many as there are
 * @param format how the outputs are encoded
 */
record CompactionPolicy(
        int freshSegments,
        int runsOfABucket,
        boolean sizeTiered,
        Duration grace,
        long rowsPerSecond,
        SegmentFormat format) {
    private static final int RUNS_OF_A_BUCKET = 8;
    private static final Duration NODE_GRACE = Duration.ofSeconds(60);
    private static final long NODE_ROWS_PER_SECOND = 500_000;

    /** With outputs in the usual form. */
    CompactionPolicy(int freshSegments, int runsOfABucket, boolean sizeTiered, Duration grace, long rowsPerSecond) {
        this(freshSegments, runsOfABucket, sizeTiered, grace, rowsPerSecond, SegmentFormat.DEFAULT);
    }

    /** For a node that has other things to do. */
    static CompactionPolicy inNode(int freshSegments) {
        return new CompactionPolicy(freshSegments, RUNS_OF_A_BUCKET, true, NODE_GRACE, NODE_ROWS_PER_SECOND);
    }

    /** Everything that can be merged, at full speed. */
    static CompactionPolicy everything(Duration grace) {
        return new CompactionPolicy(1, 2, false, grace, 0);
    }

    /** The same, with outputs in another form. */
    CompactionPolicy in(SegmentFormat other) {
        return new CompactionPolicy(freshSegments, runsOfABucket, sizeTiered, grace, rowsPerSecond, other);
    }

    long graceMicros() {
        return grace.toNanos() / 1_000;
    }
}
