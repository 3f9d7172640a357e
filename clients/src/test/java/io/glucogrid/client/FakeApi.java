package io.glucogrid.client;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A node's HTTP side that answers what a test tells it to, and remembers what it was asked. */
public final class FakeApi implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final List<String> requests = new ArrayList<>();

    private FakeApi(HttpServer server) {
        this.server = server;
    }

    public static FakeApi start() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            FakeApi api = new FakeApi(server);
            server.createContext("/", api::handle);
            server.setExecutor(api.threads);
            server.start();
            return api;
        } catch (IOException noPort) {
            throw new IllegalStateException(noPort);
        }
    }

    public String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** From now on {@code request}, such as {@code GET /status}, is answered so. */
    public FakeApi answer(String request, int status, String body) {
        answers.put(request, new Answer(status, body, "application/json", Map.of()));
        return this;
    }

    public FakeApi answer(String request, int status, String body, Map<String, String> headers) {
        answers.put(request, new Answer(status, body, "application/json", headers));
        return this;
    }

    /** Server-sent events, after which the stream ends. */
    public FakeApi events(String request, String body) {
        answers.put(request, new Answer(200, body, "text/event-stream", Map.of()));
        return this;
    }

    /** Requests so far: method, path, and body where there is one. */
    public List<String> requests() {
        synchronized (requests) {
            return List.copyOf(requests);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String request = exchange.getRequestMethod() + " " + exchange.getRequestURI();
        synchronized (requests) {
            requests.add(body.isEmpty() ? request : request + " " + body);
        }
        Answer answer = answers.getOrDefault(
                request, new Answer(404, "{\"detail\":\"Not Found\"}", "application/json", Map.of()));
        exchange.getResponseHeaders().add("content-type", answer.type());
        answer.headers().forEach(exchange.getResponseHeaders()::add);
        byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private record Answer(int status, String body, String type, Map<String, String> headers) {}
}
