package io.glucogrid.http;

import io.glucogrid.grid.Deadline;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.grid.RequestLimits;
import io.glucogrid.metrics.Latencies;
import io.undertow.io.IoCallback;
import io.undertow.io.Receiver;
import io.undertow.io.Sender;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.RequestTooBigException;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xnio.IoUtils;
import org.xnio.XnioExecutor;

/**
 * From an HTTP exchange to an endpoint and back.
 *
 * <p>The body is received without blocking; then the I/O thread lets the endpoint answer at once, and only what has to wait goes
 * to a worker thread. The number of requests that wait is bounded, so that an overload is answered and not queued. Protocol
 * errors have FastAPI's shapes. This is the boundary where errors are logged, once: a caller's fault at DEBUG, ours with its
 * cause.
 */
final class Dispatcher implements HttpHandler {
    /** Longest a join of any size may take, its caller's reading and writing included. */
    private static final int JOIN_MINUTES = 30;

    /** How many more may wait of those that ask how the node is, so that somebody hears it of a busy one. */
    private static final int ABOUT_THE_NODE = 64;

    private static final int TIMED_OUT = 408;
    private static final String RETRY_AFTER_SECONDS = "1";
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

    private final Routes routes;
    private final LiveStream live;
    private final LongJoins longJoins;
    private final Latencies latencies;
    private final RequestLimits limits;
    private final Duration deadline;
    private final Executor aboutTheNode;
    private final AtomicInteger waiting;

    /**
     * @param deadline of an answer, from when the request is there
     * @param aboutTheNode runs what {@link CallHandler#isAboutTheNode}
     * @param waiting counts the requests that wait for something now
     */
    Dispatcher(
            Routes routes,
            LiveStream live,
            LongJoins longJoins,
            Latencies latencies,
            RequestLimits limits,
            Duration deadline,
            Executor aboutTheNode,
            AtomicInteger waiting) {
        this.routes = routes;
        this.live = live;
        this.longJoins = longJoins;
        this.latencies = latencies;
        this.limits = limits;
        this.deadline = deadline;
        this.aboutTheNode = aboutTheNode;
        this.waiting = waiting;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        long start = System.nanoTime();
        String path = exchange.getRequestPath();
        String method = exchange.getRequestMethod().toString();
        if (path.equals(LiveStream.PATH)) {
            if (method.equals("GET")) {
                live.handleRequest(exchange);
            } else {
                send(exchange, notAllowed("GET"), LiveStream.PATH, start);
            }
            return;
        }
        Routes.Match match = routes.find(path);
        if (match == null) {
            send(exchange, unknownPath(exchange, path), "other", start);
            return;
        }
        CallHandler endpoint = match.methods().get(method);
        if (endpoint == null) {
            send(exchange, notAllowed(match.allowed()), match.name(), start);
        } else if (match.name().equals(FeatureApi.HISTORICAL) && longJoins.isLong(exchange)) {
            exchange.dispatch(() -> join(exchange, endpoint, match, start));
        } else {
            receive(exchange, endpoint, match, start);
        }
    }

    /**
     * Takes the body within its deadline. What is here already, as most bodies are, costs no timer. One that says itself that it is
     * too large is thrown away as it comes and refused then: a close while its caller still sends would lose the refusal.
     */
    private void receive(HttpServerExchange exchange, CallHandler endpoint, Routes.Match match, long start) {
        AtomicReference<XnioExecutor.@Nullable Key> timer = new AtomicReference<>();
        AtomicBoolean ended = new AtomicBoolean();
        Receiver receiver = exchange.getRequestReceiver();
        Receiver.ErrorCallback failed = (refused, failure) -> {
            if (ended.compareAndSet(false, true)) {
                stop(timer);
                unread(refused, failure, match, start);
            }
        };
        if (exchange.getRequestContentLength() > limits.bodyBytes()) {
            receiver.receivePartialBytes(
                    (received, part, last) -> {
                        if (last && ended.compareAndSet(false, true)) {
                            stop(timer);
                            send(received, tooLarge(), match.name(), start);
                        }
                    },
                    failed);
        } else {
            receiver.setMaxBufferSize(limits.bodyBytes());
            receiver.receiveFullBytes(
                    (received, body) -> {
                        if (ended.compareAndSet(false, true)) {
                            stop(timer);
                            answer(received, endpoint, match, body, start);
                        }
                    },
                    failed);
        }
        if (!ended.get()) {
            timer.set(exchange.getIoThread()
                    .executeAfter(
                            () -> {
                                if (ended.compareAndSet(false, true)) {
                                    cutOff(exchange, late(), match, start);
                                }
                            },
                            limits.readDeadline().toMillis(),
                            TimeUnit.MILLISECONDS));
        }
    }

    private Reply late() {
        long millis = limits.readDeadline().toMillis();
        return Reply.detail(TIMED_OUT, "The body did not arrive within " + millis + " ms");
    }

    private static void stop(AtomicReference<XnioExecutor.@Nullable Key> timer) {
        XnioExecutor.Key key = timer.get();
        if (key != null) {
            key.remove();
        }
    }

    /** The body did not come in time: says so and closes, for the rest of it would be taken for the next request. */
    private void cutOff(HttpServerExchange exchange, Reply reply, Routes.Match match, long start) {
        prepare(exchange, reply);
        exchange.setPersistent(false);
        exchange.setResponseContentLength(reply.body().length);
        exchange.getResponseSender().send(ByteBuffer.wrap(reply.body()), new CloseAfter(false));
        latencies.record(match.name(), reply.status(), System.nanoTime() - start);
    }

    /** Flushes the answer, then closes the connection. */
    private record CloseAfter(boolean flushed) implements IoCallback {
        @Override
        public void onComplete(HttpServerExchange exchange, Sender sender) {
            if (flushed) {
                IoUtils.safeClose(exchange.getConnection());
            } else {
                sender.close(new CloseAfter(true));
            }
        }

        @Override
        public void onException(HttpServerExchange exchange, Sender sender, IOException failure) {
            IoUtils.safeClose(exchange.getConnection());
        }
    }

    private void answer(
            HttpServerExchange exchange, CallHandler endpoint, Routes.Match match, byte[] body, long start) {
        Call call = new Call(
                body,
                exchange.getRequestHeaders().getFirst(Headers.CONTENT_TYPE),
                exchange.getQueryString(),
                match.parameters(),
                Deadline.in(deadline));
        Reply atOnce = guarded(() -> endpoint.answerAtOnce(call), match.name());
        if (atOnce != null) {
            send(exchange, atOnce, match.name(), start);
            return;
        }
        boolean always = endpoint.isAboutTheNode();
        if (waiting.incrementAndGet() > limits.waiting() + (always ? ABOUT_THE_NODE : 0)) {
            waiting.decrementAndGet();
            send(
                    exchange,
                    Reply.detail(ErrorCode.OVERLOADED.httpStatus(), "Too many requests are waiting"),
                    match.name(),
                    start);
            return;
        }
        Runnable work = () -> {
            Reply reply;
            try {
                reply = guarded(() -> endpoint.answer(call), match.name());
            } finally {
                waiting.decrementAndGet();
            }
            send(exchange, reply == null ? internal() : reply, match.name(), start);
        };
        exchange.dispatch(always ? aboutTheNode : null, work);
    }

    /** What fails after the first byte of an answer cuts the connection: the caller sees an answer without an end. */
    private void join(HttpServerExchange exchange, CallHandler endpoint, Routes.Match match, long start) {
        XnioExecutor.Key end = exchange.getIoThread()
                .executeAfter(() -> IoUtils.safeClose(exchange.getConnection()), JOIN_MINUTES, TimeUnit.MINUTES);
        Reply refusal = guarded(
                () -> {
                    try {
                        return longJoins.answer(exchange, endpoint);
                    } catch (IOException gone) {
                        LOG.debug("long join given up reason={}", gone.getMessage());
                        return Reply.detail(400, "The body could not be read");
                    }
                },
                match.name());
        end.remove();
        if (refusal == null) {
            latencies.record(match.name(), exchange.getStatusCode(), System.nanoTime() - start);
        } else if (exchange.isResponseStarted()) {
            IoUtils.safeClose(exchange.getConnection());
        } else if (refusal.status() == TIMED_OUT) {
            cutOff(exchange, refusal, match, start);
        } else {
            exchange.setPersistent(false);
            send(exchange, refusal, match.name(), start);
        }
    }

    private interface Answer {
        @Nullable
        Reply get();
    }

    /** Whatever is thrown becomes an answer: a request without one would hang until its caller gives up. */
    private static @Nullable Reply guarded(Answer answer, String endpoint) {
        try {
            return answer.get();
        } catch (GridException failed) {
            if (failed.code().isCallersFault() || failed.code() == ErrorCode.NOT_READY) {
                LOG.debug("request refused endpoint={} code={} reason={}", endpoint, failed.code(), failed.reason());
            } else {
                LOG.error(
                        "request failed endpoint={} code={} reason={}",
                        endpoint,
                        failed.code(),
                        failed.reason(),
                        failed);
            }
            return Reply.detail(failed.code().httpStatus(), failed.reason());
        } catch (RuntimeException | Error failed) {
            LOG.error("request failed endpoint={}", endpoint, failed);
            return internal();
        }
    }

    /** The body could not be read: too large in chunks, or the client is gone. */
    private void unread(HttpServerExchange exchange, IOException failure, Routes.Match match, long start) {
        if (failure instanceof Receiver.RequestToLargeException || failure instanceof RequestTooBigException) {
            send(exchange, tooLarge(), match.name(), start);
        } else {
            LOG.debug("request body lost endpoint={} reason={}", match.name(), failure.getMessage());
            exchange.setPersistent(false);
            send(exchange, Reply.detail(400, "The body could not be read"), match.name(), start);
        }
    }

    private Reply unknownPath(HttpServerExchange exchange, String path) {
        String shorter = path.endsWith("/") ? path.substring(0, path.length() - 1) : "";
        if (shorter.isEmpty() || (routes.find(shorter) == null && !shorter.equals(LiveStream.PATH))) {
            return Reply.detail(404, "Not Found");
        }
        String query = exchange.getQueryString();
        String location = query.isEmpty() ? shorter : shorter + "?" + query;
        return Reply.movedTo(location);
    }

    private static Reply notAllowed(String allowed) {
        return Reply.detail(405, "Method Not Allowed").with("Allow", allowed);
    }

    private Reply tooLarge() {
        return Reply.detail(
                ErrorCode.TOO_LARGE.httpStatus(), "The body is larger than " + limits.bodyBytes() + " bytes");
    }

    private static Reply internal() {
        return Reply.detail(ErrorCode.INTERNAL.httpStatus(), "Internal Server Error");
    }

    private void send(HttpServerExchange exchange, Reply reply, String endpoint, long start) {
        if (reply.status() == ErrorCode.TOO_LARGE.httpStatus()) {
            exchange.setPersistent(false);
        }
        prepare(exchange, reply);
        exchange.getResponseSender().send(ByteBuffer.wrap(reply.body()));
        latencies.record(endpoint, reply.status(), System.nanoTime() - start);
    }

    private static void prepare(HttpServerExchange exchange, Reply reply) {
        exchange.setStatusCode(reply.status());
        HeaderMap headers = exchange.getResponseHeaders();
        if (!reply.contentType().isEmpty()) {
            headers.put(Headers.CONTENT_TYPE, reply.contentType());
        }
        reply.headers().forEach((name, value) -> headers.put(HttpString.tryFromString(name), value));
        if (reply.status() == ErrorCode.OVERLOADED.httpStatus()) {
            headers.put(Headers.RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
    }
}
