package io.glucogrid.client.bench;

import io.glucogrid.cgm.Cgm;
import io.glucogrid.client.process.Child;
import io.glucogrid.client.process.Launcher;
import io.glucogrid.client.process.Ports;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A node of the benchmark's own: on ports and in a directory of its own, alone or with others of the benchmark, without a broker. */
final class BenchNode implements AutoCloseable {
    private static final Duration STOP = Duration.ofSeconds(20);
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(90);
    private static final byte[] FIRST = WireClient.post(
            "/get_online_features",
            "{\"entities\":[{\"subject_id\":1}],\"feature_service\":\"" + Cgm.ONLINE_SERVICE + "\"}");

    private final Child child;
    private final URI api;
    private final int discovery;
    private final String tier;
    private final double firstAnswerSeconds;

    private BenchNode(Child child, URI api, int discovery, String tier, double firstAnswerSeconds) {
        this.child = child;
        this.api = api;
        this.discovery = discovery;
        this.tier = tier;
        this.firstAnswerSeconds = firstAnswerSeconds;
    }

    /**
     * Starts the node and waits for its first answer to a feature request.
     *
     * @param settings besides those that keep it apart from other nodes
     */
    static BenchNode start(Launcher launcher, Path workDir, Map<String, String> settings) {
        return start(launcher, workDir, settings, BenchNode::answers);
    }

    /**
     * Starts the node and waits until it is up.
     *
     * @param settings besides, and in the place of, those that keep it apart from other nodes
     * @param up asked about the address of its feature API
     */
    static BenchNode start(Launcher launcher, Path workDir, Map<String, String> settings, Predicate<URI> up) {
        int discovery = Ports.any();
        String tier = workDir.resolve("offline").toUri().toString();
        return start(launcher, workDir, settings, discovery, discovery, tier, up);
    }

    /** Starts another node of this one's grid, in a directory of its own. */
    BenchNode join(Launcher launcher, Path otherWorkDir, Map<String, String> settings) {
        return start(launcher, otherWorkDir, settings, Ports.any(), discovery, tier, BenchNode::answers);
    }

    private static BenchNode start(
            Launcher launcher,
            Path workDir,
            Map<String, String> settings,
            int discovery,
            int peer,
            String tier,
            Predicate<URI> up) {
        int http = Ports.any();
        Map<String, String> environment = new HashMap<>();
        environment.put("GRID_WORK_DIR", workDir.toString());
        environment.put(
                "GRID_NODE_NAME", workDir.getFileName().toString()); // the default counts within one work directory
        environment.put("GRID_OFFLINE_URI", tier);
        environment.put("GRID_HTTP_PORT", Integer.toString(http));
        environment.put("GRID_REST_PORT", Integer.toString(Ports.any()));
        environment.put("GRID_THIN_PORT", Integer.toString(Ports.any()));
        environment.put("GRID_DISCOVERY_PORT", Integer.toString(discovery));
        environment.put("GRID_PEERS", "127.0.0.1:" + peer);
        environment.put("GRID_EXPECTED_NODES", "1");
        environment.put("GRID_REGION_MB", "256");
        environment.put("GRID_KAFKA_BOOTSTRAP", "localhost:" + Ports.any());
        environment.putAll(settings);
        long start = System.nanoTime();
        Child child = Child.start(
                        launcher,
                        "node",
                        List.of("node", "--env", "local", "--json"),
                        environment,
                        workDir.resolve("node.log"))
                .endingWithUs();
        URI api = URI.create("http://127.0.0.1:" + http);
        while (!up.test(api)) {
            if (!child.isAlive() || System.nanoTime() - start > PATIENCE_NANOS) {
                String tail = child.tail(25);
                child.stop(STOP);
                throw new GridException(
                        ErrorCode.NOT_READY, "the node did not answer; the end of " + child.log() + ":\n" + tail);
            }
            pause(Duration.ofMillis(10));
        }
        return new BenchNode(child, api, discovery, tier, (System.nanoTime() - start) / 1e9);
    }

    URI api() {
        return api;
    }

    /** Root of the node's Parquet tier. */
    String tier() {
        return tier;
    }

    /** From the start of the process to the end of the first answer. */
    double firstAnswerSeconds() {
        return firstAnswerSeconds;
    }

    /** Memory that the process holds in RAM, in MiB. */
    double residentMb() {
        try {
            List<String> lines =
                    Files.readAllLines(Path.of("/proc", Long.toString(child.pid()), "status"), StandardCharsets.UTF_8);
            for (String line : lines) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
                }
            }
        } catch (IOException notLinux) {
            return Double.NaN;
        }
        return Double.NaN;
    }

    @Override
    public void close() {
        child.stop(STOP);
    }

    static void pause(Duration time) {
        try {
            TimeUnit.MILLISECONDS.sleep(time.toMillis());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new GridException(ErrorCode.DEADLINE_EXCEEDED, "interrupted", interrupted);
        }
    }

    private static boolean answers(URI api) {
        try (WireClient client = WireClient.connect(api)) {
            return client.exchange(FIRST).status() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }
}
