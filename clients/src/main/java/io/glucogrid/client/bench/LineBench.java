package io.glucogrid.client.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.cgm.Cgm;
import io.glucogrid.cgm.Reading;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import io.glucogrid.client.process.Child;
import io.glucogrid.client.process.Launcher;
import io.glucogrid.client.produce.Replay;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;

/**
 * The marks of the whole line: how soon a node answers, how much memory it holds idle, and how long an online and a historical
 * read take over HTTP, one request at a time.
 */
final class LineBench {
    private static final Duration SETTLE = Duration.ofSeconds(10);
    private static final Duration LOAD = Duration.ofMinutes(5);
    private static final int SUBJECTS = 50;
    private static final int WARM_UP = 20_000;
    private static final int COUNT = 20_000;
    private static final int HISTORICAL_WARM_UP = 5_000;
    private static final int HISTORICAL_COUNT = 5_000;

    private final Launcher launcher;
    private final Path workDir;
    private final Consumer<String> progress;

    LineBench(Launcher launcher, Path workDir, Consumer<String> progress) {
        this.launcher = launcher;
        this.workDir = workDir;
        this.progress = progress;
    }

    /** Runs all of it over the readings of {@code data}. */
    List<Figure> run(Path data) {
        List<Figure> figures = new ArrayList<>();
        progress.accept("starting a node in " + workDir);
        try (BenchNode node = BenchNode.start(launcher, workDir, Map.of())) {
            figures.add(new Figure("first_answer", node.firstAnswerSeconds(), "s", 6));
            progress.accept(String.format(
                    Locale.ROOT,
                    "the first offline push took %.0f ms, the second %.0f ms",
                    offlinePush(node),
                    offlinePush(node)));
            progress.accept("waiting " + SETTLE.toSeconds() + " s for the node to idle");
            BenchNode.pause(SETTLE);
            figures.add(new Figure("idle_rss", node.residentMb(), "MB", 450));
            progress.accept("online reads");
            Histogram online = online(node);
            figures.add(new Figure("online_read_p50", millis(online, 50), "ms", 0.5));
            progress.accept("loading " + data);
            load(node, data);
            progress.accept("historical reads");
            Histogram historical = historical(node, data);
            figures.add(new Figure("historical_read_p50", millis(historical, 50), "ms", 5));
            progress.accept(String.format(
                    Locale.ROOT,
                    "p99: online %.3f ms, historical %.3f ms; RSS after the reads %.0f MB",
                    millis(online, 99),
                    millis(historical, 99),
                    node.residentMb()));
        }
        return figures;
    }

    /** Milliseconds until a pushed reading is durable. */
    private static double offlinePush(BenchNode node) {
        ApiClient api = ApiClient.of(node.api().toString(), Duration.ofSeconds(60));
        ObjectNode push =
                Json.object().put("push_source_name", "cgm_stats_push_source").put("store_type", "offline");
        push.putObject("event")
                .put("event_timestamp", 1391581982)
                .put(Cgm.SUBJECT, 1)
                .put(Cgm.GLUCOSE, 100)
                .put("created", 1391581982);
        long start = System.nanoTime();
        api.post("/push_stream_event", push);
        return (System.nanoTime() - start) / 1e6;
    }

    private static Histogram online(BenchNode node) {
        ApiClient api = ApiClient.of(node.api().toString(), Duration.ofSeconds(10));
        List<byte[]> requests = new ArrayList<>();
        for (int i = 0; i < SUBJECTS; i++) {
            long subject = 163669001L + i;
            ObjectNode push = Json.object()
                    .put("push_source_name", "cgm_stats_push_source")
                    .put("store_type", "online");
            push.putObject("event")
                    .put("event_timestamp", 1391581982)
                    .put(Cgm.SUBJECT, subject)
                    .put(Cgm.GLUCOSE, 100 + i)
                    .put("created", 1391581982);
            api.post("/push_stream_event", push);
            requests.add(WireClient.post(
                    "/get_online_features",
                    "{\"entities\":[{\"subject_id\":" + subject + "}],\"feature_service\":\"" + Cgm.ONLINE_SERVICE
                            + "\"}"));
        }
        return Latency.measure(node.api(), requests, WARM_UP, COUNT);
    }

    private void load(BenchNode node, Path data) {
        Child load = Child.start(
                        launcher,
                        "load",
                        List.of(
                                "load",
                                data.toAbsolutePath().toString(),
                                "--json",
                                "--tier",
                                node.tier(),
                                "--api",
                                node.api().toString()),
                        Map.of(),
                        workDir.resolve("load.log"))
                .endingWithUs();
        boolean ended = false;
        try {
            ended = load.awaitEnd(LOAD);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        if (!ended) {
            load.stop(Duration.ofSeconds(5));
        }
        if (!ended || load.exitCode() != 0) {
            throw new GridException(
                    ErrorCode.INTERNAL, "load failed; the end of " + load.log() + ":\n" + load.tail(25));
        }
    }

    /** One row per request, at the time of some reading, so that every answer is a value; what is timed was not asked before. */
    private static Histogram historical(BenchNode node, Path data) {
        List<Reading> readings = new ArrayList<>();
        Replay.readings(data, readings::add);
        Collections.shuffle(readings, new Random(1));
        List<byte[]> requests = new ArrayList<>();
        for (Reading reading : readings.subList(0, Math.min(readings.size(), HISTORICAL_WARM_UP + HISTORICAL_COUNT))) {
            BigDecimal at = BigDecimal.valueOf(reading.eventMicros(), 6).stripTrailingZeros();
            requests.add(WireClient.post(
                    "/get_historical_features",
                    "{\"features\":[\"cgm_hourly_stats:glucose\"],\"entities\":[{\"subject_id\":" + reading.subjectId()
                            + ",\"event_timestamp\":" + at.toPlainString() + "}]}"));
        }
        return Latency.measure(node.api(), requests, HISTORICAL_WARM_UP, HISTORICAL_COUNT);
    }

    private static double millis(Histogram nanos, double percentile) {
        return nanos.getValueAtPercentile(percentile) / 1e6;
    }
}
