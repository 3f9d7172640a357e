package io.glucogrid.client.soak;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.glucogrid.client.Json;
import io.glucogrid.client.process.NodeFile;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;

/**
 * Memory of the nodes over time, in two ways.
 *
 * <p>Resident memory of the processes, as the system counts it, is looked at all the time (Linux only). It says what the machine
 * has to have, but little about growth: faults replace processes, and a heap keeps what it once took. So now and then each node
 * that has run for a while collects its garbage, and then says what is left on its heap and how much of its regions is used.
 */
final class MemoryWatch {
    private static final int PARTS = 4;
    private static final double RESIDENT_FLAT = 1.2;
    private static final double HEAP_FLAT = 1.1;
    private static final long HEAP_SLACK_MB = 8;
    private static final double REGION_FLAT = 1.05;
    private static final long REGION_SLACK_MB = 4;
    private static final String RESIDENT = "VmRSS:";
    private static final String HEAP_USED = "ignite_sys_memory_heap_used";
    private static final String REGION_USED = "ignite_io_dataregion_TotalUsedSize";
    private static final Duration WAIT = Duration.ofSeconds(20);

    /** A process that has just started has loaded little of what it needs. */
    private static final Duration GROWN_UP = Duration.ofSeconds(40);

    private final List<Long> largestMb = new ArrayList<>();
    private final List<Long> atSeconds = new ArrayList<>();
    private final List<Round> rounds = new ArrayList<>();
    private final long startNanos = System.nanoTime();

    /** What a node needed after a collection, MiB: its heap, and what is used of its regions. */
    record Measure(String node, long ageSeconds, long heapMb, long onlineMb, long historyMb) {}

    /** Measures of one time, seconds since the start. */
    record Round(long atSeconds, List<Measure> nodes) {
        long largest(ToLongFunction<Measure> what) {
            return nodes.stream().mapToLong(what).max().orElse(0);
        }
    }

    /** Looks at the resident memory of the processes now. */
    void sample(List<NodeFile> nodes) {
        long largest = 0;
        for (NodeFile node : nodes) {
            largest = Math.max(largest, residentMb(node.pid()));
        }
        if (largest > 0) {
            largestMb.add(largest);
            atSeconds.add(seconds());
        }
    }

    /** Lets every node that has run for a while collect its garbage, and asks what is left. */
    void measure(List<NodeFile> nodes) throws InterruptedException {
        List<Measure> measures = new ArrayList<>();
        for (NodeFile node : nodes) {
            long age = ageSeconds(node.pid());
            if (age >= GROWN_UP.toSeconds() && collected(node.pid())) {
                String metrics = metrics(node.api());
                if (!metrics.isEmpty()) {
                    measures.add(new Measure(
                            node.name(),
                            age,
                            mb(metrics, HEAP_USED + " "),
                            mb(metrics, REGION_USED + "{region=\"default\"} "),
                            mb(metrics, REGION_USED + "{region=\"history\"} ")));
                }
            }
        }
        if (!measures.isEmpty()) {
            rounds.add(new Round(seconds(), measures));
        }
    }

    private long seconds() {
        return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNanos);
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

    private static String metrics(String api) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(api + "/metrics"))
                .timeout(WAIT)
                .build();
        try {
            return HttpClient.newHttpClient()
                    .send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8))
                    .body();
        } catch (IOException silent) {
            return "";
        }
    }

    private static long mb(String metrics, String name) {
        int at = metrics.indexOf("\n" + name);
        if (at < 0) {
            return 0;
        }
        int from = at + 1 + name.length();
        int to = metrics.indexOf('\n', from);
        return (long) Double.parseDouble(metrics.substring(from, to < 0 ? metrics.length() : to)) >> 20;
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

    /** Greatest resident memory of any process, in MiB, in each quarter of the time. */
    List<Long> quarters() {
        List<Long> quarters = new ArrayList<>();
        for (int part = 0; part < PARTS; part++) {
            int from = largestMb.size() * part / PARTS;
            int to = largestMb.size() * (part + 1) / PARTS;
            quarters.add(largestMb.subList(from, to).stream()
                    .mapToLong(Long::longValue)
                    .max()
                    .orElse(0));
        }
        return quarters;
    }

    /** Whether there are measures enough to tell growth from filling. */
    boolean isJudged() {
        return rounds.size() >= PARTS;
    }

    /**
     * Whether the last quarter of the time needed hardly more than the second: resident, on the heap, and in the online region;
     * true where that cannot be told.
     */
    boolean isFlat() {
        List<Long> quarters = quarters();
        boolean flat = quarters.get(PARTS - 1) <= quarters.get(1) * RESIDENT_FLAT
                && grewLittle(Measure::heapMb, HEAP_FLAT, HEAP_SLACK_MB)
                && grewLittle(Measure::onlineMb, REGION_FLAT, REGION_SLACK_MB);
        return flat || !isJudged();
    }

    private boolean grewLittle(ToLongFunction<Measure> what, double factor, long slackMb) {
        int size = rounds.size();
        long second = largest(size / PARTS, size / 2, what);
        return largest(size * (PARTS - 1) / PARTS, size, what) <= second * factor + slackMb;
    }

    private long largest(int from, int to, ToLongFunction<Measure> what) {
        return rounds.subList(from, to).stream()
                .mapToLong(round -> round.largest(what))
                .max()
                .orElse(0);
    }

    /** Largest heap, online region and history region of each round, MiB. */
    String text() {
        List<String> lines = new ArrayList<>();
        for (Round round : rounds) {
            lines.add("  after " + round.atSeconds() + " s: heap " + round.largest(Measure::heapMb) + ", online rows "
                    + round.largest(Measure::onlineMb) + ", history " + round.largest(Measure::historyMb));
        }
        return String.join("\n", lines);
    }

    /** Every sample of resident memory: seconds since the start, MiB. */
    ArrayNode json() {
        ArrayNode all = Json.array();
        for (int i = 0; i < largestMb.size(); i++) {
            all.addArray().add(atSeconds.get(i)).add(largestMb.get(i));
        }
        return all;
    }

    /** Every measure after a collection. */
    ArrayNode measuresJson() {
        ArrayNode all = Json.array();
        for (Round round : rounds) {
            for (Measure measure : round.nodes()) {
                all.addObject()
                        .put("seconds", round.atSeconds())
                        .put("node", measure.node())
                        .put("age_seconds", measure.ageSeconds())
                        .put("heap_mb", measure.heapMb())
                        .put("online_region_mb", measure.onlineMb())
                        .put("history_region_mb", measure.historyMb());
            }
        }
        return all;
    }
}
