package io.glucogrid.stream;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The moment by which several waits, one after the other, have to be over. */
final class Deadline {
    private final long atNanos;

    private Deadline(long atNanos) {
        this.atNanos = atNanos;
    }

    static Deadline in(Duration duration) {
        return new Deadline(System.nanoTime() + duration.toNanos());
    }

    /** What is left; DEADLINE_EXCEEDED where nothing is. */
    Duration remaining() {
        long nanos = atNanos - System.nanoTime();
        if (nanos <= 0) {
            throw new GridException(ErrorCode.DEADLINE_EXCEEDED, "the batch took longer than it may");
        }
        // Waits count in milliseconds, and zero means for ever to some of them.
        return Duration.ofNanos(Math.max(nanos, TimeUnit.MILLISECONDS.toNanos(1)));
    }

    /** The future's value. Failures of the grid come through as they are; others become NOT_READY. */
    <T> T await(Future<T> future, String what) {
        try {
            return future.get(remaining().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            throw new GridException(ErrorCode.DEADLINE_EXCEEDED, what + " took longer than it may", late);
        } catch (ExecutionException failure) {
            if (failure.getCause() instanceof GridException known) {
                throw known;
            }
            throw new GridException(ErrorCode.NOT_READY, what + " failed: " + failure.getCause(), failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new GridException(ErrorCode.NOT_READY, what + " was interrupted", interrupted);
        }
    }
}
