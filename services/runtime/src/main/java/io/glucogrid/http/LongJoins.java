package io.glucogrid.http;

import io.glucogrid.door.LongJoin;
import io.glucogrid.door.Operations;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.RequestLimits;
import io.glucogrid.json.MalformedJson;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.xnio.channels.StreamSourceChannel;

/**
 * Historical joins whose request is too long for memory: the body goes to a file of the node's work directory, the answer is
 * streamed. A few run at a time, so that they take neither all threads nor the disk.
 */
final class LongJoins {
    private static final long LONG_BYTES = 256 * 1024;
    private static final long MAX_BYTES = 4L << 30;
    private static final int AT_ONCE = 4;
    private static final int BUFFER_BYTES = 1 << 16;

    private final Operations operations;
    private final Path workDir;
    private final RequestLimits limits;
    private final long longBytes;
    private final Semaphore free = new Semaphore(AT_ONCE);

    LongJoins(Operations operations, Path workDir, RequestLimits limits) {
        this.operations = operations;
        this.workDir = workDir;
        this.limits = limits;
        this.longBytes = Math.min(LONG_BYTES, limits.bodyBytes());
    }

    /** Whether a body is long, or of unknown length. */
    boolean isLong(HttpServerExchange exchange) {
        return exchange.getRequestContentLength() > longBytes
                || (exchange.getRequestContentLength() < 0
                        && exchange.getRequestHeaders().contains(Headers.TRANSFER_ENCODING));
    }

    /**
     * Reads the body and answers, on a thread that may block. The result is what went wrong before the first byte of an answer,
     * or null where the answer was sent.
     *
     * @param brief answers a body of unknown length that turns out to be short
     * @throws IOException where the caller is gone
     */
    @Nullable
    Reply answer(HttpServerExchange exchange, CallHandler brief) throws IOException {
        if (!free.tryAcquire()) {
            return Reply.detail(
                    ErrorCode.OVERLOADED.httpStatus(),
                    "Error fetching historical features: " + AT_ONCE + " long joins run already; try again");
        }
        Path request = Files.createTempFile(Files.createDirectories(workDir), "join-", ".json");
        try {
            exchange.setMaxEntitySize(MAX_BYTES);
            try (OutputStream out = Files.newOutputStream(request)) {
                if (!receive(exchange, out)) {
                    return Reply.detail(
                            408,
                            "No part of the body arrived within "
                                    + limits.readDeadline().toMillis() + " ms");
                }
            }
            String contentType = exchange.getRequestHeaders().getFirst(Headers.CONTENT_TYPE);
            if (Files.size(request) <= longBytes || !Bodies.isJson(contentType)) {
                byte[] head;
                try (InputStream in = Files.newInputStream(request)) {
                    head = in.readNBytes((int) longBytes);
                }
                return brief.answer(new Call(head, contentType, exchange.getQueryString(), Map.of()));
            }
            LongJoin.Answer answer =
                    operations.longJoin(request, limits.nesting()).open();
            exchange.startBlocking();
            exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, Reply.JSON);
            OutputStream out = new BufferedOutputStream(exchange.getOutputStream(), BUFFER_BYTES);
            answer.writeTo(out);
            out.close(); // only here: an answer that failed must not look like a whole one
            return null;
        } catch (MalformedJson malformed) {
            return Bodies.malformed(malformed);
        } finally {
            Files.deleteIfExists(request);
            free.release();
        }
    }

    /** Copies the body; false where the caller stops sending before its end. */
    private boolean receive(HttpServerExchange exchange, OutputStream out) throws IOException {
        StreamSourceChannel body = exchange.getRequestChannel();
        if (body == null) {
            return true;
        }
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        long idleNanos = limits.readDeadline().toNanos();
        long last = System.nanoTime();
        for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
            if (read > 0) {
                out.write(buffer.array(), 0, buffer.position());
                buffer.clear();
                last = System.nanoTime();
                continue;
            }
            long left = last + idleNanos - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            body.awaitReadable(left, TimeUnit.NANOSECONDS);
        }
        return true;
    }
}
