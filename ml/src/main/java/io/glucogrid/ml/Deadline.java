package io.glucogrid.ml;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.time.Duration;

/** A point in this JVM's time by which something must be done. */
final class Deadline {
    private final long nanoTime;

    private Deadline(long nanoTime) {
        this.nanoTime = nanoTime;
    }

    static Deadline in(Duration time) {
        return new Deadline(System.nanoTime() + time.toNanos());
    }

    /**
     * Milliseconds left, at least 1.
     *
     * @param doing what is being done, for the message
     * @throws GridException DEADLINE_EXCEEDED where none is left
     */
    long millisLeft(String doing) {
        long nanos = nanoTime - System.nanoTime();
        if (nanos <= 0) {
            throw new GridException(ErrorCode.DEADLINE_EXCEEDED, "the deadline passed while " + doing);
        }
        return Math.max(1, nanos / 1_000_000);
    }

    boolean hasPassed() {
        return nanoTime - System.nanoTime() <= 0;
    }
}
