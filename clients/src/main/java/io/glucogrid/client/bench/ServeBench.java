package io.glucogrid.client.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.cgm.Cgm;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import io.glucogrid.client.process.Launcher;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/**
 * Online reads against the least that this server could do: the same bytes from a bare handler, in a process of its own. Both take
 * turns, so that what else the machine does hits both; a ratio is the median over the turns, a percentile is over all of them.
 * Then what a read costs the network of three nodes.
 */
final class ServeBench {
    private static final int CONNECTIONS = 8;
    private static final int TURNS = 5;
    private static final Duration WARM_UP = Duration.ofSeconds(6);
    private static final Duration TURN = Duration.ofSeconds(3);

    /** Of what the node can do: busy, and not in a queue. */
    private static final double OPEN_LOAD = 0.5;

    private static final long SUBJECT = 163669001;
    private static final int WIDE_ENTITIES = 100;
    private static final int WIDE_FEATURES = 50;
    private static final int WIDE_WARM_UP = 10_000;
    private static final int WIDE_COUNT = 10_000;

    private final Launcher launcher;
    private final Path workDir;
    private final Consumer<String> progress;

    ServeBench(Launcher launcher, Path workDir, Consumer<String> progress) {
        this.launcher = launcher;
        this.workDir = workDir;
        this.progress = progress;
    }

    List<Figure> run() {
        List<Figure> figures = new ArrayList<>(reads());
        progress.accept("three nodes, three views");
        figures.add(new HopBench(launcher, workDir).run());
        return figures;
    }

    private List<Figure> reads() {
        progress.accept("starting a node in " + workDir);
        Map<String, String> definitions =
                Map.of("GRID_FEATURES", "classpath:glucogrid/features.yaml," + wideDefinitions());
        try (BenchNode node = BenchNode.start(launcher, workDir, definitions)) {
            byte[] request = push(node);
            try (BareNode bare = BareNode.start(workDir, request, answer(node.api(), request))) {
                Load load = new Load(CONNECTIONS);
                progress.accept("warming up");
                for (URI server : List.of(bare.api(), node.api())) {
                    load.closed(server, request, WARM_UP);
                }
                progress.accept("closed loop, " + CONNECTIONS + " connections");
                double[] bareRate = new double[TURNS];
                double[] nodeRate = new double[TURNS];
                double[] ratio = new double[TURNS];
                for (int turn = 0; turn < TURNS; turn++) {
                    bareRate[turn] = load.closed(bare.api(), request, TURN).perSecond();
                    nodeRate[turn] = load.closed(node.api(), request, TURN).perSecond();
                    ratio[turn] = nodeRate[turn] / bareRate[turn];
                }
                double rate = median(nodeRate);
                say("closed loop: bare %.0f/s, node %.0f/s", median(bareRate), rate);
                Histogram bareNanos = new Histogram(3);
                Histogram nodeNanos = new Histogram(3);
                for (int turn = 0; turn < TURNS; turn++) {
                    bareNanos.add(load.open(bare.api(), request, TURN, rate * OPEN_LOAD)
                            .nanos());
                    nodeNanos.add(load.open(node.api(), request, TURN, rate * OPEN_LOAD)
                            .nanos());
                }
                say(
                        "open loop at %.0f/s: p50 bare %.3f ms, node %.3f ms; p99 bare %.3f ms, node %.3f ms",
                        rate * OPEN_LOAD,
                        millis(bareNanos, 50),
                        millis(nodeNanos, 50),
                        millis(bareNanos, 99),
                        millis(nodeNanos, 99));
                progress.accept(WIDE_ENTITIES + " entities of " + WIDE_FEATURES + " features");
                Histogram wide = Latency.measure(node.api(), List.of(pushWide(node)), WIDE_WARM_UP, WIDE_COUNT);
                say("wide: p50 %.3f ms, p99 %.3f ms", millis(wide, 50), millis(wide, 99));
                return List.of(
                        new Figure("throughput_against_bare", median(ratio), "ratio", 0.65, true),
                        new Figure("p99_against_bare", millis(nodeNanos, 99) / millis(bareNanos, 99), "ratio", 2),
                        new Figure("wide_read_p99", millis(wide, 99), "ms", 5));
            }
        }
    }

    private void say(String format, Object... values) {
        progress.accept(String.format(Locale.ROOT, format, values));
    }

    private static byte[] push(BenchNode node) {
        ObjectNode event = Json.object()
                .put("event_timestamp", 1391581982)
                .put(Cgm.SUBJECT, SUBJECT)
                .put(Cgm.GLUCOSE, 111)
                .put("created", 1391581982);
        push(node, "cgm_stats_push_source", event);
        return WireClient.post(
                "/get_online_features",
                "{\"entities\":[{\"subject_id\":" + SUBJECT + "}],\"feature_service\":\"" + Cgm.ONLINE_SERVICE + "\"}");
    }

    private static void push(BenchNode node, String source, ObjectNode event) {
        ObjectNode push = Json.object().put("push_source_name", source).put("store_type", "online");
        push.set("event", event);
        ApiClient.of(node.api().toString(), Duration.ofSeconds(10)).post("/push_stream_event", push);
    }

    private static byte[] answer(URI server, byte[] request) {
        try (WireClient client = WireClient.connect(server)) {
            return client.exchange(request).body();
        } catch (IOException broken) {
            throw new GridException(ErrorCode.NOT_READY, "the node does not answer: " + broken.getMessage(), broken);
        }
    }

    private Path wideDefinitions() {
        String columns = IntStream.range(0, WIDE_FEATURES)
                .mapToObj(i -> "f" + i + ": DOUBLE")
                .collect(Collectors.joining(", "));
        String text = String.join(
                "\n",
                "apiVersion: glucogrid/v1",
                "project: cgm_ignite_feast_kafka",
                "sources:",
                "  wide_source: {kind: parquet, table: wide, timestamp_field: event_timestamp,"
                        + " created_timestamp_column: created}",
                "  wide_push_source: {kind: push, batch_source: wide_source}",
                "feature_views:",
                "  wide: {entities: [subject], online: true, source: wide_push_source, schema: {" + columns + "}}",
                "feature_services:",
                "  wide: [wide]",
                "");
        Path file = workDir.resolve("wide.yaml");
        try {
            return Files.writeString(file, text, StandardCharsets.UTF_8);
        } catch (IOException unwritable) {
            throw new GridException(
                    ErrorCode.STORAGE_UNAVAILABLE, "cannot write " + file + ": " + unwritable.getMessage(), unwritable);
        }
    }

    private static byte[] pushWide(BenchNode node) {
        for (int entity = 0; entity < WIDE_ENTITIES; entity++) {
            ObjectNode event = Json.object()
                    .put("event_timestamp", 1391581982)
                    .put(Cgm.SUBJECT, entity)
                    .put("created", 1391581982);
            for (int feature = 0; feature < WIDE_FEATURES; feature++) {
                event.put("f" + feature, entity + feature / 7.0);
            }
            push(node, "wide_push_source", event);
        }
        return WireClient.post(
                "/get_online_features",
                IntStream.range(0, WIDE_ENTITIES)
                        .mapToObj(entity -> "{\"subject_id\":" + entity + "}")
                        .collect(Collectors.joining(",", "{\"entities\":[", "],\"feature_service\":\"wide\"}")));
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static double millis(Histogram nanos, double percentile) {
        return nanos.getValueAtPercentile(percentile) / 1e6;
    }
}
