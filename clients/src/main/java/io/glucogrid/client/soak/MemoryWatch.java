package io.glucogrid.client.soak;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.glucogrid.client.Json;
import io.glucogrid.client.process.NodeFile;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
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
import java.util.regex.Pattern;

/**
 * Measures the memory of nodes over time, from outside, and remembers it for {@link MemoryJudge}.
 *
 * <p>Each node that has run for a while collects its garbage and says at once what is left on its heap (its own metric of that is
 * up to three seconds old, so mostly of before), how much of its regions is used, and the system says what its process holds (Linux
 * only). A node that cannot be made to collect, or that does not name one of the figures, is not measured at all: no figure stands
 * for another.
 */
final class MemoryWatch {
    private static final String ONLINE_USED = "ignite_io_dataregion_TotalUsedSize{region=\"default\"}";
    private static final String HISTORY_USED = "ignite_io_dataregion_TotalUsedSize{region=\"history\"}";
    private static final String RESIDENT = "VmRSS:";
    private static final Duration WAIT = Duration.ofSeconds(20);

    /** A process that has just started has loaded little of what it needs. */
    private static final Duration GROWN_UP = Duration.ofSeconds(30);

    /** Of {@code GC.heap_info}, whatever the collector: each generation's line, and not the classes'. */
    private static final Pattern USED =
            Pattern.compile("^(?! *(?:Metaspace|class space)).*\\bused (\\d+)K", Pattern.MULTILINE);

    private final Path commands;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final List<Measure> measures = new ArrayList<>();
    private final Map<Long, String> up = new LinkedHashMap<>();
    private final long startNanos = System.nanoTime();

    private MemoryWatch(Path commands) {
        this.commands = commands;
    }

    /** A watch that writes what it asks processes for into a directory. */
    static MemoryWatch in(Path directory) {
        Path commands = directory.resolve("jcmd.txt");
        try {
            Files.writeString(commands, "GC.run\nGC.heap_info\n");
        } catch (IOException unwritable) {
            throw new GridException(
                    ErrorCode.STORAGE_UNAVAILABLE,
                    "cannot write " + commands + ": " + unwritable.getMessage(),
                    unwritable);
        }
        return new MemoryWatch(commands);
    }

    /** Lets every node that has run for a while collect its garbage, and asks what is left; these nodes are up now. */
    void measure(List<NodeFile> nodes) throws InterruptedException {
        up.clear();
        for (NodeFile node : nodes) {
            up.put(node.pid(), node.name());
            long age = ageSeconds(node.pid());
            OptionalLong heap = age >= GROWN_UP.toSeconds() ? heapMb(node.pid()) : OptionalLong.empty();
            if (heap.isPresent()) {
                NodeMetrics metrics = NodeMetrics.of(http, node.api());
                OptionalLong online = metrics.mb(ONLINE_USED);
                OptionalLong history = metrics.mb(HISTORY_USED);
                OptionalLong resident = residentMb(node.pid());
                if (online.isPresent() && history.isPresent() && resident.isPresent()) {
                    measures.add(new Measure(
                            node.name(),
                            node.pid(),
                            TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNanos),
                            age,
                            heap.getAsLong(),
                            online.getAsLong(),
                            history.getAsLong(),
                            resident.getAsLong()));
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

    /** What a collection leaves, by the JDK's own tool; where only a runtime is installed, nothing is measured. */
    private OptionalLong heapMb(long pid) throws InterruptedException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        if (!Files.isExecutable(jcmd)) {
            return OptionalLong.empty();
        }
        Path answer = commands.resolveSibling("jcmd.out");
        try {
            Process run = new ProcessBuilder(jcmd.toString(), Long.toString(pid), "-f", commands.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(answer.toFile())
                    .start();
            if (!run.waitFor(WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
                run.destroyForcibly();
                return OptionalLong.empty();
            }
            return run.exitValue() == 0 ? usedMb(Files.readString(answer)) : OptionalLong.empty();
        } catch (IOException notRun) {
            return OptionalLong.empty();
        }
    }

    /** Of the text of {@code GC.heap_info}; empty where it does not say. */
    static OptionalLong usedMb(String heapInfo) {
        List<Long> used = USED.matcher(heapInfo)
                .results()
                .map(generation -> Long.valueOf(generation.group(1)))
                .toList();
        return used.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(used.stream().mapToLong(Long::longValue).sum() >> 10);
    }

    private static OptionalLong residentMb(long pid) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
                if (line.startsWith(RESIDENT)) {
                    return OptionalLong.of(Long.parseLong(line.replaceAll("\\D+", "")) / 1024);
                }
            }
        } catch (IOException gone) {
            return OptionalLong.empty();
        }
        return OptionalLong.empty();
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
