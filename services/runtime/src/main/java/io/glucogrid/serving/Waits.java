package io.glucogrid.serving;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.cache.CacheException;
import org.apache.ignite.IgniteException;
import org.apache.ignite.IgniteIllegalStateException;
import org.apache.ignite.IgniteInterruptedException;
import org.apache.ignite.cluster.ClusterTopologyException;
import org.apache.ignite.lang.IgniteFuture;
import org.apache.ignite.lang.IgniteFutureTimeoutException;

/** Waits with a deadline, and failures of the grid as {@link GridException}. */
final class Waits {
    private Waits() {}

    /** The result within {@code nanos}. */
    static <T> T within(IgniteFuture<T> future, long nanos, String what) {
        try {
            return future.get(Math.max(1, nanos), TimeUnit.NANOSECONDS);
        } catch (IgniteFutureTimeoutException late) {
            throw late(what, late);
        } catch (IgniteInterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new GridException(ErrorCode.NOT_READY, what + " was interrupted; the node is stopping", interrupted);
        } catch (IgniteException | CacheException failed) {
            throw failure(what, failed);
        }
    }

    /** The result within {@code nanos}; the task is cancelled where it takes longer. */
    static <T> T within(Future<T> future, long nanos, String what) {
        try {
            return future.get(Math.max(1, nanos), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            future.cancel(true);
            throw late(what, late);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new GridException(ErrorCode.NOT_READY, what + " was interrupted; the node is stopping", interrupted);
        } catch (ExecutionException failed) {
            throw failure(what, failed.getCause() == null ? failed : failed.getCause());
        }
    }

    /** Lets some time pass before the next try. */
    static void pause(Duration time) {
        try {
            TimeUnit.NANOSECONDS.sleep(time.toNanos());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new GridException(ErrorCode.NOT_READY, "the node is stopping", interrupted);
        }
    }

    /** {@code failed} as it is where it is ours, or has one of ours as its cause; NOT_READY or INTERNAL otherwise. */
    static GridException failure(String what, Throwable failed) {
        Throwable cause = failed;
        for (int depth = 0; cause != null && depth < 10; depth++) {
            if (cause instanceof GridException known) {
                return known;
            }
            if (cause instanceof ClusterTopologyException || cause instanceof IgniteIllegalStateException) {
                return new GridException(ErrorCode.NOT_READY, what + " cannot reach the grid now", failed);
            }
            cause = cause.getCause();
        }
        return new GridException(ErrorCode.INTERNAL, what + " failed", failed);
    }

    private static GridException late(String what, Exception late) {
        return new GridException(ErrorCode.DEADLINE_EXCEEDED, what + " took longer than its deadline", late);
    }
}
