package io.glucogrid.client.cli;

import io.glucogrid.client.ApiClient;
import io.glucogrid.client.LiveStream;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code glucogrid live}: every reading and prediction as it happens, one JSON object per line. */
@Command(name = "live", description = "Print every reading and prediction as it happens, one JSON object per line.")
public final class LiveVerb extends ApiVerb {
    private static final Duration TICK = Duration.ofMillis(100);

    @Option(names = "--events", paramLabel = "N", description = "Stop after this many; 0 goes on. Default: 0")
    private long events;

    @Override
    int run(ApiClient client) {
        client.get("/health");
        PrintWriter out = out();
        AtomicLong seen = new AtomicLong();
        try (LiveStream stream = client.live(event -> {
            if (seen.incrementAndGet() <= events || events == 0) {
                out.println(event);
                out.flush();
            }
        })) {
            while (!stream.awaitEnd(TICK)) {
                if (events > 0 && seen.get() >= events) {
                    return DONE;
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return DONE;
        }
        if (events > 0 && seen.get() >= events) {
            return DONE;
        }
        throw new GridException(ErrorCode.NOT_READY, "the live stream of " + client.base() + " has ended");
    }
}
