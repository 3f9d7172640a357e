package io.glucogrid.client.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import io.glucogrid.frame.FrameReader;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.LongConsumer;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code glucogrid features historical}: features as they were at given times, of a few entities or of a whole frame. */
@Command(name = "historical", description = "Features of entities as they were at given times, from the offline tier.")
final class HistoricalVerb extends ApiVerb {
    private static final Path STANDARD_OUTPUT = Path.of("-");

    @ArgGroup(multiplicity = "1")
    private Wanted wanted = new Wanted();

    @Option(
            names = "--entity",
            paramLabel = "KEY",
            description = "Subject, or join keys as name=value[,name=value]; may be repeated")
    private List<String> entities = List.of();

    @Option(
            names = "--at",
            paramLabel = "TIME",
            description = "Epoch seconds or ISO-8601: once for all entities, or once for each")
    private List<String> times = List.of();

    @Option(
            names = "--frame",
            paramLabel = "FILE",
            description =
                    "In place of --entity and --at: Parquet or CSV file of any length with a column for each join key,"
                            + " event_timestamp, and others, which come back as they are")
    private @Nullable Path frame;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            defaultValue = "-",
            description =
                    "Where the joined frame goes: .parquet, .csv or .jsonl, or - for JSON lines on standard output."
                            + " Default: ${DEFAULT-VALUE}")
    private Path output;

    @Option(
            names = "--part",
            paramLabel = "ROWS",
            defaultValue = "100000",
            description = "Rows of the frame in one request. Default: ${DEFAULT-VALUE}")
    private int partRows;

    @Option(names = "--known-at", description = "Leave out rows created after an entity's time")
    private boolean knownThen;

    @Option(names = "--full-feature-names", description = "Name features view__feature")
    private boolean fullNames;

    static final class Wanted {
        @Option(
                names = "--features",
                split = ",",
                paramLabel = "VIEW:FEATURE",
                description = "Features, comma separated, such as cgm_hourly_stats:glucose")
        private @Nullable List<String> features;

        @Option(names = "--service", paramLabel = "NAME", description = "All features of a service")
        private @Nullable String service;
    }

    @Override
    Duration patience() {
        return Duration.ofSeconds(frame == null ? 60 : 600);
    }

    @Override
    int run(ApiClient client) {
        ObjectNode request = Json.object();
        List<String> features = wanted.features;
        if (features == null) {
            request.put("feature_service", wanted.service);
        } else {
            features.forEach(request.putArray("features")::add);
        }
        if (fullNames) {
            request.put("full_feature_names", true);
        }
        if (knownThen) {
            request.put("known_at", FrameJoin.EVENT_TIMESTAMP);
        }
        Path file = frame;
        if (file == null) {
            return few(client, request);
        }
        if (!entities.isEmpty() || !times.isEmpty()) {
            throw invalid("either --frame, or --entity and --at");
        }
        if (partRows < 1) {
            throw invalid("--part must be a number of rows above 0");
        }
        try {
            return join(client, request, file);
        } catch (IOException failure) {
            throw new GridException(ErrorCode.STORAGE_UNAVAILABLE, "cannot join " + file + ": " + failure, failure);
        }
    }

    private int few(ApiClient client, ObjectNode request) {
        if (!output.equals(STANDARD_OUTPUT)) {
            throw invalid("--out goes with --frame");
        }
        if (entities.isEmpty() || times.isEmpty()) {
            throw invalid("either --frame, or --entity and --at");
        }
        ArrayNode rows = Entities.of(entities);
        if (times.size() != 1 && times.size() != rows.size()) {
            throw invalid(times.size() + " times for " + rows.size()
                    + " entities: give --at once, or once for each --entity");
        }
        for (int i = 0; i < rows.size(); i++) {
            Entities.putTime((ObjectNode) rows.get(i), FrameJoin.EVENT_TIMESTAMP, times.get(times.size() == 1 ? 0 : i));
        }
        request.set("entities", rows);
        JsonNode records = client.post("/get_historical_features", request).body();
        return answer(records, Shown.records(records));
    }

    /** Writes beside the file that was asked for, which appears when it is whole. */
    private int join(ApiClient client, ObjectNode request, Path file) throws IOException {
        boolean piped = output.equals(STANDARD_OUTPUT);
        Path part = output.resolveSibling(output.getFileName() + ".part");
        if (!piped) {
            FrameFiles.requireWritable(output);
        }
        long start = System.nanoTime();
        long rows;
        try (FrameReader reader = FrameFiles.read(file)) {
            FrameJoin.Output target =
                    columns -> piped ? JsonLinesFile.to(out(), columns) : FrameFiles.write(output, part, columns);
            rows = shown(file, progress -> new FrameJoin(client, request, file.toString(), reader, progress)
                    .run(target, partRows));
            if (!piped) {
                Files.move(part, output, StandardCopyOption.REPLACE_EXISTING);
            }
        } finally {
            if (!piped) {
                Files.deleteIfExists(part);
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        long rate = Math.round(rows / seconds);
        ObjectNode summary = Json.object()
                .put("rows", rows)
                .put("seconds", Math.round(seconds * 1000) / 1000.0)
                .put("rows_per_second", rate)
                .put("out", output.toString());
        String text =
                String.format(Locale.ROOT, "%,d rows joined in %.1f s, %,d rows/s: %s%n", rows, seconds, rate, output);
        return answer(piped ? err() : out(), summary, text);
    }

    private interface Work {
        long run(LongConsumer progress) throws IOException;
    }

    /** Draws progress on standard error where somebody looks at it. */
    private static long shown(Path file, Work work) throws IOException {
        if (!CommandLine.Help.Ansi.AUTO.enabled()) {
            return work.run(rows -> {});
        }
        ProgressBarBuilder bar = new ProgressBarBuilder()
                .setTaskName("join " + file.getFileName())
                .setInitialMax(-1)
                .setConsumer(new ConsoleProgressBarConsumer(System.err, 80));
        try (ProgressBar progress = bar.build()) {
            return work.run(progress::stepBy);
        }
    }

    private static GridException invalid(String reason) {
        return new GridException(ErrorCode.INVALID_REQUEST, reason);
    }
}
