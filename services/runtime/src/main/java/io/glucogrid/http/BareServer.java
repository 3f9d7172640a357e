package io.glucogrid.http;

import io.glucogrid.grid.RequestLimits;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What the feature API is measured against: the same server with the same settings, which takes any body and answers the bytes of
 * a file. Nothing but {@code glucogrid bench serve} runs it.
 */
public final class BareServer {
    private static final RequestLimits LIMITS =
            new RequestLimits(8 << 20, 32 << 10, 10_000, 32, 512, Duration.ofSeconds(10));

    private final byte[] answer;

    private BareServer(byte[] answer) {
        this.answer = answer;
    }

    /** Listens until the process ends; arguments are the port and the file. */
    public static void main(String[] arguments) throws IOException {
        BareServer server = new BareServer(Files.readAllBytes(Path.of(arguments[1])));
        HttpServer.listener("127.0.0.1", Integer.parseInt(arguments[0]), LIMITS)
                .setHandler(server::handle)
                .build()
                .start();
    }

    private void handle(HttpServerExchange exchange) {
        exchange.getRequestReceiver().receiveFullBytes((received, body) -> {
            received.getResponseHeaders().put(Headers.CONTENT_TYPE, Reply.JSON);
            received.getResponseSender().send(ByteBuffer.wrap(answer));
        });
    }
}
