package io.glucogrid.loaders;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.SegmentInfo;
import io.glucogrid.store.TableSchema;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Writes what is appended to one table, many callers' rows to one segment.
 *
 * <p>A segment is closed after a number of rows or some time after its first row, whichever comes first, so the fsync is paid
 * once for all that arrived meanwhile. Rows wait in a bounded queue; a caller that finds it full waits, at most until the
 * deadline. A write that fails fails the appends of its segment only, and the writer goes on.
 *
 * <p>The thread that writes never waits for the grid: announcing is the {@link Announcer}'s, on a thread of its own, so that a
 * cache store that waits here for its rows cannot hold up the very cache update that would announce them.
 */
final class SegmentWriter implements Closeable {
    private static final int QUEUED_SEGMENTS = 4;
    private static final int LEAST_QUEUED_ROWS = 10_000;
    private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(10);

    /** Wakes the thread so that it sees that it is over. */
    private static final Append END = new Append(List.of(), 0, false, new CompletableFuture<>());

    private final TierStorage storage;
    private final TableSchema schema;
    private final SegmentCatalog catalog;
    private final Announcer announcer;
    private final InstantSource clock;
    private final CommitPolicy policy;
    private final TierHealth health;
    private final TableFigures figures;
    private final BlockingQueue<Append> queue = new LinkedBlockingQueue<>();
    private final int capacityRows;
    private final Semaphore room;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Object starting = new Object();
    private @Nullable Thread thread;
    private long lastIngestedMicros;

    SegmentWriter(
            TierStorage storage,
            TableSchema schema,
            SegmentCatalog catalog,
            Announcer announcer,
            InstantSource clock,
            CommitPolicy policy,
            TierHealth health,
            TableFigures figures) {
        this.storage = storage;
        this.schema = schema;
        this.catalog = catalog;
        this.announcer = announcer;
        this.clock = clock;
        this.policy = policy;
        this.health = health;
        this.figures = figures;
        this.capacityRows =
                (int) Math.min(Integer.MAX_VALUE, Math.max(LEAST_QUEUED_ROWS, (long) QUEUED_SEGMENTS * policy.rows()));
        this.room = new Semaphore(capacityRows, true);
    }

    /**
     * Queues rows.
     *
     * @throws GridException INVALID_REQUEST for rows that the table cannot hold; OVERLOADED where the queue stays full; NOT_READY
     *     after close
     */
    CompletableFuture<Void> append(List<HistoryRow> rows, boolean waitForGrid) {
        if (rows.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        RowBatch.check(schema, rows);
        int permits = Math.min(rows.size(), capacityRows);
        waitForRoom(permits);
        Append append = new Append(List.copyOf(rows), permits, waitForGrid, new CompletableFuture<>());
        synchronized (starting) {
            if (closed.get()) {
                room.release(permits);
                throw new GridException(ErrorCode.NOT_READY, "table '" + schema.name() + "' takes no rows any more");
            }
            if (thread == null) {
                thread = new Thread(this::run, "segment-writer-" + schema.name());
                thread.setDaemon(true);
                thread.start();
            }
            queue.add(append);
        }
        return append.done;
    }

    private void waitForRoom(int permits) {
        try {
            if (room.tryAcquire(permits, policy.deadline().toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        throw new GridException(
                ErrorCode.OVERLOADED,
                "the writer of table '" + schema.name() + "' is behind by " + capacityRows + " rows");
    }

    private void run() {
        while (!closed.get() || !queue.isEmpty()) {
            List<Append> appends = gather();
            if (!appends.isEmpty()) {
                commit(appends);
            }
        }
    }

    /** Waits for a first append, and then for more until the segment is full or its time is over. */
    private List<Append> gather() {
        List<Append> appends = new ArrayList<>();
        try {
            Append first = queue.take();
            if (first.isEnd()) {
                return appends;
            }
            appends.add(first);
            int rows = first.rows.size();
            long end = System.nanoTime() + policy.delay().toNanos();
            while (rows < policy.rows()) {
                long left = closed.get() ? 0 : Math.max(0, end - System.nanoTime());
                Append next = queue.poll(left, TimeUnit.NANOSECONDS);
                if (next == null || next.isEnd()) { // what came before the end is taken without waiting
                    break;
                }
                appends.add(next);
                rows += next.rows.size();
            }
        } catch (InterruptedException ignored) {
            // nobody interrupts this thread but the JVM's end; what was gathered is written
            return appends;
        }
        return appends;
    }

    private void commit(List<Append> appends) {
        List<CompletableFuture<Void>> waiting = new ArrayList<>();
        Throwable failure = null;
        boolean written = false;
        long started = System.nanoTime();
        try {
            SegmentInfo info = write(appends);
            written = true;
            figures.written(appends.size(), info.rows(), System.nanoTime() - started);
            health.written();
            for (Append append : appends) {
                if (append.waitForGrid) {
                    waiting.add(append.done);
                }
            }
            announcer.announce(catalog, info, waiting);
        } catch (IOException | RuntimeException | Error problem) { // an Error too: the thread must go on
            failure = problem;
            if (!written) {
                figures.failed();
                health.failed(TierHealth.reason(problem));
            }
        }
        for (Append append : appends) {
            room.release(append.permits);
            if (!written) {
                append.done.completeExceptionally(failed(failure));
            } else if (!append.waitForGrid) {
                append.done.complete(null);
            }
        }
    }

    private SegmentInfo write(List<Append> appends) throws IOException {
        int count = appends.stream().mapToInt(append -> append.rows.size()).sum();
        Instant now = clock.instant();
        lastIngestedMicros = Math.max(ChronoUnit.MICROS.between(Instant.EPOCH, now), lastIngestedMicros + 1);
        RowBatch batch = RowBatch.empty(schema, count);
        for (Append append : appends) {
            for (HistoryRow row : append.rows) {
                batch.add(row, lastIngestedMicros);
            }
        }
        int[] order = batch.sorted();
        lastIngestedMicros = batch.sequence(order);
        String folder = SegmentName.freshFolder(schema.name(), now);
        SegmentInfo info = SegmentFile.write(storage, folder, schema, policy.format(), batch, order);
        Segment segment = catalog.segment(info);
        if (count <= ColumnWriter.ROWS_PER_PAGE) {
            segment.prime(batch.reordered(order));
        }
        catalog.add(segment);
        return info;
    }

    private GridException failed(@Nullable Throwable failure) {
        if (failure instanceof GridException known) {
            return known;
        }
        return new GridException(
                ErrorCode.STORAGE_UNAVAILABLE,
                "rows of table '" + schema.name() + "' could not be written to " + storage.root() + ": " + failure,
                failure);
    }

    /** Takes no more rows, and writes those that wait. */
    @Override
    public void close() {
        Thread running;
        synchronized (starting) {
            closed.set(true);
            queue.add(END);
            running = thread;
        }
        if (running == null) {
            return;
        }
        try {
            running.join(CLOSE_DEADLINE.toMillis());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * When a segment is closed, how it is encoded, and how long anything may take.
     *
     * @param rows after this many rows
     * @param delay this long after the first row
     */
    record CommitPolicy(int rows, Duration delay, Duration deadline, SegmentFormat format) {
        /** Segments in the usual form. */
        CommitPolicy(int rows, Duration delay, Duration deadline) {
            this(rows, delay, deadline, SegmentFormat.DEFAULT);
        }
    }

    private record Append(List<HistoryRow> rows, int permits, boolean waitForGrid, CompletableFuture<Void> done) {
        boolean isEnd() {
            return rows.isEmpty();
        }
    }
}
