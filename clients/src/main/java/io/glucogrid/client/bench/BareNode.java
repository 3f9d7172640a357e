package io.glucogrid.client.bench;

import io.glucogrid.client.process.Child;
import io.glucogrid.client.process.Ports;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A server of the same kind as a node's, in a process with the same heap, that always answers the same bytes. */
final class BareNode implements AutoCloseable {
    private static final String MAIN = "io.glucogrid.http.BareServer";
    private static final Duration STOP = Duration.ofSeconds(5);
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

    private final Child child;
    private final URI api;

    private BareNode(Child child, URI api) {
        this.child = child;
        this.api = api;
    }

    static BareNode start(Path workDir, byte[] request, byte[] answer) {
        int port = Ports.any();
        Path file = workDir.resolve("bare-answer.json");
        try {
            Files.write(file, answer);
        } catch (IOException unwritable) {
            throw new GridException(
                    ErrorCode.STORAGE_UNAVAILABLE, "cannot write " + file + ": " + unwritable.getMessage(), unwritable);
        }
        Child child = Child.start(
                        BareProcess.java(MAIN),
                        "bare server",
                        List.of(Integer.toString(port), file.toString()),
                        Map.of(),
                        workDir.resolve("bare.log"))
                .endingWithUs();
        URI api = URI.create("http://127.0.0.1:" + port);
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (!answers(api, request)) {
            if (!child.isAlive() || System.nanoTime() > end) {
                String tail = child.tail(25);
                child.stop(STOP);
                throw new GridException(ErrorCode.NOT_READY, "the bare server did not answer:\n" + tail);
            }
            BenchNode.pause(Duration.ofMillis(10));
        }
        return new BareNode(child, api);
    }

    URI api() {
        return api;
    }

    @Override
    public void close() {
        child.stop(STOP);
    }

    private static boolean answers(URI api, byte[] request) {
        try (WireClient client = WireClient.connect(api)) {
            return client.exchange(request).status() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }
}
