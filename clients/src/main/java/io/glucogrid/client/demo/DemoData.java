package io.glucogrid.client.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.glucogrid.client.Json;
import io.glucogrid.client.process.Child;
import io.glucogrid.client.process.Launcher;
import io.glucogrid.client.process.StopSignal;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The readings that the demo starts from, made and loaded by the same verbs that anybody else uses. */
final class DemoData {
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final Duration STOP = Duration.ofSeconds(10);

    private final Launcher launcher;
    private final DemoOptions options;
    private final StopSignal stop;

    DemoData(Launcher launcher, DemoOptions options, StopSignal stop) {
        this.launcher = launcher;
        this.options = options;
        this.stop = stop;
    }

    /** The file that was given, or a synthetic one. */
    Path file() {
        Path given = options.data();
        if (given != null) {
            return given;
        }
        Path synthetic = options.workDir().resolve("synthetic.parquet");
        if (!Files.exists(synthetic)) {
            run("generate", List.of("--subjects", "20", "--days", "7", "--seed", "1", "--out", synthetic.toString()));
        }
        return synthetic;
    }

    /** Loads a file into the tier, through a node that then tells the others; what became of the rows, in one line. */
    String load(Path file, String tier, URI api) {
        Child load = run("load", List.of(file.toString(), "--json", "--tier", tier, "--api", api.toString()));
        String report = load.line("{");
        return "loaded " + file + (report == null ? "" : summary(report));
    }

    private Child run(String verb, List<String> arguments) {
        Child child = Child.start(
                launcher,
                verb,
                Launcher.verb(verb, arguments),
                Map.of(),
                options.logs().resolve(verb + ".log"));
        try {
            stop.until(
                    () -> !child.isAlive(),
                    PATIENCE,
                    () -> new GridException(
                            ErrorCode.DEADLINE_EXCEEDED, verb + " took more than " + PATIENCE.toMinutes() + " min"));
        } finally {
            child.stop(STOP);
        }
        if (child.exitCode() != 0) {
            throw new GridException(
                    ErrorCode.INTERNAL,
                    verb + " failed with exit code " + child.exitCode() + "; the end of " + child.log() + ":\n"
                            + child.tail(25));
        }
        return child;
    }

    static String summary(String report) {
        JsonNode json = parsed(report);
        if (json == null) {
            return "";
        }
        StringBuilder text = new StringBuilder();
        for (JsonNode file : json.path("files")) {
            text.append(": ").append(file.path("rows").asLong()).append(" rows, ");
            text.append(file.path("kept").asLong()).append(" kept, ");
            text.append(file.path("repaired").asLong()).append(" repaired, ");
            text.append(file.path("dropped").asLong()).append(" dropped");
            file.path("reasons").properties().forEach(reason -> text.append(", ")
                    .append(reason.getKey())
                    .append(' ')
                    .append(reason.getValue().asText()));
        }
        return text.toString();
    }

    private static @Nullable JsonNode parsed(String report) {
        try {
            return Json.parse(report);
        } catch (GridException cut) {
            return null;
        }
    }
}
