package io.glucogrid.client.bench;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Times one request after the other on one connection, after a warm-up that is not counted. */
final class Latency {
    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long BUDGET_NANOS = TimeUnit.SECONDS.toNanos(20);

    private Latency() {}

    /**
     * Sends the requests in turn, the timed ones after those of the warm-up.
     *
     * @param count how many are timed; fewer where they take more than 20 seconds
     */
    static Histogram measure(URI node, List<byte[]> requests, int warmUp, int count) {
        Histogram nanos = new Histogram(LONGEST_NANOS, 3);
        try (WireClient client = WireClient.connect(node)) {
            send(client, requests, 0, warmUp, new Histogram(LONGEST_NANOS, 3));
            send(client, requests, warmUp, count, nanos);
        } catch (IOException broken) {
            throw new GridException(
                    ErrorCode.NOT_READY, "the node broke the connection: " + broken.getMessage(), broken);
        }
        return nanos;
    }

    private static void send(WireClient client, List<byte[]> requests, int first, int count, Histogram nanos)
            throws IOException {
        long end = System.nanoTime() + BUDGET_NANOS;
        for (int i = 0; i < count && System.nanoTime() < end; i++) {
            long start = System.nanoTime();
            WireClient.Answer answer = client.exchange(requests.get((first + i) % requests.size()));
            nanos.recordValue(Math.min(System.nanoTime() - start, LONGEST_NANOS));
            if (answer.status() != 200) {
                throw new GridException(ErrorCode.INTERNAL, "status " + answer.status() + ": " + answer.text());
            }
        }
    }
}
