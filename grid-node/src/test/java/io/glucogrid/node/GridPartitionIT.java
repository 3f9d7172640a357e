package io.glucogrid.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import io.glucogrid.client.process.Child;
import io.glucogrid.client.process.Launcher;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Three nodes in network namespaces of their own, one of which is cut off from the other two while everybody can still reach
 * all three. Needs Linux and the right to make namespaces; says so and does nothing elsewhere.
 */
@Tag("faults")
class GridPartitionIT {
    private static final String NETWORK = "10.77.31.";
    private static final long SECONDS = 1_700_000_000;
    private static final Duration ANSWER = Duration.ofSeconds(30);

    @TempDir
    private Path directory;

    private final String prefix = "gg" + ProcessHandle.current().pid() % 10_000;
    private final List<Child> nodes = new ArrayList<>();
    private final AtomicInteger subjects = new AtomicInteger(1);
    private volatile String refusal = "";

    /** Which packets are dropped. */
    enum Cut {
        BOTH_WAYS,
        FROM_THE_ONE
    }

    @BeforeEach
    void makeNamespaces() throws Exception {
        boolean possible = ip("link", "add", prefix, "type", "bridge");
        if (!possible) {
            System.out.println("skipped: this needs the right to make network namespaces (ip netns)");
        }
        assumeThat(possible).isTrue();
        must("addr", "add", NETWORK + "254/24", "dev", prefix);
        must("link", "set", prefix, "up");
        for (int i = 1; i <= 3; i++) {
            must("netns", "add", prefix + "n" + i);
            must("link", "add", prefix + "v" + i, "type", "veth", "peer", "name", "eth0", "netns", prefix + "n" + i);
            must("link", "set", prefix + "v" + i, "master", prefix, "up");
            must("-n", prefix + "n" + i, "addr", "add", NETWORK + i + "/24", "dev", "eth0");
            must("-n", prefix + "n" + i, "link", "set", "eth0", "up");
            must("-n", prefix + "n" + i, "link", "set", "lo", "up");
        }
    }

    @AfterEach
    void removeNamespaces() throws Exception {
        nodes.forEach(Child::kill);
        for (Child node : nodes) {
            node.awaitEnd(Duration.ofSeconds(10));
        }
        for (int i = 1; i <= 3; i++) {
            ip("link", "del", prefix + "v" + i);
            ip("netns", "del", prefix + "n" + i);
        }
        ip("link", "del", prefix);
    }

    private static boolean ip(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(arguments));
        try {
            return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
        } catch (IOException noSuchCommand) {
            return false;
        }
    }

    private static void must(String... arguments) throws IOException, InterruptedException {
        assertThat(ip(arguments)).as("ip " + String.join(" ", arguments)).isTrue();
    }

    private void start(int index) {
        String script =
                Path.of(System.getProperty("glucogrid.home"), "glucogrid").toString();
        Map<String, String> settings = new TreeMap<>();
        settings.put("GRID_WORK_DIR", directory.toString());
        settings.put("GRID_NODE_NAME", "node-" + index);
        settings.put("GRID_EXPECTED_NODES", "3");
        settings.put("GRID_STREAMS", "false");
        settings.put("GRID_DEADLINE_MS", "10000");
        settings.put("GRID_REGION_MB", "64");
        settings.put("GRID_HISTORY_REGION_MB", "32");
        settings.put("GRID_HOST", NETWORK + index);
        settings.put("GRID_HTTP_HOST", NETWORK + index);
        settings.put("GRID_HTTP_PORT", "8000");
        settings.put("GRID_PEERS", NETWORK + "1:47500," + NETWORK + "2:47500," + NETWORK + "3:47500");
        settings.put("GRID_DISCOVERY_PORT", "47500");
        nodes.add(Child.start(
                Launcher.of(List.of("ip", "netns", "exec", prefix + "n" + index, script)),
                "node-" + index,
                List.of("node", "--env", "local", "--restart"),
                settings,
                directory.resolve("node-" + index + ".log")));
    }

    private static ApiClient api(int index) {
        return ApiClient.of("http://" + NETWORK + index + ":8000", ANSWER);
    }

    private void route(String change, int from, int to) throws IOException, InterruptedException {
        must("-n", prefix + "n" + from, "route", change, "blackhole", NETWORK + to + "/32");
    }

    private void cut(Cut cut, String change) throws IOException, InterruptedException {
        route(change, 1, 2);
        route(change, 1, 3);
        if (cut == Cut.BOTH_WAYS) {
            route(change, 2, 1);
            route(change, 3, 1);
        }
    }

    /** Pushes one reading of a new subject; whether it was acknowledged. */
    private boolean push(int node, Map<Integer, Integer> acknowledged) {
        int subject = subjects.getAndIncrement();
        ObjectNode event = Json.object()
                .put("event_timestamp", SECONDS)
                .put("created", SECONDS)
                .put("subject_id", subject)
                .put("glucose", 60 + subject % 300);
        ObjectNode body = Json.object().put("push_source_name", "cgm_stats_push_source");
        body.put("store_type", "online_and_offline").set("event", event);
        try {
            api(node).post("/push_stream_event", body);
            acknowledged.put(subject, node);
            return true;
        } catch (GridException failed) {
            refusal = failed.reason();
            return false;
        }
    }

    @ParameterizedTest
    @EnumSource
    void onlyTheMajorityWrites(Cut cut) throws Exception {
        for (int i = 1; i <= 3; i++) {
            start(i);
        }
        await().atMost(Duration.ofMinutes(2)).until(() -> api(1).ready() && api(2).ready() && api(3).ready());
        Map<Integer, Integer> acknowledged = new ConcurrentSkipListMap<>();
        for (int i = 0; i < 90; i++) {
            assertThat(push(1 + i % 3, acknowledged)).as(refusal).isTrue();
        }

        cut(cut, "add");
        long cutNanos = System.nanoTime();
        Map<Integer, Integer> byTheOne = new ConcurrentSkipListMap<>();
        Thread pushing = new Thread(() -> {
            while (System.nanoTime() - cutNanos < TimeUnit.SECONDS.toNanos(20)) {
                push(1, byTheOne);
            }
        });
        pushing.start();
        await().atMost(Duration.ofSeconds(30)).until(() -> push(2, acknowledged) && push(3, acknowledged));
        long majorityMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - cutNanos);
        pushing.join();
        int before = byTheOne.size();
        for (int i = 0; i < 20; i++) {
            assertThat(push(1, byTheOne)).as("a write that the minority takes").isFalse();
            assertThat(push(2 + i % 2, acknowledged)).as(refusal).isTrue();
        }

        cut(cut, "del");
        long healedNanos = System.nanoTime();
        await().atMost(Duration.ofMinutes(2)).until(() -> api(1).ready() && api(2).ready() && api(3).ready());
        assertThat(api(1).status().path("nodes")).hasSize(3);
        long healMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - healedNanos);
        acknowledged.putAll(byTheOne);
        int lost = 0;
        for (int node = 1; node <= 3; node++) {
            lost = Math.max(lost, missing(node, acknowledged));
        }
        System.out.println("partition " + cut + ": acknowledged " + acknowledged.size() + " (of which " + before
                + " by the one that was cut off) / lost " + lost + " / majority writes after " + majorityMillis
                + " ms / whole again " + healMillis + " ms after the network");

        assertThat(lost).isZero();
        assertThat(majorityMillis).isLessThan(15_000);
    }

    private static int missing(int node, Map<Integer, Integer> acknowledged) {
        ArrayNode online = Json.array();
        ArrayNode history = Json.array();
        acknowledged.keySet().forEach(subject -> {
            online.addObject().put("subject_id", subject);
            history.addObject().put("subject_id", subject).put("event_timestamp", SECONDS);
        });
        JsonNode values = api(node).onlineFeatures("cgm_activity_v3", online).path("glucose");
        JsonNode rows = api(node).historicalFeatures(List.of("cgm_hourly_stats:glucose"), history);
        int missing = 0;
        int i = 0;
        for (int subject : acknowledged.keySet()) {
            int expected = 60 + subject % 300;
            if (values.path(i).asInt() != expected
                    || rows.path(i).path("glucose").asInt() != expected) {
                missing++;
            }
            i++;
        }
        return missing;
    }
}
