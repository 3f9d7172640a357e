package io.glucogrid.client.bench;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Several connections that send one request over and over. Closed: each sends the next when it has the answer. Open: requests are
 * due at a fixed rate, whether or not earlier ones were answered, and a time counts from when its request was due; so a server
 * that stalls is charged for everybody who waits.
 */
final class Load {
    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long LATE_SECONDS = 30;

    private final int connections;

    Load(int connections) {
        this.connections = connections;
    }

    /**
     * What was seen.
     *
     * @param seconds how long it took
     */
    record Seen(Histogram nanos, double seconds) {
        double perSecond() {
            return nanos.getTotalCount() / seconds;
        }
    }

    Seen closed(URI server, byte[] request, Duration time) {
        return run(server, request, time, 0);
    }

    /** {@code perSecond} over all connections. */
    Seen open(URI server, byte[] request, Duration time, double perSecond) {
        return run(server, request, time, perSecond);
    }

    private Seen run(URI server, byte[] request, Duration time, double perSecond) {
        ExecutorService threads = Executors.newFixedThreadPool(connections);
        try {
            long start = System.nanoTime();
            long end = start + time.toNanos();
            double gap = perSecond == 0 ? 0 : connections * 1e9 / perSecond;
            List<Callable<Histogram>> tasks = new ArrayList<>();
            for (int i = 0; i < connections; i++) {
                long first = start + (long) (i * gap / connections);
                tasks.add(() -> send(server, request, first, end, gap));
            }
            List<Future<Histogram>> parts = new ArrayList<>();
            tasks.forEach(task -> parts.add(threads.submit(task)));
            Histogram nanos = new Histogram(LONGEST_NANOS, 3);
            for (Future<Histogram> part : parts) {
                nanos.add(part.get(time.toSeconds() + LATE_SECONDS, TimeUnit.SECONDS));
            }
            return new Seen(nanos, (System.nanoTime() - start) / 1e9);
        } catch (ExecutionException | TimeoutException failed) {
            throw new GridException(ErrorCode.NOT_READY, "the load on " + server + " broke: " + failed, failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new GridException(ErrorCode.DEADLINE_EXCEEDED, "interrupted", interrupted);
        } finally {
            threads.shutdownNow();
        }
    }

    private static Histogram send(URI server, byte[] request, long first, long end, double gap) throws IOException {
        Histogram nanos = new Histogram(LONGEST_NANOS, 3);
        try (WireClient client = WireClient.connect(server)) {
            for (long i = 0; ; i++) {
                long due = gap == 0 ? System.nanoTime() : first + (long) (i * gap);
                if (due >= end) {
                    return nanos;
                }
                for (long early = due - System.nanoTime(); early > 0; early = due - System.nanoTime()) {
                    LockSupport.parkNanos(early);
                }
                int status = client.exchange(request).status();
                if (status != 200) {
                    throw new IOException("status " + status);
                }
                nanos.recordValue(Math.min(System.nanoTime() - due, LONGEST_NANOS));
            }
        }
    }
}
