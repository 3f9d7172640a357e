package io.glucogrid.importers;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.glucogrid.cgm.Cgm;
import io.glucogrid.cli.Verb;
import io.glucogrid.grid.GridException;
import io.glucogrid.loaders.TierOption;
import io.glucogrid.loaders.TierStorage;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code glucogrid load}: needs no running node, and tells one that runs. */
@Command(
        name = "load",
        description = "Load files of readings into the offline tier: Parquet, the TSV of Hall et al., or CSV with"
                + " id,time,gl (iglu, GlucoBench). Loading a file twice changes nothing.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:loaded", "1:failed", "2:wrong usage"})
public final class LoadVerb implements Verb {
    private static final Duration HTTP_DEADLINE = Duration.ofSeconds(30);

    @Parameters(
            arity = "1..*",
            paramLabel = "FILE",
            description = "Parquet file with subject_id, event_timestamp, glucose"
                    + " and, if it has them, creation times (created); or a text with the columns DisplayTime,"
                    + " GlucoseValue, subjectId (tabs) or id, time, gl (commas)")
    private List<Path> files;

    @Option(names = "--raw", description = "take rows as they are, without repairs")
    private boolean raw;

    @Option(names = "--table", defaultValue = Cgm.TABLE, description = "table to load into (${DEFAULT-VALUE})")
    private String table;

    @Option(names = "--dry-run", description = "report what would be loaded, write nothing")
    private boolean dryRun;

    @Option(names = "--json", description = "print one JSON object")
    private boolean json;

    @Option(
            names = "--tier",
            description =
                    "root of the offline tier, a path or URI (GRID_OFFLINE_URI, or the tier of the grid at --api, or"
                            + " offline in GRID_WORK_DIR, or .glucogrid/offline)")
    private @Nullable String tier;

    @Option(
            names = "--api",
            defaultValue = "${env:GRID_API:-http://localhost:8000}",
            description = "grid to tell afterwards, if one listens there (${DEFAULT-VALUE})")
    private URI api;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        try {
            TierStorage storage = TierStorage.open(TierOption.choose(tier, api, line -> err.println("load: " + line)));
            List<ReadingLoad.Outcome> outcomes = new ArrayList<>();
            for (Path file : files) {
                outcomes.add(load(file, storage));
            }
            boolean told = !dryRun && tellGrid(err);
            report(storage, outcomes, told);
            return 0;
        } catch (GridException failure) {
            err.println("load: " + failure.reason());
        } catch (IOException failure) {
            err.println("load: " + failure);
        }
        return 1;
    }

    private ReadingLoad.Outcome load(Path file, TierStorage storage) throws IOException {
        ReadingLoad.Options options = new ReadingLoad.Options(table, raw, dryRun);
        if (!CommandLine.Help.Ansi.AUTO.enabled()) { // no terminal
            LongConsumer silent = rows -> {};
            return ReadingLoad.load(file, storage, options, InstantSource.system(), silent);
        }
        ProgressBarBuilder bar = new ProgressBarBuilder()
                .setTaskName("load " + file.getFileName())
                .setInitialMax(-1);
        try (ProgressBar progress = bar.build()) { // draws on standard error
            return ReadingLoad.load(file, storage, options, InstantSource.system(), progress::stepBy);
        }
    }

    /** Whether a grid was there and looked into the tier. */
    private boolean tellGrid(PrintWriter err) {
        String address = api.toString().replaceAll("/+$", "") + "/segments/relist";
        HttpRequest request = HttpRequest.newBuilder(URI.create(address))
                .timeout(HTTP_DEADLINE)
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        try {
            HttpResponse<String> answer = HttpClient.newBuilder()
                    .connectTimeout(HTTP_DEADLINE)
                    .build()
                    .send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() < 300) {
                return true;
            }
            err.println("load: " + address + " answered " + answer.statusCode()
                    + "; its nodes see the new rows when they list the tier again");
        } catch (IOException nobody) {
            err.println("load: nothing listens at " + api + "; nodes see the new rows when they start");
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        return false;
    }

    private void report(TierStorage storage, List<ReadingLoad.Outcome> outcomes, boolean told) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(new ObjectMapper().writeValueAsString(asJson(storage, outcomes, told)));
            return;
        }
        for (ReadingLoad.Outcome outcome : outcomes) {
            CleaningReport report = outcome.report();
            out.println(outcome.file());
            line(out, "read", report.read());
            line(out, "kept as read", report.untouched());
            for (Finding finding : Finding.values()) {
                if (report.count(finding) > 0) {
                    line(out, finding.verdict() + ": " + finding.reason(), report.count(finding));
                }
                if (finding == Finding.STRAY) {
                    report.strayDetails().forEach((detail, rows) -> line(out, "  of these: " + detail.reason(), rows));
                }
            }
            line(out, "already in the tier", outcome.present());
            line(out, dryRun ? "would be added" : "added", outcome.added());
        }
        out.println((dryRun ? "nothing written to " : "tier: ") + storage.root());
    }

    private static void line(PrintWriter out, String what, long rows) {
        out.println(String.format(Locale.ROOT, "  %,12d  %s", rows, what));
    }

    private Map<String, Object> asJson(TierStorage storage, List<ReadingLoad.Outcome> outcomes, boolean told) {
        List<Map<String, Object>> loaded = new ArrayList<>();
        for (ReadingLoad.Outcome outcome : outcomes) {
            CleaningReport report = outcome.report();
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("file", outcome.file().toString());
            object.put("rows", report.read());
            object.put("kept", report.untouched());
            object.put("repaired", report.repaired());
            object.put("dropped", report.dropped());
            object.put("reasons", report.reasons());
            object.put("stray", report.strayReasons());
            object.put("present", outcome.present());
            object.put("added", outcome.added());
            object.put("segments", outcome.segments());
            loaded.add(object);
        }
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("tier", storage.root().toString());
        object.put("table", table);
        object.put("dry_run", dryRun);
        object.put("files", loaded);
        object.put("grid_told", told);
        return object;
    }
}
