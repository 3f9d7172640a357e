package io.glucogrid.http;

import io.glucogrid.cgm.LiveFeed;
import io.glucogrid.grid.LocalService;
import io.glucogrid.json.Json;
import io.glucogrid.live.LiveHub;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.sse.ServerSentEventConnection;
import io.undertow.server.handlers.sse.ServerSentEventHandler;
import io.undertow.util.Headers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /live}: the live feed as server-sent events. A client that reads too slowly misses events and never holds anybody
 * up: at most {@value #MAX_QUEUED} wait for it, and an event {@code dropped} says how many it has missed.
 */
final class LiveStream implements HttpHandler, AutoCloseable {
    static final String PATH = "/live";

    private static final String DROPPED = "dropped";

    private static final int MAX_CLIENTS = 64;
    private static final int MAX_QUEUED = 256;
    private static final Duration HEARTBEAT = Duration.ofSeconds(10);
    private static final Logger LOG = LoggerFactory.getLogger(LiveStream.class);

    private final LocalService<LiveFeed> feed;
    private final ServerSentEventHandler events;
    private final Set<ServerSentEventConnection> clients = ConcurrentHashMap.newKeySet();

    LiveStream(LocalService<LiveFeed> feed) {
        this.feed = feed;
        this.events = new ServerSentEventHandler((connection, lastEventId) -> connected(connection));
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        String refusal = !feed.isReady()
                ? "the live feed has not started on this node yet"
                : clients.size() >= MAX_CLIENTS ? "too many clients follow the live feed" : null;
        if (refusal != null) {
            exchange.setStatusCode(503);
            exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, Reply.JSON);
            exchange.getResponseSender().send(ByteBuffer.wrap(Json.write(Map.of("detail", refusal))));
            return;
        }
        exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-cache");
        events.handleRequest(exchange);
    }

    private void connected(ServerSentEventConnection connection) {
        clients.add(connection);
        connection.setKeepAliveTime(HEARTBEAT.toMillis());
        Client client = new Client(connection);
        LiveFeed.Subscription subscription = feed.get().subscribe(client::take);
        connection.addCloseTask(closed -> {
            subscription.close();
            clients.remove(closed);
        });
        if (!connection.isOpen()) {
            // Gone before the close task was there; closing twice is harmless.
            subscription.close();
            clients.remove(connection);
        }
    }

    @Override
    public void close() {
        for (ServerSentEventConnection client : clients) {
            try {
                client.close();
            } catch (IOException gone) {
                LOG.debug("live client was gone already reason={}", gone.getMessage());
            }
        }
    }

    /** One client and how many events wait for it. */
    private static final class Client implements ServerSentEventConnection.EventCallback {
        private final ServerSentEventConnection connection;
        private final AtomicInteger queued = new AtomicInteger();
        private final AtomicLong missed = new AtomicLong();

        Client(ServerSentEventConnection connection) {
            this.connection = connection;
        }

        void take(String event) {
            if (!connection.isOpen()) {
                return;
            }
            if (queued.get() >= MAX_QUEUED) {
                missed.incrementAndGet();
                return;
            }
            tellMissed();
            queued.incrementAndGet();
            if (event.startsWith(LiveHub.DROPPED)) {
                connection.send(event, DROPPED, null, this);
            } else {
                connection.send(event, this);
            }
        }

        private void tellMissed() {
            long events = missed.getAndSet(0);
            if (events > 0) {
                queued.incrementAndGet();
                connection.send(LiveHub.dropped(events), DROPPED, null, this);
            }
        }

        @Override
        public void done(
                ServerSentEventConnection from, @Nullable String data, @Nullable String event, @Nullable String id) {
            if (queued.decrementAndGet() == 0) {
                tellMissed();
            }
        }

        @Override
        public void failed(
                ServerSentEventConnection from,
                @Nullable String data,
                @Nullable String event,
                @Nullable String id,
                IOException failure) {
            queued.decrementAndGet();
        }
    }
}
