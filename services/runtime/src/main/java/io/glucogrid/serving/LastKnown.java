package io.glucogrid.serving;

import io.glucogrid.grid.GridException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
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
    private long askedNanos;

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
            if (!(failed.getCause() instanceof GridException)) {
                LOG.warn("what was known before counts reason={}", String.valueOf(failed.getCause()));
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
        return known;
    }

    /** For how long the source has owed an answer; zero where it owes none. */
    synchronized Duration unanswered() {
        return asking.isDone() ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - askedNanos);
    }

    private synchronized CompletableFuture<Void> ask() {
        if (asking.isDone()) {
            askedNanos = System.nanoTime();
            asking = CompletableFuture.runAsync(() -> known = source.ask(), threads);
        }
        return asking;
    }
}
