package io.glucogrid.http;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.grid.RequestLimits;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Undertow around the routes: binds the first free port, bounds what a client may send, drains on close. */
final class HttpServer implements AutoCloseable {
    /** A body that is too large is read on so far, so that its sender gets the answer; beyond it the connection is cut. */
    private static final long DISCARDED_BODIES = 4;

    private static final int IO_THREADS = 2;
    private static final int WORKER_THREADS = 16;
    private static final int IDLE_MILLIS = (int) Duration.ofMinutes(2).toMillis();
    private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);

    private final Undertow undertow;
    private final InFlight requests;
    private final LiveStream live;
    private final InetSocketAddress bound;

    private HttpServer(Undertow undertow, InFlight requests, LiveStream live) {
        this.undertow = undertow;
        this.requests = requests;
        this.live = live;
        this.bound = (InetSocketAddress) undertow.getListenerInfo().get(0).getAddress();
    }

    /**
     * Listens on the first free port of {@code ports} from {@code port} on.
     *
     * @throws GridException INVALID_CONFIG where none of them is free
     */
    static HttpServer start(
            String host, int port, int ports, RequestLimits limits, LiveStream live, InFlight requests) {
        for (int candidate = port; ; candidate++) {
            Undertow undertow =
                    listener(host, candidate, limits).setHandler(requests).build();
            try {
                undertow.start();
                return new HttpServer(undertow, requests, live);
            } catch (RuntimeException failed) {
                undertow.stop();
                BindException taken = taken(failed);
                if (taken == null || candidate - port >= ports - 1 || port == 0) {
                    throw new GridException(ErrorCode.INVALID_CONFIG, cannotListen(host, port, ports, failed), failed);
                }
            }
        }
    }

    /** The server's settings, without what it answers. */
    static Undertow.Builder listener(String host, int port, RequestLimits limits) {
        return Undertow.builder()
                .addHttpListener(port, host)
                .setIoThreads(IO_THREADS)
                .setWorkerThreads(WORKER_THREADS)
                .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, DISCARDED_BODIES * limits.bodyBytes())
                .setServerOption(UndertowOptions.MAX_HEADER_SIZE, limits.headerBytes())
                .setServerOption(UndertowOptions.REQUEST_PARSE_TIMEOUT, (int)
                        limits.readDeadline().toMillis())
                .setServerOption(UndertowOptions.NO_REQUEST_TIMEOUT, IDLE_MILLIS)
                .setServerOption(UndertowOptions.ALWAYS_SET_KEEP_ALIVE, false);
    }

    /** Where the server listens; a wildcard host is shown as the loopback address, which reaches it. */
    URI address() {
        String host = bound.getAddress().isAnyLocalAddress()
                ? "127.0.0.1"
                : bound.getAddress().getHostAddress();
        String shown = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        return URI.create("http://" + shown + ":" + bound.getPort());
    }

    /** Refuses new requests with 503 and lets running ones finish, within a deadline. */
    void drain(Duration deadline) {
        requests.drain();
        live.close();
        try {
            if (!requests.awaitNone(deadline)) {
                LOG.warn("feature API stops with requests unanswered after ms={}", deadline.toMillis());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        undertow.stop();
    }

    private static @Nullable BindException taken(Throwable failed) {
        Throwable cause = failed;
        for (int depth = 0; cause != null && depth < 10; depth++) {
            if (cause instanceof BindException bind) {
                return bind;
            }
            cause = cause.getCause();
        }
        return null;
    }

    private static String cannotListen(String host, int port, int ports, RuntimeException failed) {
        BindException bind = taken(failed);
        String reason = bind == null ? String.valueOf(failed.getMessage()) : String.valueOf(bind.getMessage());
        return ports == 1
                ? "the feature API cannot listen on " + host + ":" + port + " (GRID_HTTP_PORT): " + reason
                : "the feature API found no free port from " + port + " to " + (port + ports - 1) + " on " + host
                        + " (GRID_HTTP_PORT, GRID_HTTP_PORTS): " + reason;
    }
}
