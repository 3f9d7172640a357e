package io.glucogrid.ml;

import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Restores something from the tier in the background, again and again until that has succeeded once. */
final class UntilRestored {
    private static final long FIRST_RETRY_MILLIS = 50;
    /** Before, the services of a starting node are just not all there. */
    private static final long REPORTED_RETRY_MILLIS = 800;

    private static final long LAST_RETRY_MILLIS = 5_000;
    private static final Logger LOG = LoggerFactory.getLogger(UntilRestored.class);

    private final String what;
    private final Runnable restore;
    private final ScheduledExecutorService background;

    private volatile boolean done;

    /** @param restore fails while the tier is not there yet */
    UntilRestored(String what, Runnable restore, ScheduledExecutorService background) {
        this.what = what;
        this.restore = restore;
        this.background = background;
    }

    void start() {
        background.execute(() -> attempt(FIRST_RETRY_MILLIS, null));
    }

    boolean isDone() {
        return done;
    }

    private void attempt(long retryMillis, @Nullable String lastReason) {
        try {
            restore.run();
            done = true;
        } catch (RuntimeException failure) {
            String reason =
                    ServerCalls.failure("restoring the " + what, failure).reason();
            if (background.isShutdown()) {
                return;
            }
            if (retryMillis >= REPORTED_RETRY_MILLIS && !reason.equals(lastReason)) {
                LOG.info("{} wait for the tier reason=\"{}\"", what, reason);
            }
            String reported = retryMillis >= REPORTED_RETRY_MILLIS ? reason : null;
            long next = Math.min(2 * retryMillis, LAST_RETRY_MILLIS);
            try {
                Future<?> unused =
                        background.schedule(() -> attempt(next, reported), retryMillis, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException closed) {
                LOG.debug("the node stops before its {} were restored", what);
            }
        }
    }
}
