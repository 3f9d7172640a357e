package io.glucogrid.client.process;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Somebody's wish to end, and waits that end with it. */
public final class StopSignal {
    private static final Duration STEP = Duration.ofMillis(100);

    private final CountDownLatch requested = new CountDownLatch(1);

    public void request() {
        requested.countDown();
    }

    public boolean isRequested() {
        return requested.getCount() == 0;
    }

    /**
     * Waits until {@code condition} holds.
     *
     * @param failure what to throw when it does not after {@code time}
     * @throws CancellationException where the end is requested before
     */
    public void until(BooleanSupplier condition, Duration time, Supplier<GridException> failure) {
        long end = System.nanoTime() + time.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw failure.get();
            }
            pause(STEP);
        }
    }

    /**
     * Lets time pass.
     *
     * @throws CancellationException where the end is requested
     */
    public void pause(Duration time) {
        if (await(time)) {
            throw new CancellationException("asked to stop");
        }
    }

    /** Waits for the request; false where none came in {@code time}. */
    public boolean await(Duration time) {
        try {
            return requested.await(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new GridException(ErrorCode.DEADLINE_EXCEEDED, "interrupted while waiting", interrupted);
        }
    }
}
