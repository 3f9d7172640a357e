package io.glucogrid.loaders;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.SegmentInfo;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Publishes and reads back the outputs of a compaction while the next ones are merged: an fsync costs as long as the merge of
 * a bucket, and takes no CPU.
 *
 * <p>A few are under way at a time. The first failure ends the compaction at its next output.
 */
final class Finishing implements Closeable {
    private static final int THREADS = 4;
    private static final Duration DEADLINE = Duration.ofMinutes(10);

    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS, task -> {
        Thread thread = new Thread(task, "compaction-output");
        thread.setDaemon(true);
        return thread;
    });
    private final Deque<Future<@Nullable Void>> running = new ArrayDeque<>();
    private final List<SegmentInfo> published = new ArrayList<>();

    /** Runs a task as soon as few enough are under way. */
    void add(Task task) throws IOException {
        while (running.size() >= THREADS) {
            await(running.remove());
        }
        Callable<@Nullable Void> call = () -> {
            task.run(this);
            return null;
        };
        running.add(threads.submit(call));
    }

    /** Called by a task, of what is in the tier from now on, whether it turns out to be sound or not. */
    synchronized void published(SegmentInfo info) {
        published.add(info);
    }

    /** What the tasks have published so far. */
    synchronized List<SegmentInfo> published() {
        return List.copyOf(published);
    }

    /** Waits for all tasks; fails as the first of them that did. */
    void await() throws IOException {
        while (!running.isEmpty()) {
            await(running.remove());
        }
    }

    private static void await(Future<@Nullable Void> task) throws IOException {
        try {
            task.get(DEADLINE.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException failure) {
            Throwable cause = failure.getCause();
            if (cause instanceof IOException known) {
                throw known;
            }
            if (cause instanceof RuntimeException known) {
                throw known;
            }
            throw new IOException("an output was not finished: " + cause, cause);
        } catch (TimeoutException slow) {
            throw new IOException("an output was not published within " + DEADLINE.toMinutes() + " minutes", slow);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new GridException(ErrorCode.NOT_READY, "the compaction was stopped");
        }
    }

    /** Waits for what is under way, so that nothing is published afterwards. */
    @Override
    public void close() throws IOException {
        threads.shutdown();
        try {
            if (!threads.awaitTermination(DEADLINE.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new IOException("an output was not published within " + DEADLINE.toMinutes() + " minutes");
            }
        } catch (InterruptedException stopped) {
            threads.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    /** Publishes an output and checks it. */
    interface Task {
        void run(Finishing finishing) throws IOException;
    }
}
