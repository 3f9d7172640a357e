package io.glucogrid.client.demo;

import static org.awaitility.Awaitility.await;

import io.glucogrid.client.ApiClient;
import io.glucogrid.client.FakeApi;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class LiveFollowerTest {
    private final StringWriter text = new StringWriter();
    private final LiveBoard board = LiveBoard.of(new DemoOutput(new PrintWriter(text), false), 50);

    @Test
    void whenAnotherNodeIsToBeHeardItIs() {
        AtomicReference<ApiClient> living = new AtomicReference<>();
        LiveFollower follower = LiveFollower.start(living::get, board);
        try (FakeApi first = FakeApi.start().events("GET /live", event("online"));
                FakeApi second = FakeApi.start().events("GET /live", event("offline"))) {
            living.set(ApiClient.of(first.address(), Duration.ofSeconds(5)));
            await().until(() -> board.online().count() > 0);

            living.set(ApiClient.of(second.address(), Duration.ofSeconds(5)));

            await().until(() -> board.offline().count() > 0);
        } finally {
            follower.close();
        }
    }

    private static String event(String path) {
        return "data: {\"path\":\"" + path
                + "\",\"subject_id\":1,\"event_timestamp\":1,\"glucose\":1,\"timetaken_ns\":1}\n\n";
    }
}
