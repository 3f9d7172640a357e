package io.glucogrid.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.glucogrid.conversation.ApiDescription;
import io.glucogrid.node.ApiCaller;
import io.glucogrid.node.TestNode;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.apache.ignite.Ignite;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Generated requests: valid ones, valid ones that were damaged, hostile ones, and some that stop half-way, over raw connections. None may be answered with
 * a 5xx, hang, or leave anything behind; every answer must be one that the API's description allows. {@code -Dglucogrid.fuzz}
 * gives another number of requests than {@value #REQUESTS}, {@code -Dglucogrid.seed} repeats a run.
 */
class HostileRequestsTest {
    private static final int REQUESTS = 10_000;
    private static final int THREADS = 4;
    private static final long SECONDS = 1_391_581_982L;
    private static final ApiDescription DESCRIPTION = ApiDescription.shipped();

    /** A request that is answered with 200. */
    private record Valid(String path, String body) {}

    private static final Valid[] VALID = {
        new Valid(
                "/get_online_features", "{\"entities\":[{\"subject_id\":7}],\"feature_service\":\"cgm_activity_v3\"}"),
        new Valid(
                "/get_online_features",
                "{\"entities\":[{\"subject_id\":7},{\"subject_id\":8}],\"features\":[\"cgm_hourly_stats:glucose\"]}"),
        new Valid(
                "/get_historical_features",
                "{\"features\":[\"cgm_hourly_stats:glucose\",\"transformed_timestamp:hour\"],\"entities\":[{\"subject_id\":7,"
                        + "\"event_timestamp\":1391581982,\"note\":\"x\"}]}"),
        new Valid(
                "/push_stream_event",
                "{\"push_source_name\":\"cgm_stats_push_source\",\"store_type\":\"online\",\"event\":{\"event_timestamp\":"
                        + "1391581982,\"subject_id\":7,\"glucose\":100,\"created\":1391581982}}"),
        new Valid(
                "/push_stream_event",
                "{\"push_source_name\":\"cgm_stats_push_source\",\"store_type\":\"online_and_offline\",\"events\":[{"
                        + "\"event_timestamp\":1391581982,\"subject_id\":7,\"glucose\":100}]}"),
        new Valid("/predict", "{\"entities\":[{\"subject_id\":7}],\"model\":\"v1\"}"),
        new Valid("/features/explain", "{\"entities\":[{\"subject_id\":7}],\"feature_service\":\"cgm_activity_v3\"}"),
        new Valid(
                "/get-online-features",
                "{\"entities\":{\"subject_id\":[7,8]},\"feature_service\":\"cgm_activity_v3\",\"full_feature_names\":true}"),
        new Valid(
                "/get-online-features",
                "{\"entities\":{\"subject_id\":[7]},\"features\":[\"cgm_hourly_stats_fresh:glucose\"]}"),
        new Valid(
                "/push",
                "{\"push_source_name\":\"cgm_stats_push_source\",\"df\":{\"subject_id\":[7],\"event_timestamp\":[1391581982],"
                        + "\"glucose\":[100]},\"to\":\"online\"}"),
        new Valid(
                "/write-to-online-store",
                "{\"feature_view_name\":\"cgm_hourly_stats\",\"df\":{\"subject_id\":[7],\"event_timestamp\":[1391581982,"
                        + "\"2014-02-05T06:33:02\"],\"glucose\":[100]}}"),
        new Valid(
                "/materialize-incremental",
                "{\"end_ts\":\"2014-02-05T06:33:02\",\"feature_views\":[\"cgm_hourly_stats\"]}"),
        new Valid("/models/v1/activate", "{\"version\":1}")
    };

    /** What a value may be replaced by. */
    private static final String[] ODD = {
        "null",
        "true",
        "\"\"",
        "[]",
        "{}",
        "-1",
        "0",
        "1e400",
        "-1e999999999",
        "1e-999999999",
        "1.5",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775809",
        "1".repeat(150),
        "1".repeat(5_000),
        "\"\\u0000\"",
        "\"\\ud800\"",
        "\"" + "é😀".repeat(40) + "\"",
        "[[[[[[]]]]]]",
        "{\"a\":{\"b\":{\"c\":1}}}",
        "NaN",
        "\"9999-12-31T23:59:59.999999Z\"",
        "\"0000-00-00\"",
        "\"2014-02-30\"",
        "99999999999999999999",
        "-62135596801",
        "\"1e9\"",
        "\"x:y:z\"",
        "\":\"",
        "[null]",
        "[[7]]",
        "\"cgm_activity_v3\"",
        "\"transformed_timestamp_fresh:hour\"",
        "{\"subject_id\":[7]}",
        "[{\"subject_id\":7}]",
        "[{\"subject_id\":7,\"event_timestamp\":\"now\"}]"
    };

    @TempDir
    static Path work;

    private static Ignite ignite;
    private static ApiCaller api;

    private final Map<Integer, LongAdder> statuses = new ConcurrentSkipListMap<>();

    @BeforeAll
    static void startNode() {
        ignite = new TestNode(work, "hostile").with("GRID_HTTP_READ_MS", "400").start("hostile");
        api = ApiCaller.ready(ignite);
        api.push("online_and_offline", 7, SECONDS, 100);
    }

    @AfterAll
    static void stopNode() {
        ignite.close();
    }

    @Test
    void noRequestMakesAServerErrorAHangOrALeak() throws Exception {
        int requests = Integer.getInteger("glucogrid.fuzz", REQUESTS);
        long seed = Long.getLong("glucogrid.seed", System.nanoTime());
        System.out.println("hostile requests seed=" + seed + " requests=" + requests);
        int threadsBefore = httpThreads();
        long start = System.nanoTime();
        ExecutorService clients = Executors.newFixedThreadPool(THREADS);
        try {
            List<Callable<Void>> work = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                long own = seed + i;
                work.add(() -> {
                    converse(new Random(own), requests / THREADS, own);
                    return null;
                });
            }
            for (Future<Void> done : clients.invokeAll(work, 10, TimeUnit.MINUTES)) {
                done.get();
            }
        } finally {
            clients.shutdownNow();
        }
        System.out.println("hostile requests ms="
                + Duration.ofNanos(System.nanoTime() - start).toMillis() + " statuses=" + statuses);

        assertThat(statuses).containsKeys(200, 404, 405, 413, 422);
        Awaitility.await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> assertThat(
                        api.get("/metrics").body().lines())
                .contains(
                        "glucogrid_http_active_requests 1", "glucogrid_http_waiting_requests 1")); // the one that asks
        assertThat(httpThreads()).isLessThanOrEqualTo(Math.max(threadsBefore, 18));
        assertThat(api.get("/ready").statusCode()).isEqualTo(200);
        assertThat(api.onlineGlucose("cgm_activity_v3", 7)).isNotNull();
    }

    @Test
    void brokenConversationsEnd() throws Exception {
        long seed = Long.getLong("glucogrid.seed", System.nanoTime());
        System.out.println("broken conversations seed=" + seed);
        Random random = new Random(seed);
        String[] conversations = {
            "POST /push HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n",
            "POST /push HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n{}",
            "POST /push HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}",
            "POST /push HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n0\r\n\r\n",
            "POST /push HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            "POST /push HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST /push HTTP/1.1\r\nHost: t\r\nContent-Length: -5\r\n\r\n{}",
            "POST /push HTTP/1.1\r\nHost: t\r\nContent-Length: 99999999999999999999\r\n\r\n{}",
            "POST /push HTTP/1.1\r\nHost: t\r\nContent-Length: 1e3\r\n\r\n{}",
            "POST /push HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\n{}",
            "POST /push HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
            "POST /push HTTP/9.9\r\nHost: t\r\nContent-Length: 2\r\n\r\n{}",
            "POST /push\r\n\r\n",
            "\u0000\u0001\u0002\u0003\r\n\r\n",
            "GET http://[::1 HTTP/1.1\r\nHost: t\r\n\r\n",
            "GET /%zz HTTP/1.1\r\nHost: t\r\n\r\n",
            "GET /../../etc/passwd HTTP/1.1\r\nHost: t\r\n\r\n",
            "GET /docs/..%2f..%2fopenapi.yaml HTTP/1.1\r\nHost: t\r\n\r\n",
            "OPTIONS * HTTP/1.1\r\nHost: t\r\n\r\n",
            "CONNECT t:1 HTTP/1.1\r\nHost: t\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n",
            "POST /predict HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n",
            "POST /predict HTTP/1.1\r\nHost: t\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 2\r\n\r\n{}",
            "GET / HTTP/1.1\r\n" + "X: y\r\n".repeat(1_000) + "\r\n",
            "GET /" + "a".repeat(60_000) + " HTTP/1.1\r\nHost: t\r\n\r\n"
        };
        List<Wire> open = new ArrayList<>();
        try {
            for (int i = 0; i < 100; i++) {
                String text = conversations[i % conversations.length];
                boolean cut = i >= conversations.length;
                Wire wire = Wire.to(api.api());
                open.add(wire);
                try {
                    wire.send(cut ? text.substring(0, 1 + random.nextInt(text.length() - 1)) : text);
                } catch (IOException refused) {
                    assertThat(text.length()).isGreaterThan(5_000);
                }
            }
            for (int i = 0; i < open.size(); i++) {
                Wire.Answer answer = open.get(i).receive();
                assertThat(answer.status())
                        .as(conversations[i % conversations.length].lines().findFirst() + " " + answer.text())
                        .isLessThan(500);
            }
        } finally {
            for (Wire wire : open) {
                wire.close();
            }
        }
        assertThat(api.get("/ready").statusCode()).isEqualTo(200);
    }

    @Test
    void aHundredThousandEntitiesAreTooMany() {
        String ids = "1,".repeat(99_999) + "1";
        assertThat(api.post(
                                "/get-online-features",
                                "{'entities':{'subject_id':[" + ids + "]},'feature_service':'cgm_activity_v3'}")
                        .statusCode())
                .isEqualTo(413);
        String rows = "{'subject_id':1},".repeat(99_999) + "{'subject_id':1}";
        for (String path : List.of("/get_online_features", "/predict")) {
            assertThat(api.post(path, "{'entities':[" + rows + "],'feature_service':'cgm_activity_v3'}")
                            .statusCode())
                    .as(path)
                    .isEqualTo(413);
        }
        assertThat(api.post(
                                "/get_historical_features",
                                "{'entities':[" + rows + "],'feature_service':'cgm_activity_v3'}")
                        .body())
                .contains("entity 0 has no 'event_timestamp'");
    }

    private void converse(Random random, int requests, long seed) throws IOException {
        Wire wire = Wire.to(api.api());
        try {
            for (int i = 0; i < requests; i++) {
                Valid valid = VALID[random.nextInt(VALID.length)];
                String path =
                        switch (random.nextInt(16)) {
                            case 0 -> "/materialize";
                            case 1, 2 -> VALID[random.nextInt(VALID.length)].path();
                            default -> valid.path();
                        };
                String method = random.nextInt(50) == 0 ? "PUT" : "POST";
                path = random.nextInt(60) == 0 ? path + "x" : path;
                String type = type(random);
                byte[] body = body(random, valid.body());
                String shown = "seed " + seed + " request " + i + " " + method + " " + path + " " + type + " "
                        + new String(body, 0, Math.min(body.length, 400), StandardCharsets.ISO_8859_1);
                int unlike = random.nextInt(400);
                if (unlike == 0) {
                    giveUp(random, Wire.request(method, path, type, body));
                    continue;
                }
                Wire.Answer answer;
                try {
                    answer = unlike == 1 && body.length > 1
                            ? slowly(wire, Wire.request(method, path, type, body))
                            : wire.send(Wire.request(method, path, type, body)).receive();
                } catch (java.net.SocketTimeoutException hang) {
                    throw new AssertionError("no answer: " + shown, hang);
                }
                statuses.computeIfAbsent(answer.status(), status -> new LongAdder())
                        .increment();
                assertThat(answer.status()).as(shown + " → " + answer.text()).isBetween(200, 499);
                DESCRIPTION.check(method, path, answer.status(), answer.header("Content-Type"), answer.text());
                if (answer.closed()) {
                    wire.close();
                    wire = Wire.to(api.api());
                }
            }
        } finally {
            wire.close();
        }
    }

    /** Sends a part of a request and goes away. */
    private static void giveUp(Random random, byte[] request) throws IOException {
        try (Wire gone = Wire.to(api.api())) {
            gone.send(Arrays.copyOf(request, random.nextInt(request.length)));
        }
    }

    /** Sends all but the last byte, and then nothing. */
    private static Wire.Answer slowly(Wire wire, byte[] request) throws IOException {
        Wire.Answer answer =
                wire.send(Arrays.copyOf(request, request.length - 1)).receive();
        assertThat(answer.status()).isIn(408, 404, 405, 413);
        return new Wire.Answer(answer.status(), answer.head(), answer.body(), true);
    }

    private static String type(Random random) {
        String[] types = {"application/json", "application/json; charset=utf-8", "application/vnd.api+json", null};
        String[] odd = {"text/plain", "application/json; charset=utf-16", "", "multipart/form-data", "é"};
        return random.nextInt(10) == 0 ? odd[random.nextInt(odd.length)] : types[random.nextInt(types.length)];
    }

    private static byte[] body(Random random, String valid) {
        return switch (random.nextInt(12)) {
            case 0, 1 -> bytes(valid);
            case 2, 3, 4, 5 -> bytes(replaced(random, valid));
            case 6 -> bytes(replaced(random, replaced(random, valid)));
            case 7 -> flipped(random, bytes(valid));
            case 8 -> Arrays.copyOf(bytes(valid), random.nextInt(valid.length()));
            case 9 -> {
                byte[] noise = new byte[random.nextInt(300)];
                random.nextBytes(noise);
                yield noise;
            }
            case 10 -> encoded(random, valid);
            default -> hostile(random);
        };
    }

    /** One value of the text replaced by an odd one. */
    private static String replaced(Random random, String text) {
        List<int[]> values = new ArrayList<>();
        java.util.regex.Matcher matcher = java.util.regex.Pattern.compile(
                        "\"[^\"]*\"(?!:)|\"[^\"]*\"(?=:)|-?\\d+|true|\\{[^{}]*}|\\[[^\\[\\]]*]")
                .matcher(text);
        while (matcher.find()) {
            values.add(new int[] {matcher.start(), matcher.end()});
        }
        if (values.isEmpty()) {
            return text;
        }
        int[] place = values.get(random.nextInt(values.size()));
        return text.substring(0, place[0]) + ODD[random.nextInt(ODD.length)] + text.substring(place[1]);
    }

    private static byte[] flipped(Random random, byte[] bytes) {
        for (int i = 0; i < 1 + random.nextInt(3); i++) {
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return bytes;
    }

    private static byte[] encoded(Random random, String text) {
        Charset[] charsets = {StandardCharsets.UTF_16, StandardCharsets.UTF_16LE, Charset.forName("UTF-32")};
        return ("\uFEFF" + text).getBytes(charsets[random.nextInt(charsets.length)]);
    }

    private static byte[] hostile(Random random) {
        return switch (random.nextInt(8)) {
            case 0 -> bytes("[".repeat(1 + random.nextInt(20_000)));
            case 1 -> bytes("{\"a\":".repeat(1 + random.nextInt(5_000)));
            case 2 ->
                bytes("{\"entities\":[" + "{\"subject_id\":7},".repeat(random.nextInt(300)) + "{\"subject_id\":7}],"
                        + "\"feature_service\":\"cgm_activity_v3\"}");
            case 3 ->
                bytes("{\"entities\":{\"subject_id\":[" + "1,".repeat(random.nextBoolean() ? 10_000 : 100_000)
                        + "1]},\"feature_service\":\"cgm_activity_v3\"}");
            case 4 ->
                bytes("{\"entities\":[{\"" + "k".repeat(2_000) + "\":1}],\"feature_service\":\"cgm_activity_v3\"}");
            case 5 ->
                bytes("{\"features\":[" + "\"cgm_hourly_stats:glucose\",".repeat(500)
                        + "\"cgm_hourly_stats:glucose\"],\"entities\":[{\"subject_id\":7,\"event_timestamp\":1}]}");
            case 6 -> bytes("{" + "\"subject_id\":7,".repeat(500) + "\"entities\":[]}");
            default ->
                bytes("{\"entities\":[{\"subject_id\":" + "9".repeat(1 + random.nextInt(400)) + "e"
                        + random.nextInt(Integer.MAX_VALUE) + "}],\"feature_service\":\"cgm_activity_v3\"}");
        };
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Live threads of the HTTP server. */
    private static int httpThreads() {
        Map<String, Integer> byName = new TreeMap<>();
        Thread.getAllStackTraces().keySet().forEach(thread -> byName.merge(thread.getName(), 1, Integer::sum));
        return byName.entrySet().stream()
                .filter(entry ->
                        entry.getKey().startsWith("XNIO") && entry.getKey().contains("task"))
                .mapToInt(Map.Entry::getValue)
                .sum();
    }
}
