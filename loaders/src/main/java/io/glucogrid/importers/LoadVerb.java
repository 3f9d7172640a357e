package io.glucogrid.importers;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.glucogrid.cgm.Cgm;
import io.glucogrid.cli.Verb;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.loaders.TierDefinitions;
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
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code glucogrid load}: needs no running node, and tells one that runs. */
@Command(
        name = "load",
        description = "Load files into the offline tier: of readings (Parquet, the TSV of Hall et al., or CSV with"
                + " id,time,gl as iglu and GlucoBench have it), or Parquet and CSV of any declared source (--source)."
                + " Loading a file twice changes nothing.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:loaded", "1:failed", "2:wrong usage"})
public final class LoadVerb implements Verb {
    private static final Duration HTTP_DEADLINE = Duration.ofSeconds(30);

    @Parameters(
            arity = "0..*",
            paramLabel = "FILE",
            description =
                    "file, or folder of Parquet and CSV files. Of readings: Parquet with subject_id, event_timestamp, glucose"
                            + " and, if it has them, creation times (created); or a text with the columns DisplayTime,"
                            + " GlucoseValue, subjectId (tabs) or id, time, gl (commas)")
    private @Nullable List<Path> files;

    @Option(
            names = "--source",
            paramLabel = "NAME",
            description =
                    "load files of a declared source: its join keys, timestamp field, values and creation time by the declared"
                            + " names, values of the declared types; without FILE from the path of its definition")
    private @Nullable String source;

    @Option(names = "--raw", description = "take rows as they are, without repairs")
    private boolean raw;

    @Option(
            names = "--table",
            defaultValue = Cgm.TABLE,
            description = "table to load readings into, where no --source is named (${DEFAULT-VALUE})")
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
        if (given().isEmpty() && source == null) {
            throw new ParameterException(spec.commandLine(), "a FILE or folder is needed, or --source NAME");
        }
        try {
            TierStorage storage = TierStorage.open(TierOption.choose(tier, api, line -> err.println("load: " + line)));
            List<LoadOutcome> outcomes = load(storage, err);
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

    /** Repairs are for readings alone: nobody knows what is odd about the values of any other source. */
    private List<LoadOutcome> load(TierStorage storage, PrintWriter err) throws IOException {
        DeclaredSource declared = source == null ? null : DeclaredSource.of(TierDefinitions.inForce(storage), source);
        List<Path> found = new ArrayList<>();
        for (Path given : declared == null || !given().isEmpty() ? given() : List.of(path(declared))) {
            found.addAll(SourceFiles.in(given, storage));
        }
        List<LoadOutcome> outcomes = new ArrayList<>();
        if (declared == null || (declared.isOfReadings() && !raw && readsReadings(found))) {
            table = declared == null ? table : declared.table().name();
            ReadingLoad.Options options = new ReadingLoad.Options(table, raw, dryRun);
            for (Path file : found) {
                outcomes.add(shown(
                        file, progress -> ReadingLoad.load(file, storage, options, InstantSource.system(), progress)));
            }
            return outcomes;
        }
        table = declared.table().name();
        SourceLoad load = SourceLoad.into(storage, declared, InstantSource.system(), !dryRun);
        for (String column : load.check(found)) {
            err.println("load: warning: not every file has the column '" + column + "'; in the others it is null");
        }
        for (Path file : found) {
            outcomes.add(shown(file, progress -> load.load(file, progress)));
        }
        return outcomes;
    }

    private static boolean readsReadings(List<Path> files) throws IOException {
        for (Path file : files) {
            if (SourceFiles.isCsv(file) && TextFormat.of(file) == null) {
                return false;
            }
        }
        return true;
    }

    private static Path path(DeclaredSource declared) {
        String path = declared.path();
        if (path == null) {
            throw new GridException(
                    ErrorCode.INVALID_REQUEST,
                    "source '" + declared.name() + "' is declared without a path, so a file or folder must be given");
        }
        return path.startsWith("file:") ? Path.of(URI.create(path)) : Path.of(path);
    }

    private List<Path> given() {
        return files == null ? List.of() : files;
    }

    private static LoadOutcome shown(Path file, Loading loading) throws IOException {
        if (!CommandLine.Help.Ansi.AUTO.enabled()) { // no terminal
            return loading.load(rows -> {});
        }
        ProgressBarBuilder bar = new ProgressBarBuilder()
                .setTaskName("load " + file.getFileName())
                .setInitialMax(-1);
        try (ProgressBar progress = bar.build()) { // draws on standard error
            return loading.load(progress::stepBy);
        }
    }

    /** Loads one file. */
    private interface Loading {
        LoadOutcome load(LongConsumer progress) throws IOException;
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

    private void report(TierStorage storage, List<LoadOutcome> outcomes, boolean told) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(new ObjectMapper().writeValueAsString(asJson(storage, outcomes, told)));
            return;
        }
        for (LoadOutcome outcome : outcomes) {
            out.println(outcome.file());
            outcome.lines(dryRun).forEach((what, rows) -> line(out, what, rows));
        }
        out.println((dryRun ? "nothing written to " : "tier: ") + storage.root());
    }

    private static void line(PrintWriter out, String what, long rows) {
        out.println(String.format(Locale.ROOT, "  %,12d  %s", rows, what));
    }

    private Map<String, Object> asJson(TierStorage storage, List<LoadOutcome> outcomes, boolean told) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("tier", storage.root().toString());
        object.put("table", table);
        object.put("dry_run", dryRun);
        object.put("files", outcomes.stream().map(LoadOutcome::json).toList());
        object.put("grid_told", told);
        return object;
    }
}
