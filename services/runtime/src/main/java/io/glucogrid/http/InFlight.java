package io.glucogrid.http;

import io.glucogrid.json.Json;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Every request between its first line and the last byte of its answer. Once the node drains, new ones are refused with the
 * reason, but for those that ask how the node is; and whoever drains it may wait for the others.
 */
final class InFlight implements HttpHandler {
    /** They tell by themselves that the node is stopping. */
    private static final Set<String> ALWAYS = Set.of("/", "/ready", "/health", "/metrics");

    private final HttpHandler requests;
    private final AtomicInteger active;
    private final Object left = new Object();
    private volatile boolean draining;

    /** @param active counts the requests in flight */
    InFlight(HttpHandler requests, AtomicInteger active) {
        this.requests = requests;
        this.active = active;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        active.incrementAndGet();
        exchange.addExchangeCompleteListener((done, next) -> {
            leave();
            next.proceed();
        });
        if (draining && !ALWAYS.contains(exchange.getRequestPath())) {
            exchange.setStatusCode(503);
            exchange.setPersistent(false);
            exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, Reply.JSON);
            exchange.getResponseSender()
                    .send(ByteBuffer.wrap(Json.write(Map.of("detail", "The node is stopping; ask another one"))));
        } else {
            requests.handleRequest(exchange);
        }
    }

    private void leave() {
        int others = active.decrementAndGet();
        if (draining && others == 0) {
            synchronized (left) {
                left.notifyAll();
            }
        }
    }

    /** Refuses new requests from now on. */
    void drain() {
        draining = true;
    }

    /** Waits until no request is in flight; false where the time did not suffice. */
    boolean awaitNone(Duration deadline) throws InterruptedException {
        long end = System.nanoTime() + deadline.toNanos();
        synchronized (left) {
            for (long rest = end - System.nanoTime(); active.get() > 0; rest = end - System.nanoTime()) {
                if (rest <= 0) {
                    return false;
                }
                TimeUnit.NANOSECONDS.timedWait(left, Math.max(rest, 1_000_000));
            }
        }
        return true;
    }
}
