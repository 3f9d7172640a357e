package io.glucogrid.client.soak;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.glucogrid.client.Json;
import io.glucogrid.client.process.NodeFile;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * Measures the memory of nodes over time, from outside, and remembers it for {@link MemoryJudge}.
 *
 * <p>Each node that has run for a while collects its garbage, says what is left on its heap and how much of its regions is used,
 * and the system says what its process holds (Linux only). A node that cannot be made to collect, or that does not name one of
 * the figures, is not measured at all: no figure stands for another.
 */
final class MemoryWatch {
    private static final String HEAP_USED = "ignite_sys_memory_heap_used";
    private static final String ONLINE_USED = "ignite_io_dataregion_TotalUsedSize{region=\"default\"}";
    private static final String HISTORY_USED = "ignite_io_dataregion_TotalUsedSize{region=\"history\"}";
    private static final String RESIDENT = "VmRSS:";
    private static final Duration WAIT = Duration.ofSeconds(20);

    /** A process that has just started has loaded little of what it needs. */
    private static final Duration GROWN_UP = Duration.ofSeconds(30);

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final List<Measure> measures = new ArrayList<>();
    private final Map<Long, String> up = new LinkedHashMap<>();
    private final long startNanos = System.nanoTime();

    /** Lets every node that has run for a while collect its garbage, and asks what is left; these nodes are up now. */
    void measure(List<NodeFile> nodes) throws InterruptedException {
        up.clear();
        for (NodeFile node : nodes) {
            up.put(node.pid(), node.name());
            long age = ageSeconds(node.pid());
            if (age >= GROWN_UP.toSeconds() && collected(node.pid())) {
                NodeMetrics metrics = NodeMetrics.of(http, node.api());
                OptionalLong heap = metrics.mb(HEAP_USED);
                OptionalLong online = metrics.mb(ONLINE_USED);
                OptionalLong history = metrics.mb(HISTORY_USED);
                if (heap.isPresent() && online.isPresent() && history.isPresent()) {
                    measures.add(new Measure(
                            node.name(),
                            node.pid(),
                            TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNanos),
                            age,
                            heap.getAsLong(),
                            online.getAsLong(),
                            history.getAsLong(),
                            residentMb(node.pid())));
                }
            }
        }
    }

    private static long ageSeconds(long pid) {
        return ProcessHandle.of(pid)
                .flatMap(process -> process.info().startInstant())
                .map(start -> Duration.between(start, Instant.now()).toSeconds())
                .orElse(0L);
    }

    /** The JDK's own tool; where only a runtime is installed, nothing is measured. */
    private static boolean collected(long pid) throws InterruptedException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        if (!Files.isExecutable(jcmd)) {
            return false;
        }
        try {
            Process run = new ProcessBuilder(jcmd.toString(), Long.toString(pid), "GC.run")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!run.waitFor(WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
                run.destroyForcibly();
                return false;
            }
            return run.exitValue() == 0;
        } catch (IOException notRun) {
            return false;
        }
    }

    private static long residentMb(long pid) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
                if (line.startsWith(RESIDENT)) {
                    return Long.parseLong(line.replaceAll("\\D+", "")) / 1024;
                }
            }
        } catch (IOException gone) {
            return 0;
        }
        return 0;
    }

    /** What is wrong with the memory of the nodes, one sentence each; see {@link MemoryJudge}. */
    List<String> shortfalls() {
        return MemoryJudge.shortfalls(measures, up);
    }

    /** One line for each process: its age, and its levels in the order of time, MiB. */
    String text() {
        Map<Long, List<Measure>> lives = new LinkedHashMap<>();
        measures.forEach(measure ->
                lives.computeIfAbsent(measure.pid(), pid -> new ArrayList<>()).add(measure));
        List<String> lines = new ArrayList<>();
        for (List<Measure> life : lives.values()) {
            Measure last = life.get(life.size() - 1);
            lines.add("  " + last.node() + ", " + last.ageSeconds() + " s old: heap "
                    + life.stream().map(Measure::heapMb).toList() + ", online rows "
                    + life.get(0).onlineMb() + " to " + last.onlineMb() + ", history "
                    + life.get(0).historyMb() + " to " + last.historyMb() + ", resident "
                    + life.get(0).residentMb() + " to " + last.residentMb());
        }
        return String.join("\n", lines);
    }

    /** Every measure. */
    ArrayNode json() {
        ArrayNode all = Json.array();
        for (Measure measure : measures) {
            all.addObject()
                    .put("seconds", measure.atSeconds())
                    .put("node", measure.node())
                    .put("pid", measure.pid())
                    .put("age_seconds", measure.ageSeconds())
                    .put("heap_mb", measure.heapMb())
                    .put("online_region_mb", measure.onlineMb())
                    .put("history_region_mb", measure.historyMb())
                    .put("resident_mb", measure.residentMb());
        }
        return all;
    }
}
