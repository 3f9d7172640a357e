package io.glucogrid.client.soak;

import com.fasterxml.jackson.databind.JsonNode;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import io.glucogrid.client.process.Child;
import io.glucogrid.client.process.Launcher;
import io.glucogrid.client.process.NodeFile;
import io.glucogrid.client.process.Ports;
import io.glucogrid.client.produce.KafkaSettings;
import io.glucogrid.client.produce.Topics;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A broker and some nodes as processes of their own on this machine, to be killed, paused and started again.
 *
 * <p>A node runs with {@code --restart}, so one that ends because its grid is broken joins again by itself; one that was killed
 * here is started again here.
 */
public final class GridProcesses implements AutoCloseable {
    /** The topic of the readings. */
    public static final String TOPIC = "cgm_readings";

    private static final Logger LOG = LoggerFactory.getLogger(GridProcesses.class);
    private static final int PARTITIONS = 6;
    private static final Duration UP = Duration.ofMinutes(2);
    private static final Duration KILLED = Duration.ofSeconds(25);
    private static final Duration SIGNALLED = Duration.ofSeconds(5);

    /** A node gives itself 60 seconds to stop in order, and ends with another exit code than 0 where that is too little. */
    private static final Duration STOPPED = Duration.ofSeconds(75);

    private static final Duration CHECKED = Duration.ofMinutes(5);
    private static final Duration ASK = Duration.ofSeconds(3);
    private static final long PAUSE_MILLIS = 100;

    private final Launcher launcher;
    private final Path work;
    private final Map<String, String> settings;
    private final int kafkaPort;
    private final List<Integer> discovery = new ArrayList<>();
    private final @Nullable Child[] nodes;
    private @Nullable Child broker;

    /**
     * Processes that are not started yet.
     *
     * @param work directory of everything that they write
     * @param size how many nodes
     * @param settings {@code GRID_*} values of every node, beside addresses and directories
     */
    public GridProcesses(Launcher launcher, Path work, int size, Map<String, String> settings) {
        this.launcher = launcher;
        this.work = work.toAbsolutePath();
        this.settings = new LinkedHashMap<>(settings);
        this.nodes = new Child[size];
        this.kafkaPort = Ports.any();
        for (int i = 0; i < size; i++) {
            discovery.add(Ports.any());
        }
    }

    /** Starts broker and nodes, and returns when all of them are ready. */
    public void start() throws InterruptedException {
        startBroker();
        for (int i = 0; i < nodes.length; i++) {
            startNode(i);
            int index = i;
            until(() -> file(index) != null, UP, "node " + i + " is not up");
        }
        awaitReady(UP);
    }

    /** Starts the broker, on the data that it left, and returns when the topic answers. */
    public void startBroker() throws InterruptedException {
        Child started = Child.start(
                        launcher,
                        "kafka",
                        List.of(
                                "kafka",
                                "--port",
                                Integer.toString(kafkaPort),
                                "--data",
                                work.resolve("kafka").toString(),
                                "--partitions",
                                Integer.toString(PARTITIONS)),
                        Map.of(),
                        work.resolve("kafka.log"))
                .endingWithUs();
        broker = started;
        until(() -> started.line("kafka ready on") != null, UP, "the broker is not ready");
        try (Topics topics = topics()) {
            topics.ensure(TOPIC, PARTITIONS);
        }
    }

    /** Gives the nodes that are started from now on another value of a setting. */
    public void change(String setting, String value) {
        settings.put(setting, value);
    }

    /** Starts a node and returns at once. */
    public void startNode(int index) {
        Map<String, String> environment = new LinkedHashMap<>(settings);
        environment.put("GRID_WORK_DIR", work.toString());
        environment.put("GRID_OFFLINE_URI", tier());
        environment.put("GRID_KAFKA_BOOTSTRAP", bootstrap());
        environment.put("GRID_NODE_NAME", "node-" + index);
        environment.put("GRID_EXPECTED_NODES", Integer.toString(nodes.length));
        environment.put("GRID_LOG_READINGS", "false");
        environment.put("GRID_DEADLINE_MS", "10000");
        environment.put("GRID_DISCOVERY_PORT", discovery.get(index).toString());
        environment.put(
                "GRID_PEERS",
                String.join(
                        ",", discovery.stream().map(port -> "127.0.0.1:" + port).toList()));
        environment.put("GRID_HTTP_PORT", "0");
        nodes[index] = Child.start(
                        launcher,
                        "node-" + index,
                        List.of("node", "--env", "local", "--restart", "--json"),
                        environment,
                        work.resolve("node-" + index + ".log"))
                .endingWithUs();
    }

    /** Waits until every node says that it is ready. */
    public void awaitReady(Duration time) throws InterruptedException {
        until(
                () -> {
                    for (int i = 0; i < nodes.length; i++) {
                        NodeFile file = file(i);
                        if (file == null || !ApiClient.of(file.api(), ASK).ready()) {
                            return false;
                        }
                    }
                    return true;
                },
                time,
                "not every node is ready; see " + work);
    }

    /**
     * Waits until every node says that it is ready, and no rows move between nodes any more: what a node that fails next takes
     * with it is on others then.
     */
    public void awaitSettled(Duration time) throws InterruptedException {
        HttpClient http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        long end = System.nanoTime() + time.toNanos();
        awaitReady(time);
        while (!isSettled(http)) {
            if (System.nanoTime() > end) {
                throw new GridException(
                        ErrorCode.DEADLINE_EXCEEDED, "rows still move after " + time.toSeconds() + " s; see " + work);
            }
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        }
    }

    private boolean isSettled(HttpClient http) throws InterruptedException {
        for (int i = 0; i < nodes.length; i++) {
            NodeFile file = file(i);
            if (file == null || !NodeMetrics.of(http, file.api()).isSettled()) {
                return false;
            }
        }
        return true;
    }

    /** {@code kill -9} of a node: its launcher first, so that nobody starts it again. */
    public void kill(int index) throws InterruptedException {
        Child child = nodes[index];
        if (child != null) {
            child.kill();
            child.awaitEnd(KILLED);
        }
    }

    /** {@code kill -9} of what runs the node; its launcher starts it again. */
    public void crash(int index) {
        NodeFile file = file(index);
        if (file != null) {
            ProcessHandle.of(file.pid()).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    /**
     * SIGTERM of a node, and waits for its end in order.
     *
     * @throws GridException INTERNAL where it does not end in time, or not with exit code 0; it is dead then
     */
    public void stopNode(int index) throws InterruptedException {
        Child child = nodes[index];
        if (child == null) {
            return;
        }
        child.ask();
        boolean ended = child.awaitEnd(STOPPED);
        if (!ended) {
            kill(index);
        }
        if (!ended || child.exitCode() != 0) {
            throw new GridException(
                    ErrorCode.INTERNAL,
                    "node " + index
                            + (ended
                                    ? " ended with exit code " + child.exitCode() + " on SIGTERM"
                                    : " did not stop within " + STOPPED.toSeconds() + " s and was killed")
                            + "; see " + child.log());
        }
    }

    /** Sends a signal, such as STOP and CONT, to what runs the node. */
    public void signal(int index, String name) throws InterruptedException {
        NodeFile file = file(index);
        if (file == null) {
            throw new GridException(ErrorCode.NOT_READY, "node " + index + " is not up");
        }
        try {
            Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(file.pid()))
                    .inheritIO()
                    .start();
            if (!kill.waitFor(SIGNALLED.toMillis(), TimeUnit.MILLISECONDS)) {
                kill.destroyForcibly();
                throw new GridException(ErrorCode.DEADLINE_EXCEEDED, "the signal " + name + " was not sent");
            }
            if (kill.exitValue() != 0) {
                throw new GridException(ErrorCode.INTERNAL, "the signal " + name + " was refused");
            }
        } catch (IOException noKill) {
            throw new GridException(ErrorCode.INTERNAL, "cannot send a signal: " + noKill.getMessage(), noKill);
        }
    }

    /** {@code kill -9} of the broker. */
    public void killBroker() throws InterruptedException {
        Child child = broker;
        if (child != null) {
            child.kill();
            child.awaitEnd(KILLED);
        }
    }

    /** Index of the oldest node, which coordinates the grid. */
    public int coordinator() {
        for (String address : addresses()) {
            try {
                String oldest =
                        ApiClient.of(address, ASK).status().at("/nodes/0/name").asText();
                return Integer.parseInt(oldest.replaceAll("\\D+", ""));
            } catch (GridException | NumberFormatException silent) {
                LOG.debug("{} does not know the oldest node", address, silent);
            }
        }
        throw new GridException(ErrorCode.NOT_READY, "no node knows the oldest");
    }

    /** Feature APIs of the nodes that are up. */
    public List<String> addresses() {
        List<String> addresses = new ArrayList<>();
        for (int i = 0; i < nodes.length; i++) {
            NodeFile file = file(i);
            if (file != null) {
                addresses.add(file.api());
            }
        }
        return addresses;
    }

    /** Feature APIs of all nodes; NOT_READY where one of them is not up. */
    public List<String> allAddresses() {
        List<String> addresses = new ArrayList<>();
        for (int i = 0; i < nodes.length; i++) {
            addresses.add(address(i));
        }
        return addresses;
    }

    /** Feature API of a node; NOT_READY where it is not up. */
    public String address(int index) {
        return node(index).api();
    }

    /** Process that runs a node; NOT_READY where it is not up. */
    public long pid(int index) {
        return node(index).pid();
    }

    /** What a node says of itself; NOT_READY where it is not up. */
    public NodeFile node(int index) {
        NodeFile file = file(index);
        if (file == null) {
            throw new GridException(ErrorCode.NOT_READY, "node " + index + " is not up");
        }
        return file;
    }

    /** Waits until a node is up in another process than {@code before}. */
    public void awaitOther(int index, long before, Duration time) throws InterruptedException {
        until(
                () -> {
                    NodeFile file = file(index);
                    return file != null && file.pid() != before;
                },
                time,
                "node " + index + " did not start again");
    }

    /** What the nodes that are up say of themselves. */
    public List<NodeFile> up() {
        List<NodeFile> up = new ArrayList<>();
        for (int i = 0; i < nodes.length; i++) {
            NodeFile file = file(i);
            if (file != null) {
                up.add(file);
            }
        }
        return up;
    }

    /**
     * Reads every file of the tier with {@code offline verify}, in a process of its own, and says what it found.
     *
     * @return its JSON object: {@code tables} with {@code rows}, {@code repeated}, {@code damaged} and more, and {@code ok}
     */
    public JsonNode verifyTier() throws InterruptedException {
        Path answer = work.resolve("verify-" + System.nanoTime() + ".json");
        Child verify = Child.start(
                        launcher, "verify", List.of("offline", "verify", "--tier", tier(), "--json"), Map.of(), answer)
                .endingWithUs();
        if (!verify.awaitEnd(CHECKED)) {
            verify.kill();
            throw new GridException(ErrorCode.DEADLINE_EXCEEDED, "the tier was not read in " + CHECKED);
        }
        String object = verify.line("{");
        if (object == null) {
            throw new GridException(ErrorCode.INTERNAL, "offline verify failed: " + verify.tail(3));
        }
        return Json.parse(object);
    }

    /** Root of the offline tier. */
    public String tier() {
        return work.resolve("offline").toUri().toString();
    }

    public int size() {
        return nodes.length;
    }

    public KafkaSettings kafka() {
        return KafkaSettings.of(bootstrap(), null);
    }

    public Topics topics() {
        return Topics.of(kafka(), Duration.ofSeconds(20));
    }

    /** Ends everything, the broker last. A node whose grid is gone before it has no order to stop in. */
    @Override
    public void close() {
        try {
            for (int i = nodes.length - 1; i >= 0; i--) {
                try {
                    stopNode(i);
                } catch (GridException disorderly) {
                    LOG.info("at the end: {}", disorderly.reason());
                }
            }
        } catch (InterruptedException interrupted) {
            for (Child child : nodes) {
                if (child != null) {
                    child.kill();
                }
            }
            Thread.currentThread().interrupt();
        }
        Child kafka = broker;
        if (kafka != null) {
            kafka.stop(KILLED);
        }
    }

    private String bootstrap() {
        return "localhost:" + kafkaPort;
    }

    private @Nullable NodeFile file(int index) {
        Child child = nodes[index];
        return child == null || !child.isAlive() ? null : NodeFile.of(work, child);
    }

    private static void until(BooleanSupplier condition, Duration time, String failure) throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new GridException(ErrorCode.DEADLINE_EXCEEDED, failure + " after " + time.toSeconds() + " s");
            }
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        }
    }
}
