package io.glucogrid.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.glucogrid.cgm.LiveFeed;
import io.glucogrid.door.Operations;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.grid.LocalService;
import io.glucogrid.grid.RequestLimits;
import io.glucogrid.metrics.Latencies;
import io.glucogrid.node.TestNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.ignite.Ignite;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server around endpoints that answer when the test lets them. */
class DispatcherTest {
    private static final int THREADS = 16;
    private static final Duration DEADLINE = Duration.ofMillis(200);
    private static final RequestLimits LIMITS =
            new RequestLimits(1 << 20, 8 << 10, 100, 32, THREADS + 4, Duration.ofSeconds(5));

    @TempDir
    static Path work;

    private static Ignite ignite;

    private final CountDownLatch release = new CountDownLatch(1);
    private final AtomicInteger active = new AtomicInteger();
    private final AtomicInteger held = new AtomicInteger();
    private final ExecutorService aboutTheNode = Executors.newSingleThreadExecutor();
    private final HttpClient client = HttpClient.newHttpClient();
    private final LongJoins.Room room =
            new LongJoins.Room(new Semaphore(2), new Semaphore(1), new Semaphore(8), Duration.ofSeconds(10));
    private HttpServer server;

    @BeforeAll
    static void startNode() {
        ignite = new TestNode(work, "dispatcher").withoutTier().start("dispatcher");
    }

    @AfterAll
    static void stopNode() {
        ignite.close();
    }

    @BeforeEach
    void startServer() {
        Routes routes = new Routes()
                .add("GET", "/hold", call -> {
                    held.incrementAndGet();
                    try {
                        assertThat(release.await(10, TimeUnit.SECONDS)).isTrue();
                    } catch (InterruptedException interrupted) {
                        Thread.currentThread().interrupt();
                    }
                    return Reply.json(200, List.of("held"));
                })
                .add("POST", FeatureApi.HISTORICAL, call -> Reply.json(200, List.of("brief")))
                .add("GET", "/late", call -> {
                    throw new GridException(
                            call.deadline().leftNanos() < 0 ? ErrorCode.DEADLINE_EXCEEDED : ErrorCode.INTERNAL, "late");
                })
                .add("GET", "/broken", call -> {
                    throw new NoClassDefFoundError("a library of the endpoint");
                })
                .add("GET", "/ready", new CallHandler() {
                    @Override
                    public Reply answer(Call call) {
                        return Reply.json(503, List.of("reasons"));
                    }

                    @Override
                    public boolean isAboutTheNode() {
                        return true;
                    }
                });
        LiveStream live = new LiveStream(new LocalService<>(ignite, LiveFeed.NAME, LiveFeed.class));
        LongJoins joins = new LongJoins(new Operations(ignite), work, LIMITS, DEADLINE, 64, room);
        Dispatcher dispatcher = new Dispatcher(
                routes, live, joins, new Latencies(), LIMITS, DEADLINE, aboutTheNode, new AtomicInteger());
        server = HttpServer.start("127.0.0.1", 0, 1, LIMITS, live, new InFlight(dispatcher, active));
    }

    @AfterEach
    void stopServer() {
        release.countDown();
        server.close();
        aboutTheNode.shutdownNow();
    }

    private CompletableFuture<HttpResponse<String>> get(String path) {
        URI uri = server.address().resolve(path);
        return client.sendAsync(
                HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** Requests that hold every worker thread. */
    private List<CompletableFuture<HttpResponse<String>>> hold() {
        List<CompletableFuture<HttpResponse<String>>> holding = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            holding.add(get("/hold"));
        }
        Awaitility.await().until(() -> held.get() == THREADS);
        return holding;
    }

    @Test
    void theWaitForAThreadCountsAgainstTheDeadline() {
        hold();
        long sent = System.nanoTime();
        CompletableFuture<HttpResponse<String>> late = get("/late");
        Awaitility.await().until(() -> active.get() == THREADS + 1);
        Awaitility.await().until(() -> System.nanoTime() - sent > DEADLINE.toNanos() * 2);
        release.countDown();

        assertThat(late.join().statusCode()).isEqualTo(504);
    }

    @Test
    void aShortJoinOfUnknownLengthNeedsNoPlaceOfALongOne() throws Exception {
        room.running().acquire();
        try (Wire wire = Wire.to(server.address())) {
            wire.send("POST " + FeatureApi.HISTORICAL
                    + " HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n");

            assertThat(wire.receive().text()).isEqualTo("[\"brief\"]");
        }
    }

    @Test
    void aLongJoinIsRefusedBeforeItIsSentAndWaitsForAPlaceOnceItWas() throws Exception {
        String start = longJoin(300_000);
        try (Wire sent = Wire.to(server.address());
                Wire refused = Wire.to(server.address())) {
            sent.send(start);
            Awaitility.await().until(() -> room.receiving().availablePermits() == 1);
            room.running().acquire();

            assertThat(refused.send(start).receive().status()).isEqualTo(429);
            sent.send(" ".repeat(300_000));
            Awaitility.await().until(() -> room.running().hasQueuedThreads());
            room.running().release();

            assertThat(sent.receive().status()).as("malformed, but not refused").isEqualTo(422);
        }
        assertNothingIsTaken();
    }

    @Test
    void whatLongJoinsTakeOfTheDiskIsBounded() throws Exception {
        try (Wire wire = Wire.to(server.address())) {
            wire.send(longJoin(600_000)).send(" ".repeat(600_000));

            Wire.Answer answer = wire.receive();
            assertThat(answer.status()).isEqualTo(429);
            assertThat(answer.text()).contains("as much of the disk as they may");
        }
        assertNothingIsTaken();
    }

    private void assertNothingIsTaken() {
        Awaitility.await()
                .until(() -> room.receiving().availablePermits() == 2
                        && room.running().availablePermits() == 1
                        && room.buffers().availablePermits() == 8);
    }

    /** The head of a request whose body is to follow. */
    private static String longJoin(int bytes) {
        return "POST " + FeatureApi.HISTORICAL + " HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
                + "Content-Length: " + bytes + "\r\n\r\n";
    }

    @Test
    void anErrorInAnEndpointIsAnswered() {
        HttpResponse<String> failed = get("/broken").join();

        assertThat(failed.statusCode()).isEqualTo(500);
        assertThat(failed.body()).isEqualTo("{\"detail\":\"Internal Server Error\"}");
        Awaitility.await().until(() -> active.get() == 0);
    }

    @Test
    void howTheNodeIsCanBeAskedWhileAllThreadsAreBusy() {
        hold();

        assertThat(get("/ready").join().body()).isEqualTo("[\"reasons\"]");
    }

    @Test
    void howTheNodeIsMayBeAskedSoOftenOnly() {
        aboutTheNode.execute(() -> {
            try {
                assertThat(release.await(10, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        });
        List<CompletableFuture<HttpResponse<String>>> requests = new ArrayList<>();
        for (int i = 0; i < LIMITS.waiting() + 64; i++) {
            requests.add(get("/ready"));
        }
        Awaitility.await().until(() -> active.get() == LIMITS.waiting() + 64);

        assertThat(get("/ready").join().statusCode()).isEqualTo(429);
        release.countDown();

        assertThat(requests)
                .allSatisfy(request -> assertThat(request.join().statusCode()).isEqualTo(503));
    }

    @Test
    void oneWaitingRequestTooManyIsToldToTryAgainAndNothingIsLeftBehind() {
        List<CompletableFuture<HttpResponse<String>>> requests = hold();
        for (int i = 0; i < 4; i++) {
            requests.add(get("/hold"));
        }
        Awaitility.await().until(() -> active.get() == THREADS + 4);

        HttpResponse<String> refused = get("/hold").join();
        release.countDown();

        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.headers().firstValue("retry-after")).hasValue("1");
        assertThat(requests)
                .allSatisfy(request -> assertThat(request.join().statusCode()).isEqualTo(200));
        Awaitility.await().until(() -> active.get() == 0);
    }

    @Test
    void aDrainingNodeFinishesWhatItHasAndSaysWhyItTakesNoMore() throws Exception {
        CompletableFuture<HttpResponse<String>> running = get("/hold");
        Awaitility.await().until(() -> held.get() == 1);
        CompletableFuture<Void> drained = CompletableFuture.runAsync(() -> server.drain(Duration.ofSeconds(10)));
        Awaitility.await().until(() -> get("/late").join().statusCode() == 503);

        assertThat(get("/late").join().body()).isEqualTo("{\"detail\":\"The node is stopping; ask another one\"}");
        assertThat(get("/ready").join().body()).isEqualTo("[\"reasons\"]");
        assertThat(drained).isNotDone();
        release.countDown();

        assertThat(running.join().statusCode()).isEqualTo(200);
        drained.get(10, TimeUnit.SECONDS);
        assertThat(active.get()).isZero();
    }
}
