package io.glucogrid.client.bench;

import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import io.glucogrid.client.process.Launcher;
import io.glucogrid.client.process.Ports;
import io.glucogrid.client.produce.Topics;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;

/**
 * How fast readings come from the topic to where they belong, against a consumer that only parses them.
 *
 * <p>Each path is measured alone: one stream takes as many readings as are timed later while they are sent, which warms it up;
 * then both are paused, readings are sent, the one goes on, and the committed offsets of its group are watched: an offset is
 * committed only when its reading is applied (online) or durable (offline). The rate of a path is all that is timed over all the
 * time that it took, pauses included; the rates of equal stretches are only shown beside it. The bare consumer reads the same readings before and after the single node's paths, in rounds of which the
 * first warms up; its rate is the median of the others.
 */
final class IngestBench {
    private static final Duration STEP = Duration.ofMillis(20);
    private static final int STRETCHES = 5;
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(4);
    private static final String FEATURES = "glucogrid/features.yaml";
    private static final double FRESH_RATE = 1_000;
    private static final int NODES = 3;

    private final Launcher launcher;
    private final Path workDir;
    private final int readings;
    private final int subjects;
    private final Consumer<String> progress;
    private final List<Double> bare = new ArrayList<>();
    private Map<Integer, Long> measured = Map.of();

    /** @param readings how many are timed each time; as many more warm up */
    IngestBench(Launcher launcher, Path workDir, int readings, int subjects, Consumer<String> progress) {
        this.launcher = launcher;
        this.workDir = workDir;
        this.readings = readings;
        this.subjects = subjects;
        this.progress = progress;
    }

    List<Figure> run() {
        progress.accept("starting a broker in " + workDir);
        try (BenchBroker broker = BenchBroker.start(launcher, workDir);
                Topics topics = broker.topics();
                IngestLoad load = IngestLoad.to(broker.settings(), subjects)) {
            double fresh;
            double predicted;
            try (BenchNode node = node(broker, "predicting", Map.of())) {
                predicted = drained("online with prediction", load, topics, node, "online");
                api(node).post("/streams/resume", Json.object());
                awaitDrained(topics, List.of("online", "offline"));
                fresh = fresh(broker, node);
            }
            Path plain = definitionsWithoutServices();
            double online;
            double offline;
            try (BenchNode node = node(broker, "plain", Map.of("GRID_FEATURES", plain.toString()))) {
                awaitDrained(topics, List.of("online", "offline"));
                compare(broker);
                online = drained("online", load, topics, node, "online");
                offline = resumed("offline", topics, node, "offline");
                compare(broker);
            }
            double three = threeNodes(broker, topics, load, plain);
            double best = median(bare);
            say("bare consumer: %.0f readings/s, the median of %s", best, rounded(bare));
            return List.of(
                    new Figure("online_against_bare", online / best, "ratio", 0.15, true),
                    new Figure("offline_against_bare", offline / best, "ratio", 0.3, true),
                    new Figure("online_with_prediction_against_bare", predicted / best, "ratio", 0.1, true),
                    new Figure("online_rate", online, "readings/s", 30_000, true),
                    new Figure("three_nodes_against_one", three / online, "ratio", 0.6, true),
                    new Figure("freshness_p99", fresh, "ms", 20));
        }
    }

    private BenchNode node(BenchBroker broker, String name, Map<String, String> settings) {
        progress.accept("starting a node: " + name);
        Map<String, String> all = new HashMap<>();
        all.put("GRID_KAFKA_BOOTSTRAP", broker.settings().bootstrap());
        all.put("GRID_LOG_READINGS", "false");
        all.put("GRID_NODE_NAME", name);
        all.putAll(settings);
        BenchNode node = BenchNode.start(
                launcher, directory(name), all, api -> ApiClient.of(api.toString(), Duration.ofSeconds(2))
                        .ready());
        awaitRunning(node);
        return node;
    }

    private double fresh(BenchBroker broker, BenchNode node) {
        say("freshness at %.0f readings/s", FRESH_RATE);
        Histogram nanos = new Freshness(broker.settings(), node.api())
                .measure(FRESH_RATE, Duration.ofSeconds(15), Duration.ofSeconds(20));
        say(
                "freshness: p50 %.2f ms, p99 %.2f ms, most %.2f ms of %d",
                millis(nanos, 50), millis(nanos, 99), millis(nanos, 100), nanos.getTotalCount());
        return millis(nanos, 99);
    }

    /** Readings per second of one stream, on its own and warm, over readings that are sent now. */
    private double drained(String what, IngestLoad load, Topics topics, BenchNode node, String stream) {
        api(node).post("/streams/pause", Json.object());
        api(node).post("/streams/resume", Json.object().put("stream", stream));
        load.send(readings);
        awaitDrained(topics, List.of(stream));
        api(node).post("/streams/pause", Json.object().put("stream", stream));
        measured = topics.ends(BenchBroker.TOPIC);
        load.send(readings);
        return resumed(what, topics, node, stream);
    }

    /** Lets a stream go on, watches it to the end of the topic, and pauses it again. */
    private double resumed(String what, Topics topics, BenchNode node, String stream) {
        long end = sum(topics.ends(BenchBroker.TOPIC));
        api(node).post("/streams/resume", Json.object().put("stream", stream));
        long from = awaitCommitted(topics, stream, end - readings + 1);
        long first = from;
        long start = System.nanoTime();
        long began = start;
        List<Double> rates = new ArrayList<>();
        for (int stretch = 1; stretch <= STRETCHES; stretch++) {
            long committed = awaitCommitted(topics, stream, first + (end - first) * stretch / STRETCHES);
            long now = System.nanoTime();
            rates.add((committed - from) / ((now - began) / 1e9));
            from = committed;
            began = now;
        }
        api(node).post("/streams/pause", Json.object().put("stream", stream));
        double rate = (from - first) / ((began - start) / 1e9);
        say("%s: %.0f readings/s over all, by stretch %s", what, rate, rounded(rates));
        return rate;
    }

    private double threeNodes(BenchBroker broker, Topics topics, IngestLoad load, Path definitions) {
        int discovery = Ports.any();
        List<BenchNode> nodes = new ArrayList<>();
        try {
            for (int i = 0; i < NODES; i++) {
                Map<String, String> settings = new HashMap<>();
                settings.put("GRID_FEATURES", definitions.toString());
                settings.put("GRID_PEERS", "127.0.0.1:" + discovery);
                settings.put(
                        "GRID_OFFLINE_URI",
                        workDir.resolve("shared-offline").toUri().toString());
                if (i == 0) {
                    settings.put("GRID_DISCOVERY_PORT", Integer.toString(discovery));
                }
                nodes.add(node(broker, "of-three-" + (i + 1), settings));
            }
            awaitDrained(topics, List.of("online", "offline"));
            return drained("online, three nodes", load, topics, nodes.get(0), "online");
        } finally {
            for (int i = nodes.size() - 1; i >= 0; i--) {
                nodes.get(i).close();
            }
        }
    }

    private void compare(BenchBroker broker) {
        List<Double> rates = BareConsumers.rates(broker.settings(), workDir, measured);
        bare.addAll(rates);
    }

    /** The paths that only store: the shipped definitions without services, so that there is nothing to predict from. */
    private Path definitionsWithoutServices() {
        Path file = workDir.resolve("ingest.yaml");
        try (InputStream in = IngestBench.class.getClassLoader().getResourceAsStream(FEATURES)) {
            if (in == null) {
                throw new GridException(ErrorCode.INTERNAL, FEATURES + " is not on the class path");
            }
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return Files.writeString(file, text.substring(0, text.indexOf("\nfeature_services:")) + "\n");
        } catch (IOException failed) {
            throw new GridException(ErrorCode.STORAGE_UNAVAILABLE, "cannot write " + file + ": " + failed, failed);
        }
    }

    private Path directory(String name) {
        try {
            return Files.createDirectories(workDir.resolve(name));
        } catch (IOException failed) {
            throw new GridException(ErrorCode.STORAGE_UNAVAILABLE, "cannot make a directory: " + failed, failed);
        }
    }

    private static void awaitRunning(BenchNode node) {
        long late = System.nanoTime() + PATIENCE_NANOS;
        while (true) {
            String states = api(node).get("/ready").body().path("streams").toString();
            if (states.contains("\"online\":\"running\"") && states.contains("\"offline\":\"running\"")) {
                return;
            }
            if (System.nanoTime() > late) {
                throw new GridException(ErrorCode.DEADLINE_EXCEEDED, "the streams do not run: " + states);
            }
            BenchNode.pause(Duration.ofMillis(50));
        }
    }

    private void awaitDrained(Topics topics, List<String> groups) {
        long end = sum(topics.ends(BenchBroker.TOPIC));
        groups.forEach(group -> awaitCommitted(topics, group, end));
    }

    /** Waits until so many readings are committed; returns how many there are then. */
    private static long awaitCommitted(Topics topics, String group, long wanted) {
        long late = System.nanoTime() + PATIENCE_NANOS;
        while (true) {
            long committed = sum(topics.committed(group, BenchBroker.TOPIC));
            if (committed >= wanted) {
                return committed;
            }
            if (System.nanoTime() > late) {
                throw new GridException(
                        ErrorCode.DEADLINE_EXCEEDED,
                        "group " + group + " has committed " + committed + " of " + wanted + " readings");
            }
            BenchNode.pause(STEP);
        }
    }

    private static ApiClient api(BenchNode node) {
        URI api = node.api();
        return ApiClient.of(api.toString(), Duration.ofSeconds(70));
    }

    private static long sum(Map<Integer, Long> offsets) {
        return offsets.values().stream().mapToLong(Long::longValue).sum();
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    private static List<Long> rounded(List<Double> values) {
        return values.stream().map(Math::round).toList();
    }

    private static double millis(Histogram nanos, double percentile) {
        return nanos.getValueAtPercentile(percentile) / 1e6;
    }

    private void say(String format, Object... values) {
        progress.accept(String.format(Locale.ROOT, format, values));
    }
}
