package io.glucogrid.client.demo;

import io.glucogrid.client.ApiClient;
import io.glucogrid.client.process.Child;
import io.glucogrid.client.process.Launcher;
import io.glucogrid.client.process.NodeFile;
import io.glucogrid.client.process.Ports;
import io.glucogrid.client.process.StopSignal;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The demo's nodes, watched by a thread that starts again what dies. */
final class Nodes {
    private static final int DISCOVERY = 47500;
    private static final int DISCOVERY_RANGE = 20;
    private static final long TICK_MILLIS = 200;
    private static final Duration UP = Duration.ofSeconds(100);
    private static final Duration READY = Duration.ofSeconds(90);
    private static final Duration ANSWER = Duration.ofSeconds(20);
    private static final List<String> ONE_NODES_OWN = List.of(
            "GRID_NODE_NAME",
            "GRID_HTTP_PORT",
            "GRID_HTTP_PORTS",
            "GRID_REST_PORT",
            "GRID_CONNECTOR_PORT",
            "GRID_THIN_PORT",
            "GRID_DISCOVERY_PORT",
            "GRID_COMMUNICATION_PORT",
            "GRID_PEERS");

    private final List<NodeSlot> slots = new ArrayList<>();
    private final Launcher launcher;
    private final DemoOptions options;
    private final DemoOutput output;
    private final Map<String, String> shared;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread watch = new Thread(this::watch, "node-watch");

    private Nodes(Launcher launcher, DemoOptions options, DemoOutput output, Map<String, String> shared) {
        this.launcher = launcher;
        this.options = options;
        this.output = output;
        this.shared = shared;
    }

    static Nodes of(Launcher launcher, DemoOptions options, DemoOutput output, String bootstrap) {
        Map<String, String> shared = new HashMap<>();
        shared.put("GRID_WORK_DIR", options.workDir().toString());
        shared.put("GRID_OFFLINE_URI", tier(options));
        shared.put("GRID_KAFKA_BOOTSTRAP", bootstrap);
        shared.put("GRID_TOPIC", DemoOptions.TOPIC);
        shared.put("GRID_STREAMS", "true");
        shared.put("GRID_EXPECTED_NODES", Integer.toString(options.nodes()));
        int discovery = Ports.range(DISCOVERY);
        if (discovery != DISCOVERY) {
            shared.put("GRID_PEERS", "127.0.0.1:" + discovery + ".." + (discovery + DISCOVERY_RANGE - 1));
        }
        return new Nodes(launcher, options, output, shared);
    }

    /** Root of the demo's Parquet tier. */
    static String tier(DemoOptions options) {
        return options.workDir().resolve("offline").toUri().toString();
    }

    /** Starts one node after the other, and waits until each is up. */
    void start(StopSignal stop) {
        watch.setDaemon(true);
        watch.start();
        for (int i = 0; i < options.nodes(); i++) {
            NodeSlot slot = start(i);
            stop.until(
                    () -> {
                        check();
                        return slot.node() != null;
                    },
                    UP,
                    () -> new GridException(ErrorCode.NOT_READY, slot.name() + " was not up in time"));
        }
    }

    /** Waits until every node says that it is ready to serve. */
    void awaitReady(StopSignal stop) {
        for (NodeSlot slot : slots()) {
            stop.until(
                    () -> {
                        check();
                        NodeFile node = slot.node();
                        return node != null
                                && ApiClient.of(node.api(), Duration.ofSeconds(3))
                                        .ready();
                    },
                    READY,
                    () -> new GridException(
                            ErrorCode.NOT_READY,
                            slot.name() + " was not ready after " + READY.toSeconds() + " s: " + reason(slot)));
        }
    }

    /** Throws what a failed node said. */
    void check() {
        for (NodeSlot slot : slots()) {
            if (slot.state() instanceof NodeSlot.Failed failed) {
                throw failed.reason();
            }
        }
    }

    /** The nodes that are up. */
    List<NodeFile> up() {
        List<NodeFile> up = new ArrayList<>();
        for (NodeSlot slot : slots()) {
            NodeFile node = slot.node();
            if (node != null) {
                up.add(node);
            }
        }
        return up;
    }

    /** The feature API of some node that is up; null while none is. */
    @Nullable
    ApiClient api() {
        List<NodeFile> up = up();
        return up.isEmpty() ? null : ApiClient.of(up.get(0).api(), ANSWER);
    }

    int restarts() {
        return slots().stream().mapToInt(NodeSlot::restarts).sum();
    }

    /** What a shell needs in front of {@code glucogrid node} to start one more node of this grid. */
    String joinCommand() {
        StringBuilder command = new StringBuilder();
        for (String key : List.of(
                "GRID_WORK_DIR", "GRID_OFFLINE_URI", "GRID_KAFKA_BOOTSTRAP", "GRID_EXPECTED_NODES", "GRID_PEERS")) {
            String value = shared.get(key);
            if (value != null) {
                command.append(key).append('=').append(value).append(' ');
            }
        }
        return command + "./glucogrid node --env local";
    }

    /** Ends the nodes, the last one first. */
    void stop(Duration each) {
        stopped.countDown();
        try {
            watch.join(2_000);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        List<NodeSlot> all = slots();
        for (int i = all.size() - 1; i >= 0; i--) {
            all.get(i).stop(each);
        }
    }

    /** Ends the nodes at once. */
    void kill() {
        stopped.countDown();
        slots().forEach(NodeSlot::kill);
    }

    private NodeSlot start(int index) {
        String name = "node-" + (index + 1);
        Map<String, String> environment = new HashMap<>();
        ONE_NODES_OWN.forEach(key -> environment.put(key, ""));
        environment.putAll(shared);
        if (shared.containsKey("GRID_PEERS")) {
            String first = shared.get("GRID_PEERS").replaceAll("^127\\.0\\.0\\.1:(\\d+)\\.\\..*$", "$1");
            environment.put("GRID_DISCOVERY_PORT", Integer.toString(Integer.parseInt(first) + index));
        }
        if (options.httpPort() > 0) {
            environment.put("GRID_HTTP_PORT", Integer.toString(options.httpPort() + index));
        }
        NodeSlot slot = NodeSlot.start(
                name,
                options.workDir(),
                () -> Child.start(
                        launcher,
                        name,
                        List.of("node", "--env", "local", "--json"),
                        environment,
                        options.logs().resolve(name + ".log")),
                output);
        synchronized (slots) {
            slots.add(slot);
        }
        return slot;
    }

    private List<NodeSlot> slots() {
        synchronized (slots) {
            return List.copyOf(slots);
        }
    }

    private static String reason(NodeSlot slot) {
        NodeFile node = slot.node();
        if (node == null) {
            return "it is not up";
        }
        try {
            return ApiClient.of(node.api(), Duration.ofSeconds(3))
                    .get("/ready")
                    .body()
                    .toString();
        } catch (GridException said) {
            return said.reason();
        }
    }

    private void watch() {
        try {
            while (!stopped.await(TICK_MILLIS, TimeUnit.MILLISECONDS)) {
                slots().forEach(NodeSlot::tick);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
