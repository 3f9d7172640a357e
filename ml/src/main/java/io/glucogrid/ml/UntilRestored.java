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
    /** Failures are told from the first attempt on that waits so long, after six seconds: a grid that is coming up is told nothing. */
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
        } catch (RuntimeException | Error failure) { // nobody else would see an error
            String reason =
                    ServerCalls.failure("restoring the " + what, failure).reason();
            if (background.isShutdown()) {
                return;
            }
            boolean told = retryMillis >= LAST_RETRY_MILLIS;
            if (told && !reason.equals(lastReason)) {
                LOG.warn("{} are not restored from the tier yet reason=\"{}\"", what, reason);
            }
            String reported = told ? reason : null;
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
