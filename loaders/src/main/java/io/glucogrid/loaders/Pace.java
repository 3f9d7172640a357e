package io.glucogrid.loaders;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Holds work back to a number of rows per second, and ends it when it shall stop. */
final class Pace {
    private final long rowsPerSecond;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private long dueNanos = Long.MIN_VALUE;

    /** {@code rowsPerSecond}: 0 for no limit. */
    Pace(long rowsPerSecond) {
        this.rowsPerSecond = rowsPerSecond;
    }

    /** Waits until so many rows may have been worked on; an {@link IOException} once it was stopped. */
    void rows(long rows) throws IOException {
        long now = System.nanoTime();
        long waitNanos = 0;
        if (rowsPerSecond > 0) {
            dueNanos = Math.max(dueNanos, now) + rows * TimeUnit.SECONDS.toNanos(1) / rowsPerSecond;
            waitNanos = dueNanos - now;
        }
        if (pause(waitNanos)) {
            throw new IOException("stopped");
        }
    }

    /** Waits; whether it was stopped. */
    boolean pause(long nanos) {
        try {
            return stopped.await(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    void stop() {
        stopped.countDown();
    }
}
