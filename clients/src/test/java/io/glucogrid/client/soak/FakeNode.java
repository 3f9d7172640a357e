package io.glucogrid.client.soak;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.glucogrid.client.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A node that has numbered readings in memory and answers from them as a real one would, but for what a test breaks. */
final class FakeNode implements AutoCloseable {
    private static final long DAY_SECONDS = 86_400;

    private final NumberedReadings readings;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<Long, NavigableMap<Long, Stored>> online = new ConcurrentHashMap<>();
    private final Map<Long, NavigableMap<Long, Stored>> history = new ConcurrentHashMap<>();
    private final Set<Long> refused = ConcurrentHashMap.newKeySet();
    private final Set<Long> asked = ConcurrentHashMap.newKeySet();
    private volatile boolean trained = true;
    private volatile int bias;

    private FakeNode(NumberedReadings readings, HttpServer server) {
        this.readings = readings;
        this.server = server;
    }

    /** One reading; more than one time where something counts it again. */
    private record Stored(long glucose, int times) {}

    /** A node with the first {@code count} readings. */
    static FakeNode with(NumberedReadings readings, int count) {
        try {
            FakeNode node = new FakeNode(
                    readings, HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
            for (int number = 0; number < count; number++) {
                node.put(node.online, number, 1);
                node.put(node.history, number, 1);
            }
            node.server.createContext("/", node::handle);
            node.server.setExecutor(node.threads);
            node.server.start();
            return node;
        } catch (IOException noPort) {
            throw new IllegalStateException(noPort);
        }
    }

    private void put(Map<Long, NavigableMap<Long, Stored>> rows, long number, int times) {
        rows.computeIfAbsent(readings.subject(number), subject -> new ConcurrentSkipListMap<>())
                .put(readings.second(number), new Stored(readings.glucose(number), times));
    }

    String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** The online row and windows of a reading's subject are as if it had not come. */
    void loseOnline(long number) {
        online.get(readings.subject(number)).remove(readings.second(number));
    }

    /** History is as if a reading had not come. */
    void loseInHistory(long number) {
        history.get(readings.subject(number)).remove(readings.second(number));
    }

    /** A reading counts twice in its subject's online windows. */
    void repeatOnline(long number) {
        put(online, number, 2);
    }

    /** No answer of this node has a value of a subject. */
    void deny(long subject) {
        online.remove(subject);
    }

    /** Questions for a subject are answered with 503. */
    void refuse(long subject) {
        refused.add(subject);
    }

    /** Ends a {@link #refuse}. */
    void serve(long subject) {
        refused.remove(subject);
    }

    /** This node has no forecaster. */
    void untrain() {
        trained = false;
    }

    /** Forecasts of this node are higher than others'. */
    void bias(int milligrams) {
        bias = milligrams;
    }

    /** Subjects of which online values were asked. */
    Set<Long> asked() {
        return Set.copyOf(asked);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        String text = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        JsonNode body = text.isEmpty() ? Json.object() : Json.parse(text);
        boolean refuses = false;
        for (JsonNode entity : body.path("entities")) {
            refuses |= refused.contains(subject(entity));
        }
        byte[] answer = (refuses
                        ? Json.object().put("detail", "this bucket has no owner")
                        : answer(exchange.getRequestURI().getPath(), body))
                .toString()
                .getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("content-type", "application/json");
        exchange.sendResponseHeaders(refuses ? 503 : 200, answer.length);
        exchange.getResponseBody().write(answer);
        exchange.close();
    }

    private JsonNode answer(String path, JsonNode body) {
        return switch (path) {
            case "/get_online_features" -> online(body);
            case "/get_historical_features" -> history(body);
            case "/predict" -> forecasts(body);
            case "/models" -> models();
            default -> Json.object();
        };
    }

    private static long subject(JsonNode entity) {
        return entity.path("subject_id").asLong();
    }

    private JsonNode online(JsonNode body) {
        ObjectNode columns = Json.object();
        ArrayNode values = columns.putArray("glucose");
        ArrayNode times = columns.putArray("event_timestamp");
        ArrayNode counts = columns.putArray("glucose_count_24h");
        for (JsonNode entity : body.path("entities")) {
            asked.add(subject(entity));
            NavigableMap<Long, Stored> rows = online.getOrDefault(subject(entity), new ConcurrentSkipListMap<>());
            Map.Entry<Long, Stored> last = rows.lastEntry();
            if (last == null) {
                values.addNull();
                times.addNull();
                counts.addNull();
            } else {
                values.add(last.getValue().glucose());
                times.add(Instant.ofEpochSecond(last.getKey()).toString());
                counts.add(counted(rows, last.getKey()));
            }
        }
        return columns;
    }

    private JsonNode history(JsonNode body) {
        ArrayNode records = Json.array();
        for (JsonNode entity : body.path("entities")) {
            NavigableMap<Long, Stored> rows = history.getOrDefault(subject(entity), new ConcurrentSkipListMap<>());
            long second = entity.path("event_timestamp").asLong();
            Map.Entry<Long, Stored> last = rows.floorEntry(second);
            ObjectNode record = records.addObject().put("glucose_count_24h", counted(rows, second));
            if (last != null) {
                record.put("glucose", last.getValue().glucose());
            }
        }
        return records;
    }

    private static long counted(NavigableMap<Long, Stored> rows, long second) {
        return rows.subMap(second - DAY_SECONDS, false, second, true).values().stream()
                .mapToLong(Stored::times)
                .sum();
    }

    private JsonNode forecasts(JsonNode body) {
        ArrayNode forecasts = Json.array();
        for (JsonNode entity : body.path("entities")) {
            Map.Entry<Long, Stored> last = online.get(subject(entity)).lastEntry();
            forecasts
                    .addObject()
                    .put("subject_id", subject(entity))
                    .put("glucose", last.getValue().glucose() + bias);
        }
        return forecasts;
    }

    private JsonNode models() {
        ArrayNode models = Json.array();
        if (trained) {
            models.addObject().put("name", "v4");
        }
        return models;
    }
}
