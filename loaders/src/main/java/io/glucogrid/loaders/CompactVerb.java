package io.glucogrid.loaders;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.glucogrid.cli.Verb;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code glucogrid compact}: merges a tier's segments into one sorted run per bucket, whether nodes use the tier or not. */
@Command(
        name = "compact",
        description = "Merge the segments of the offline tier into one sorted run per bucket. Nodes may go on using the"
                + " tier; they compact by themselves too (GRID_COMPACT_SEGMENTS).",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:compacted", "1:failed", "2:wrong usage"})
public final class CompactVerb implements Verb {
    private static final Duration HTTP_DEADLINE = Duration.ofSeconds(30);

    @Option(
            names = "--tier",
            description =
                    "root of the offline tier, a path or URI (GRID_OFFLINE_URI, or the tier of the grid at --api, or"
                            + " offline in GRID_WORK_DIR, or .glucogrid/offline)")
    private @Nullable String tier;

    @Option(names = "--table", description = "only this table")
    private @Nullable String table;

    @Option(
            names = "--grace",
            defaultValue = "5",
            paramLabel = "SECONDS",
            description = "how long replaced segments stay for readers that hold an older listing (${DEFAULT-VALUE})")
    private int graceSeconds;

    @Option(
            names = "--api",
            defaultValue = "${env:GRID_API:-http://localhost:8000}",
            description = "grid whose tier it is and that is told, if one listens there (${DEFAULT-VALUE})")
    private URI api;

    @Option(names = "--json", description = "print one JSON object")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        if (graceSeconds < 0) {
            err.println("compact: --grace must not be negative");
            return 2;
        }
        try {
            TierStorage storage =
                    TierStorage.open(TierOption.choose(tier, api, line -> err.println("compact: " + line)));
            compact(storage);
            return 0;
        } catch (GridException failure) {
            err.println("compact: " + failure.reason());
        } catch (IOException failure) {
            err.println("compact: " + failure);
        }
        return 1;
    }

    private void compact(TierStorage storage) throws IOException {
        Duration grace = Duration.ofSeconds(graceSeconds);
        Pace pace = new Pace(0);
        Quarantine quarantine = new Quarantine(storage);
        Compactor compactor = new Compactor(
                storage,
                new LocalBoard(),
                InstantSource.system(),
                CompactionPolicy.everything(grace).in(SegmentFormat.configured()),
                pace,
                quarantine);
        String only = table;
        List<String> tables = only == null ? TierFolders.tables(storage) : List.of(only);
        long start = System.nanoTime();
        Map<String, Compactor.Result> results = new LinkedHashMap<>();
        for (String name : tables) {
            results.put(name, compactor.compact(name));
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        boolean told = tellGrid(); // so that nodes know the outputs before the inputs go
        boolean merged = results.values().stream().anyMatch(result -> result.inputs() > 0);
        if (merged && graceSeconds > 0) {
            pace.pause(grace.toNanos());
        }
        Map<String, Integer> deleted = new LinkedHashMap<>();
        for (String name : tables) {
            deleted.put(name, compactor.sweep(name));
        }
        compactor.sweepUnfinished();
        tellGrid();
        report(storage, results, deleted, quarantine.lines(), seconds, told);
    }

    private boolean tellGrid() {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(api.toString().replaceAll("/+$", "") + "/segments/relist"))
                .timeout(HTTP_DEADLINE)
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"new_rows\":false}"))
                .build();
        try {
            return HttpClient.newBuilder()
                            .connectTimeout(HTTP_DEADLINE)
                            .build()
                            .send(request, HttpResponse.BodyHandlers.discarding())
                            .statusCode()
                    < 300;
        } catch (IOException nobody) {
            return false;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void report(
            TierStorage storage,
            Map<String, Compactor.Result> results,
            Map<String, Integer> deleted,
            List<String> problems,
            double seconds,
            boolean told)
            throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            List<Map<String, Object>> tables = new ArrayList<>();
            results.forEach((name, result) -> {
                Map<String, Object> tree = new LinkedHashMap<>();
                tree.put("table", name);
                tree.put("inputs", result.inputs());
                tree.put("outputs", result.outputs());
                tree.put("rows_read", result.rowsRead());
                tree.put("rows_written", result.rowsWritten());
                tree.put("deleted", deleted.get(name));
                tables.add(tree);
            });
            Map<String, Object> tree = new LinkedHashMap<>();
            tree.put("tier", storage.root().toString());
            tree.put("seconds", Math.round(seconds * 1000) / 1000.0);
            tree.put("tables", tables);
            tree.put("problems", problems);
            tree.put("grid_told", told);
            out.println(new ObjectMapper().writeValueAsString(tree));
            return;
        }
        if (results.isEmpty()) {
            out.println("there is no table in this tier");
        }
        results.forEach((name, result) -> out.println(String.format(
                Locale.ROOT,
                "%s: %,d segments with %,d rows merged into %,d with %,d rows; %,d deleted",
                name,
                result.inputs(),
                result.rowsRead(),
                result.outputs(),
                result.rowsWritten(),
                deleted.get(name))));
        problems.forEach(problem -> out.println("left out: " + problem));
        out.println(String.format(Locale.ROOT, "tier: %s, %.1f s", storage.root(), seconds));
    }
}
