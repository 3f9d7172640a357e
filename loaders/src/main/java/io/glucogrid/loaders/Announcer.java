package io.glucogrid.loaders;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.SegmentInfo;
import java.io.Closeable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the grid of new segments, on one thread of its own, and then completes the appends that wait for that.
 *
 * <p>What cannot be announced is tried again as long as the node runs, because its rows may have been acknowledged to somebody
 * who did not wait for the grid; who did wait gets an error after the deadline.
 */
final class Announcer implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(Announcer.class);
    private static final Duration RETRY = Duration.ofMillis(100);
    private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(5);

    private final SegmentBoard board;
    private final Duration deadline;
    private final BlockingQueue<News> queue = new LinkedBlockingQueue<>();
    private final Object starting = new Object();
    private volatile boolean closed;
    private @Nullable Thread thread;

    Announcer(SegmentBoard board, Duration deadline) {
        this.board = board;
        this.deadline = deadline;
    }

    /** Announces a segment that is in the catalog already. */
    void announce(SegmentCatalog catalog, SegmentInfo segment, List<CompletableFuture<Void>> waiting) {
        synchronized (starting) {
            if (thread == null) {
                thread = new Thread(this::run, "segment-announcer");
                thread.setDaemon(true);
                thread.start();
            }
        }
        queue.add(new News(catalog, List.of(segment), waiting, System.nanoTime() + deadline.toNanos()));
    }

    private void run() {
        List<News> pending = new ArrayList<>();
        boolean failing = false;
        while (!closed || (!queue.isEmpty() && !failing)) {
            if (!gather(pending)) {
                break;
            }
            boolean failedBefore = failing;
            RuntimeException failure = tell(pending);
            failing = failure != null;
            if (failure != null) {
                expire(pending, failure);
                if (!failedBefore) {
                    LOG.warn("segments not announced yet: segments={} reason={}", pending.size(), failure.toString());
                }
            }
        }
        queue.drainTo(pending);
        GridException stopped =
                new GridException(ErrorCode.NOT_READY, "the node stops before the grid was told of the rows");
        pending.forEach(news -> news.waiting.forEach(waiting -> waiting.completeExceptionally(stopped)));
    }

    /** Adds what there is to tell, and waits for it where nothing is pending; false when this thread shall end. */
    private boolean gather(List<News> pending) {
        try {
            News first = pending.isEmpty() ? queue.take() : queue.poll(RETRY.toMillis(), TimeUnit.MILLISECONDS);
            if (first != null) {
                pending.add(first);
                queue.drainTo(pending);
            }
            pending.removeIf(news -> news.segments.isEmpty()); // only sent to wake this thread
            return true;
        } catch (InterruptedException stopping) {
            return false;
        }
    }

    /** Announces table by table; leaves what failed. */
    private @Nullable RuntimeException tell(List<News> pending) {
        Map<SegmentCatalog, List<News>> byTable = new LinkedHashMap<>();
        pending.forEach(news -> byTable.computeIfAbsent(news.catalog, table -> new ArrayList<>())
                .add(news));
        RuntimeException failure = null;
        for (Map.Entry<SegmentCatalog, List<News>> entry : byTable.entrySet()) {
            List<News> told = entry.getValue();
            try {
                List<SegmentInfo> segments =
                        told.stream().flatMap(news -> news.segments.stream()).toList();
                SegmentBoard.Change change = board.announce(segments.get(0).table(), segments);
                entry.getKey().announced(change);
                pending.removeAll(told);
                told.forEach(news -> news.waiting.forEach(waiting -> waiting.complete(null)));
            } catch (RuntimeException problem) {
                failure = problem;
            } catch (Error problem) { // the thread must outlive it, or no append would ever complete again
                failure = new IllegalStateException("announcing failed: " + problem, problem);
            }
        }
        return failure;
    }

    private static void expire(List<News> pending, RuntimeException failure) {
        GridException unsure = new GridException(
                ErrorCode.NOT_READY,
                "rows are written, but the grid could not be told: " + failure.getMessage(),
                failure);
        for (Iterator<News> each = pending.iterator(); each.hasNext(); ) {
            News news = each.next();
            if (System.nanoTime() - news.expiresNanos > 0) {
                news.waiting.forEach(waiting -> waiting.completeExceptionally(unsure));
            }
        }
    }

    @Override
    public void close() {
        Thread running;
        synchronized (starting) {
            closed = true;
            queue.add(new News(null, List.of(), List.of(), 0));
            running = thread;
        }
        if (running != null) {
            try {
                running.join(CLOSE_DEADLINE.toMillis());
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private record News(
            @Nullable SegmentCatalog catalog,
            List<SegmentInfo> segments,
            List<CompletableFuture<Void>> waiting,
            long expiresNanos) {}
}
