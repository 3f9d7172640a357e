package io.glucogrid.http;

import io.glucogrid.door.LongJoin;
import io.glucogrid.door.Operations;
import io.glucogrid.grid.Deadline;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.RequestLimits;
import io.glucogrid.json.MalformedJson;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.XnioExecutor;
import org.xnio.channels.StreamSourceChannel;

/**
 * Historical joins whose request is too long for memory: the body goes to a file of the node's work directory, the answer is
 * streamed. A few run at a time, so that they take neither all threads nor the disk. One that is still being sent takes no place
 * of those that run, and is cut off where it comes too slowly; one that has come whole waits for a place.
 */
final class LongJoins {
    private static final long LONG_BYTES = 256 * 1024;
    private static final long MAX_BYTES = 4L << 30;
    private static final int AT_ONCE = 4;
    private static final int RECEIVED_AT_ONCE = 8;
    private static final long SPOOL_BYTES = 8L << 30;
    private static final Duration TURN = Duration.ofMinutes(1);
    private static final long LEAST_BYTES_PER_SECOND = 64 * 1024;

    /** An entity as it came, its key, its row, and the record that is answered: about a kilobyte, in half of what a join may take. */
    private static final int ROWS_PER_MEGABYTE = 512;

    private static final int BUFFER_BYTES = 1 << 16;

    private final Operations operations;
    private final Path workDir;
    private final RequestLimits limits;
    private final Duration deadline;
    private final int partRows;
    private final long longBytes;
    private final Room room;

    /**
     * What all long joins may take at one time.
     *
     * @param receiving how many may be sent, or wait for their turn
     * @param running how many may run
     * @param buffers how many buffers' worth of their bodies may be on disk
     * @param turn how long one waits to run
     */
    record Room(Semaphore receiving, Semaphore running, Semaphore buffers, Duration turn) {
        static Room standard() {
            return new Room(
                    new Semaphore(RECEIVED_AT_ONCE),
                    new Semaphore(AT_ONCE),
                    new Semaphore((int) (SPOOL_BYTES / BUFFER_BYTES)),
                    TURN);
        }
    }

    /**
     * @param deadline of a join that turns out to be short
     * @param joinMegabytes heap that one join may take
     */
    LongJoins(
            Operations operations,
            Path workDir,
            RequestLimits limits,
            Duration deadline,
            int joinMegabytes,
            Room room) {
        this.operations = operations;
        this.workDir = workDir;
        this.limits = limits;
        this.deadline = deadline;
        this.partRows = joinMegabytes * ROWS_PER_MEGABYTE;
        this.longBytes = Math.min(LONG_BYTES, limits.bodyBytes());
        this.room = room;
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
        if (exchange.getRequestContentLength() > longBytes && room.running.availablePermits() == 0) {
            return overloaded("as many long joins run as may");
        }
        if (!room.receiving.tryAcquire()) {
            return overloaded("as many long joins are being sent as may");
        }
        try (FileChannel request = unnamedFile();
                Spool spool = new Spool(room.buffers)) {
            String contentType = exchange.getRequestHeaders().getFirst(Headers.CONTENT_TYPE);
            boolean isBrief;
            boolean isRunning;
            try {
                exchange.setMaxEntitySize(MAX_BYTES);
                Reply refusal = receive(exchange, request, spool);
                if (refusal != null) {
                    return refusal;
                }
                isBrief = request.size() <= longBytes || !Bodies.isJson(contentType);
                isRunning = !isBrief && isMyTurn();
            } finally {
                room.receiving.release();
            }
            if (isBrief) {
                request.position(0);
                byte[] head = Channels.newInputStream(request).readNBytes((int) longBytes);
                return brief.answer(
                        new Call(head, contentType, exchange.getQueryString(), Map.of(), Deadline.in(deadline)));
            }
            if (!isRunning) {
                return overloaded("as many long joins run as may");
            }
            try {
                return run(exchange, request);
            } finally {
                room.running.release();
            }
        }
    }

    private boolean isMyTurn() {
        try {
            return room.running.tryAcquire(room.turn.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private @Nullable Reply run(HttpServerExchange exchange, FileChannel request) throws IOException {
        try {
            send(
                    exchange,
                    operations.longJoin(request, limits.nesting(), partRows).open());
            return null;
        } catch (MalformedJson malformed) {
            return Bodies.malformed(malformed);
        }
    }

    /** What one body takes of the disk that all of them may take. */
    private static final class Spool implements AutoCloseable {
        private final Semaphore buffers;
        private int taken;

        Spool(Semaphore buffers) {
            this.buffers = buffers;
        }

        /** Whether there is room for so many bytes of this body. */
        boolean holds(long bytes) {
            while (taken < bytes / BUFFER_BYTES + 1) {
                if (!buffers.tryAcquire()) {
                    return false;
                }
                taken++;
            }
            return true;
        }

        @Override
        public void close() {
            buffers.release(taken);
        }
    }

    private static Reply late(String why) {
        return Reply.detail(408, why);
    }

    private static Reply overloaded(String why) {
        return Reply.detail(
                ErrorCode.OVERLOADED.httpStatus(), "Error fetching historical features: " + why + "; try again");
    }

    /** A file that is gone with its channel, also where the process is killed: its name goes as soon as it is open. */
    private FileChannel unnamedFile() throws IOException {
        Path file = Files.createDirectories(workDir).resolve("join-" + UUID.randomUUID() + ".json");
        return FileChannel.open(
                file,
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.DELETE_ON_CLOSE);
    }

    /** Sends the answer; cuts the connection of a caller who takes no part of it for as long as one may take to send. */
    private void send(HttpServerExchange exchange, LongJoin.Answer answer) throws IOException {
        exchange.startBlocking();
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, Reply.JSON);
        Progress progress = new Progress(exchange.getOutputStream());
        long idleNanos = limits.readDeadline().toNanos();
        XnioExecutor.Key watch = exchange.getIoThread()
                .executeAtInterval(
                        () -> {
                            if (progress.stuckNanos() > idleNanos) {
                                IoUtils.safeClose(exchange.getConnection());
                            }
                        },
                        Math.max(1, idleNanos / 4),
                        TimeUnit.NANOSECONDS);
        try {
            OutputStream out = new BufferedOutputStream(progress, BUFFER_BYTES);
            answer.writeTo(out);
            out.close(); // only here: an answer that failed must not look like a whole one
        } finally {
            watch.remove();
        }
    }

    /** How long a stream has been waiting for its reader. */
    private static final class Progress extends OutputStream {
        private static final long NOT_WRITING = 0;

        private final OutputStream out;
        private volatile long sinceNanos = NOT_WRITING;

        Progress(OutputStream out) {
            this.out = out;
        }

        long stuckNanos() {
            long since = sinceNanos;
            return since == NOT_WRITING ? 0 : System.nanoTime() - since;
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            sinceNanos = System.nanoTime();
            out.write(bytes, from, length);
            sinceNanos = NOT_WRITING;
        }

        @Override
        public void close() throws IOException {
            sinceNanos = System.nanoTime();
            out.close();
            sinceNanos = NOT_WRITING;
        }
    }

    /** Copies the body; a refusal where the caller stops sending before its end or sends too slowly, or the disk is taken. */
    private @Nullable Reply receive(HttpServerExchange exchange, FileChannel file, Spool spool) throws IOException {
        StreamSourceChannel body = exchange.getRequestChannel();
        if (body == null) {
            return null;
        }
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        long idleNanos = limits.readDeadline().toNanos();
        long first = System.nanoTime();
        long last = first;
        long bytes = 0;
        for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
            long now = System.nanoTime();
            if (read > 0) {
                if (!spool.holds(bytes + read)) {
                    return overloaded("long joins take as much of the disk as they may");
                }
                buffer.flip();
                while (buffer.hasRemaining()) {
                    file.write(buffer);
                }
                buffer.clear();
                last = now;
                bytes += read;
            }
            if (now - last >= idleNanos) {
                return late("No part of the body arrived within "
                        + limits.readDeadline().toMillis() + " ms");
            }
            if (now - first >= idleNanos + bytes * TimeUnit.SECONDS.toNanos(1) / LEAST_BYTES_PER_SECOND) {
                return late("The body came slower than " + LEAST_BYTES_PER_SECOND + " bytes per second");
            }
            if (read == 0) {
                body.awaitReadable(last + idleNanos - now, TimeUnit.NANOSECONDS);
            }
        }
        return null;
    }
}
