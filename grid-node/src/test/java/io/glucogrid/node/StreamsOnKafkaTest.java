package io.glucogrid.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.cgm.Cgm;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import io.glucogrid.client.process.Child;
import io.glucogrid.client.process.Launcher;
import io.glucogrid.client.produce.DeadLetter;
import io.glucogrid.client.produce.DeadLetterBox;
import io.glucogrid.client.produce.DeadLetterFilter;
import io.glucogrid.client.produce.KafkaSettings;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Both streams of two more nodes of the grid, from a real broker in a process of its own. */
@ExtendWith(ThreeNodes.class)
class StreamsOnKafkaTest {
    private static final String TOPIC = "cgm_readings";
    private static final Duration LONG = Duration.ofSeconds(150);
    private static final long STEP = 300;

    @TempDir
    static Path work;

    private static Child broker;
    private static TestGrid grid;
    private static GridNode streaming;
    private static Map<String, String> settings;
    private static KafkaSettings kafka;
    private static KafkaProducer<byte[], byte[]> producer;

    @BeforeAll
    static void startBrokerAndNode(TestGrid shared) throws Exception {
        Path home =
                Path.of("..", "services", "broker", "target").toAbsolutePath().normalize();
        assumeThat(home.resolve("lib")).isDirectory();
        grid = shared;
        broker = Child.start(
                Launcher.of(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        home.resolve("classes") + ":" + home.resolve("lib") + "/*",
                        "io.glucogrid.broker.Broker")),
                "kafka",
                List.of("--port", "0", "--data", work.resolve("kafka").toString(), "--topic", TOPIC),
                Map.of(),
                work.resolve("kafka.log"));
        await().atMost(LONG).until(() -> broker.line("kafka ready on") != null);
        String bootstrap = broker.line("kafka ready on").split(" ", -1)[3];
        kafka = KafkaSettings.of(bootstrap, null);
        producer = new KafkaProducer<>(kafka.producer(), new ByteArraySerializer(), new ByteArraySerializer());
        Path properties = Files.writeString(
                work.resolve("kafka.properties"), "readings.glucose.most=500\nreadings.max.bytes=2000\n");
        settings = new HashMap<>();
        settings.put("GRID_STREAMS", "true");
        settings.put("GRID_KAFKA_PROPERTIES", properties.toString());
        settings.put("GRID_KAFKA_BOOTSTRAP", bootstrap);
        streaming = grid.add(settings);
        await().atMost(LONG).until(() -> streamsRun(streaming));
    }

    @AfterAll
    static void stop() {
        if (producer != null) {
            producer.close(Duration.ofSeconds(5));
        }
        if (streaming != null) {
            streaming.close();
        }
        if (broker != null) {
            broker.stop(Duration.ofSeconds(10));
        }
    }

    @Test
    void readingsOfADayInAnyOrderLeaveWhatOrderedOnesDoAlsoWhenTheGroupRebalances() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        long newest = Instant.now().getEpochSecond() / STEP * STEP;
        List<long[]> ordered = new ArrayList<>();
        for (int step = 287; step >= 0; step--) {
            long event = newest - step * STEP;
            ordered.add(new long[] {event, event, 80 + step % 150});
            if (step % 9 == 0) { // a correction
                ordered.add(new long[] {event, event + 60, 300 + step % 90});
            }
        }
        for (long[] reading : ordered) {
            push(890_001, reading);
        }
        List<long[]> shuffled = new ArrayList<>(ordered);
        shuffled.addAll(ordered.subList(50, 150)); // duplicates
        Collections.shuffle(shuffled, new Random(seed));

        send(shuffled.subList(0, 150), 890_002);
        GridNode second = grid.add(settings);
        try {
            await().atMost(LONG).until(() -> streamsRun(second));
            send(shuffled.subList(150, 300), 890_002);
        } finally {
            second.close();
        }
        send(shuffled.subList(300, shuffled.size()), 890_002);

        JsonNode expected = online(890_001);
        assertThat(expected.path("glucose_count_24h").asInt()).isEqualTo(288);
        await().atMost(LONG).untilAsserted(() -> assertThat(online(890_002)).isEqualTo(expected));
        await().atMost(LONG).untilAsserted(() -> {
            assertThat(historical(890_002, newest)).isEqualTo(historical(890_001, newest));
            assertThat(historical(890_002, newest - 100 * STEP)).isEqualTo(historical(890_001, newest - 100 * STEP));
        });

        long old = newest - 300 * STEP;
        send(List.of(new long[] {old, old, 222}), 890_002);
        await().atMost(LONG).untilAsserted(() -> assertThat(
                        historical(890_002, old).path("glucose_last_n_15m_1").asInt())
                .isEqualTo(222));
        await().atMost(LONG).untilAsserted(() -> assertThat(lag()).isZero());
        assertThat(online(890_002)).isEqualTo(expected);
    }

    @Test
    void everyBadRecordIsADeadLetterWithItsBytesAndItsNeighboursGoOn() throws Exception {
        long now = Instant.now().getEpochSecond();
        Map<String, String> bad = new HashMap<>();
        bad.put("nonsense", "not_json");
        bad.put(reading(now, 890_003, "\"high\"", now), "wrong_type");
        bad.put("{\"event_timestamp\":" + now + ",\"subject_id\":890003,\"glucose\":100}", "missing_field");
        bad.put(reading(now, 890_003, "NaN", now), "not_a_number");
        bad.put(reading(now, 890_003, "501", now), "implausible_value");
        bad.put(reading(now + 90_000, 890_003, "100", now), "implausible_time");
        bad.put(reading(now, 890_003, "100", now) + " ".repeat(2_000), "too_large");
        List<String> all = new ArrayList<>(bad.keySet());
        for (int i = 0; i < 20; i++) {
            all.add(reading(now - i * STEP, 890_003, Integer.toString(100 + i), now));
        }
        Collections.shuffle(all, new Random(7));
        for (String json : all) { // a key is not needed
            producer.send(new ProducerRecord<>(TOPIC, 3, null, json.getBytes(StandardCharsets.UTF_8)));
        }
        producer.flush();

        await().atMost(LONG).untilAsserted(() -> assertThat(
                        online(890_003).path("glucose_count_24h").asInt())
                .isEqualTo(20));
        DeadLetterBox box = new DeadLetterBox(kafka, TOPIC, LONG);
        await().atMost(LONG).untilAsserted(() -> assertThat(letters(box, null)).hasSize(bad.size()));
        for (DeadLetter letter : letters(box, null)) {
            assertThat(letter.key()).isNull();
            assertThat(letter.partition()).isEqualTo(3);
            assertThat(letter.topic()).isEqualTo(TOPIC);
            String value = new String(letter.value(), StandardCharsets.UTF_8);
            assertThat(bad).containsEntry(value, letter.code());
        }

        DeadLetterFilter tooHigh = new DeadLetterFilter("implausible_value", null, null, 10);
        assertThat(box.replay(tooHigh, 1, true, letter -> {}).replayed()).isEqualTo(1);
        assertThat(letters(box, "implausible_value")).hasSize(1);
        assertThat(box.replay(tooHigh, 1, false, letter -> {}).replayed()).isEqualTo(1);
        await().atMost(LONG).untilAsserted(() -> assertThat(letters(box, "implausible_value"))
                .hasSize(2));
        assertThat(letters(box, "implausible_value"))
                .extracting(DeadLetter::replays)
                .containsExactly(0, 1);
        DeadLetterFilter later = new DeadLetterFilter(
                "implausible_value", letters(box, "implausible_value").get(1).time(), null, 10);
        assertThat(box.replay(later, 1, true, letter -> {})).isEqualTo(new DeadLetterBox.Replayed(0, 1, 0));
    }

    @Test
    void aPausedStreamStaysWhereItIsAndGoesOn() throws Exception {
        api().within(LONG).post("/streams/pause", Json.object().put("stream", "online"));
        assertThat(states(streaming).path("online").asText()).isEqualTo("paused: operator");
        assertThat(states(streaming).path("offline").asText()).isEqualTo("running");
        assertThat(streamNode().get("/ready").body().path("stream_lag").path("online"))
                .as("the last known lag")
                .isNotEmpty();
        long now = Instant.now().getEpochSecond();

        send(List.of(new long[] {now, now, 123}), 890_004);
        await().atMost(LONG).untilAsserted(() -> assertThat(
                        historical(890_004, now).path("glucose_last_n_15m_1").asInt())
                .isEqualTo(123));
        assertThat(online(890_004).path("glucose_last_n_15m_1").isNull()).isTrue();

        api().within(LONG).post("/streams/resume", Json.object().put("stream", "online"));
        await().atMost(LONG).untilAsserted(() -> assertThat(
                        online(890_004).path("glucose_last_n_15m_1").asInt())
                .isEqualTo(123));
        await().atMost(LONG).untilAsserted(() -> assertThat(streamNode()
                        .get("/ready")
                        .body()
                        .path("stream_lag")
                        .path("online")
                        .size())
                .isPositive());
    }

    @Test
    void theLiveFeedSaysWhatIsToComeBesideAReadingOfTheStream() throws Exception {
        long start = Instant.now().getEpochSecond() / STEP * STEP - 600 * STEP;
        for (long subject = 890_005; subject < 890_008; subject++) {
            for (int from = 0; from < 450; from += 150) {
                pushWave(subject, start, from, from + 150);
            }
        }
        api().within(LONG).post("/models/train", Json.object().put("kind", "v4"));
        Queue<JsonNode> events = new ConcurrentLinkedQueue<>();
        HttpRequest live = HttpRequest.newBuilder(URI.create(streaming.info().api() + "/live"))
                .build();
        CompletableFuture<HttpResponse<Stream<String>>> feed =
                HttpClient.newHttpClient().sendAsync(live, HttpResponse.BodyHandlers.ofLines());
        feed.thenAcceptAsync(answer -> answer.body()
                .filter(line -> line.startsWith("data:") && line.contains("890005"))
                .map(line -> Json.parse(line.substring("data:".length())))
                .forEach(events::add));

        int[] next = {450};
        await().atMost(LONG).pollInterval(Duration.ofMillis(200)).until(() -> {
            long event = start + next[0] * STEP;
            send(List.of(new long[] {event, event, 100 + next[0]++ % 30}), 890_005);
            return events.stream().anyMatch(told -> told.has("forecast"));
        });
        feed.join().body().close();

        JsonNode told = events.stream()
                .filter(event -> event.has("forecast"))
                .findFirst()
                .orElseThrow();
        JsonNode forecast = told.path("forecast");
        assertThat(told.path("path").asText()).isEqualTo("online");
        assertThat(forecast.path("model").asText()).startsWith("v4@");
        assertThat(forecast.path("event_timestamp")).isEqualTo(told.path("event_timestamp"));
        assertThat(forecast.path("steps")).hasSize(3).allSatisfy(step -> assertThat(
                        step.path("glucose").asDouble())
                .isBetween(step.path("low").asDouble(), step.path("high").asDouble()));
        assertThat(forecast.path("below_70_within_30_min").asDouble()).isBetween(0.0, 1.0);
    }

    private static void pushWave(long subject, long start, int from, int to) {
        ObjectNode body =
                Json.object().put("push_source_name", "cgm_stats_push_source").put("store_type", "online_and_offline");
        ArrayNode events = body.putArray("events");
        for (int i = from; i < to; i++) {
            long seconds = start + i * STEP;
            events.addObject()
                    .put("event_timestamp", seconds)
                    .put("created", seconds)
                    .put(Cgm.SUBJECT, subject)
                    .put(Cgm.GLUCOSE, Math.round(110 + 25 * Math.sin((i + subject) / 11.0) + i * subject % 7));
        }
        api().post("/push_stream_event", body);
    }

    private static boolean streamsRun(GridNode node) {
        JsonNode states = states(node);
        return states.path("online").asText().equals("running")
                && states.path("offline").asText().equals("running");
    }

    private static JsonNode states(GridNode node) {
        return ApiClient.of(node.info().api(), Duration.ofSeconds(10))
                .get("/ready")
                .body()
                .path("streams");
    }

    /** Readings that the stream node has yet to take in. */
    private static long lag() {
        long lag = 0;
        for (JsonNode stream : streamNode().get("/ready").body().path("stream_lag")) {
            for (JsonNode partition : stream) {
                lag += partition.asLong();
            }
        }
        return lag;
    }

    private static ApiClient streamNode() {
        return ApiClient.of(streaming.info().api(), Duration.ofSeconds(10));
    }

    private static ApiClient api() {
        return ApiClient.of(grid.node(0).info().api(), Duration.ofSeconds(20));
    }

    private static List<DeadLetter> letters(DeadLetterBox box, String reason) {
        List<DeadLetter> letters = new ArrayList<>();
        box.forEach(new DeadLetterFilter(reason, null, null, 1_000), letters::add);
        return letters;
    }

    private static void send(List<long[]> readings, long subject) throws Exception {
        byte[] key = Long.toString(subject).getBytes(StandardCharsets.UTF_8);
        for (long[] reading : readings) {
            String json = reading(reading[0], subject, Long.toString(reading[2]), reading[1]);
            producer.send(new ProducerRecord<>(TOPIC, key, json.getBytes(StandardCharsets.UTF_8)))
                    .get(20, TimeUnit.SECONDS);
        }
    }

    private static String reading(long event, long subject, String glucose, long created) {
        return "{\"event_timestamp\":" + event + ",\"subject_id\":" + subject + ",\"glucose\":" + glucose
                + ",\"created\":" + created + "}";
    }

    private static void push(long subject, long[] reading) {
        ObjectNode body =
                Json.object().put("push_source_name", "cgm_stats_push_source").put("store_type", "online_and_offline");
        body.set(
                "event",
                Json.object()
                        .put("event_timestamp", reading[0])
                        .put("created", reading[1])
                        .put(Cgm.SUBJECT, subject)
                        .put(Cgm.GLUCOSE, reading[2]));
        api().post("/push_stream_event", body);
    }

    private static JsonNode online(long subject) {
        ObjectNode features = Json.object();
        api().onlineFeatures("cgm_windows_v1", Json.array().add(Json.object().put(Cgm.SUBJECT, subject)))
                .properties()
                .forEach(column ->
                        features.set(column.getKey(), column.getValue().get(0)));
        features.remove(Cgm.SUBJECT);
        return features;
    }

    private static JsonNode historical(long subject, long seconds) {
        ObjectNode body = Json.object().put("feature_service", "cgm_windows_v1");
        body.set(
                "entities",
                Json.array().add(Json.object().put(Cgm.SUBJECT, subject).put("event_timestamp", seconds)));
        ObjectNode row =
                (ObjectNode) api().post("/get_historical_features", body).body().get(0);
        row.remove(Cgm.SUBJECT);
        return row;
    }
}
