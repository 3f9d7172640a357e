package io.glucogrid.serving;

import io.glucogrid.grid.GridException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a source says, for callers who must not wait for it: it is asked on another thread, and where it does not answer soon, or
 * fails, what it said before counts. Thread-safe.
 */
final class LastKnown<T> {
    private static final Duration PATIENCE = Duration.ofMillis(250);
    private static final Logger LOG = LoggerFactory.getLogger(LastKnown.class);

    private final Source<T> source;
    private final Executor threads;
    private volatile T known;
    private CompletableFuture<Void> asking = CompletableFuture.completedFuture(null);
    private boolean owes;
    private long owesSinceNanos;
    private String problem = "";

    /** What may take long to answer. */
    @FunctionalInterface
    interface Source<T> {
        T ask();
    }

    /** @param first what counts until the source has answered once */
    LastKnown(Source<T> source, T first, Executor threads) {
        this.source = source;
        this.known = first;
        this.threads = threads;
    }

    /** What the source says now, or said before. */
    T value() {
        try {
            ask().get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException slow) {
            LOG.debug("an answer takes long ms={}", unanswered().toMillis());
        } catch (ExecutionException failed) {
            LOG.debug("what was known before counts", failed);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
        return known;
    }

    /** For how long the source has been asked without an answer, whether it was silent or failed; zero where it has answered. */
    synchronized Duration unanswered() {
        return owes ? Duration.ofNanos(System.nanoTime() - owesSinceNanos) : Duration.ZERO;
    }

    private synchronized CompletableFuture<Void> ask() {
        if (asking.isDone()) {
            boolean owed = owes;
            owes = true;
            owesSinceNanos = owed ? owesSinceNanos : System.nanoTime();
            try {
                asking = CompletableFuture.runAsync(this::askNow, threads);
            } catch (RejectedExecutionException stopping) {
                owes = owed;
            }
        }
        return asking;
    }

    private void askNow() {
        try {
            T answer = source.ask();
            answered(answer);
        } catch (RuntimeException failed) {
            failed(String.valueOf(failed instanceof GridException expected ? expected.reason() : failed));
            throw failed;
        }
    }

    private synchronized void answered(T answer) {
        known = answer;
        owes = false;
        problem = "";
    }

    /** Logs a problem once, not each time somebody asks. */
    private synchronized void failed(String reason) {
        if (!reason.equals(problem)) {
            LOG.warn("what was known before counts reason={}", reason);
        }
        problem = reason;
    }
}
