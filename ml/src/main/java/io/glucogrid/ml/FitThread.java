package io.glucogrid.ml;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread on which one fit runs, since Ignite ML can neither be given a deadline nor be interrupted. */
final class FitThread {
    private static final Logger LOG = LoggerFactory.getLogger(FitThread.class);
    private static final long FIT_END_MILLIS = 10_000;

    private final CompletableFuture<double[]> result = new CompletableFuture<>();
    private @Nullable Thread thread;

    double[] run(Ignite ignite, IgniteCache<ExampleKey, double[]> examples, Standardisation scale, Deadline deadline) {
        String doing = "fitting";
        thread = new Thread(
                () -> {
                    try {
                        result.complete(LsqrFit.fit(ignite, examples, scale));
                    } catch (RuntimeException | Error failure) {
                        result.completeExceptionally(failure);
                    }
                },
                "fit-" + ignite.name());
        thread.setDaemon(true);
        thread.start();
        try {
            return result.get(deadline.millisLeft(doing), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            throw new GridException(ErrorCode.DEADLINE_EXCEEDED, "the deadline passed while " + doing, late);
        } catch (ExecutionException failure) {
            throw ServerCalls.failure(doing, failure.getCause() == null ? failure : failure.getCause());
        } catch (InterruptedException interrupted) {
            throw ServerCalls.failure(doing, interrupted);
        }
    }

    /** Waits until a fit whose caches are gone has noticed it. */
    void awaitEnd() {
        if (thread == null) {
            return;
        }
        try {
            thread.join(FIT_END_MILLIS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            LOG.warn("a fit without its data is still running");
        }
    }
}
