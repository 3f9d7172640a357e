package io.glucogrid.client.soak;

import io.glucogrid.cli.Verb;
import io.glucogrid.client.Json;
import io.glucogrid.client.cli.Failures;
import io.glucogrid.client.process.Launcher;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code glucogrid soak}: many readings through a grid that fails on purpose, and a count of what is lost. */
@Command(
        name = "soak",
        mixinStandardHelpOptions = true,
        description = {
            "Send numbered readings through a broker and nodes of its own while nodes and broker are killed, paused and"
                    + " restarted; then read everything back and count.",
            "Succeeds only if all readings were sent and none is lost, doubled or denied, if copies and forecasts agree, if reads"
                    + " resumed within 10 seconds of each fault that leaves a copy of every row, if the tier is sound, and if"
                    + " each node's memory was measured and has stopped to grow; exit code 3 otherwise."
        })
public final class SoakVerb implements Verb {
    private static final int NOT_ALL_HELD = 3;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--readings",
            paramLabel = "N",
            defaultValue = "5000000",
            description = "How many. Default: ${DEFAULT-VALUE}")
    private long readings;

    @Option(
            names = "--rate",
            paramLabel = "R",
            defaultValue = "4000",
            description = "Readings per second. Default: ${DEFAULT-VALUE}")
    private double rate;

    @Option(
            names = "--minutes",
            paramLabel = "M",
            defaultValue = "30",
            description = "Longest that readings are sent; to be short of --readings then is a failure."
                    + " Default: ${DEFAULT-VALUE}")
    private long minutes;

    @Option(
            names = "--fault-every",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "Time between faults; 0 for none. Default: ${DEFAULT-VALUE}")
    private long faultEvery;

    @Option(
            names = "--calm",
            paramLabel = "SECONDS",
            defaultValue = "360",
            description =
                    "Time at the end without faults, in which processes live long enough for their memory to be judged"
                            + " (at least 200). Default: ${DEFAULT-VALUE}")
    private long calm;

    @Option(
            names = "--nodes",
            paramLabel = "1..5",
            defaultValue = "3",
            description = "Nodes. Default: ${DEFAULT-VALUE}")
    private int nodes;

    @Option(names = "--work", paramLabel = "DIR", description = "Directory for everything. Default: a temporary one")
    private @Nullable Path work;

    @Option(names = "--json", description = "Print one JSON object")
    private boolean json;

    @Override
    public Integer call() {
        try {
            SoakReport report = new Soak(options(), Launcher.find(), InstantSource.system(), this::progress).run();
            spec.commandLine().getOut().println(json ? Json.text(report.json()) : report.text());
            spec.commandLine().getOut().flush();
            return report.ok() ? 0 : NOT_ALL_HELD;
        } catch (GridException failure) {
            return Failures.report(spec, json, failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    private SoakOptions options() {
        if (readings < 1 || readings > Integer.MAX_VALUE || !(rate > 0) || minutes < 1 || faultEvery < 0 || calm < 0) {
            throw usage("--readings, --rate and --minutes must be above 0, --fault-every and --calm not below");
        }
        if (nodes < 1 || nodes > 5) {
            throw usage("--nodes must be 1 to 5, not " + nodes);
        }
        return new SoakOptions(
                directory(),
                nodes,
                readings,
                rate,
                Duration.ofMinutes(minutes),
                Duration.ofSeconds(faultEvery),
                Duration.ofSeconds(calm));
    }

    private Path directory() {
        try {
            return work == null
                    ? Files.createTempDirectory("glucogrid-soak-")
                    : Files.createDirectories(work.toAbsolutePath());
        } catch (IOException refused) {
            throw new GridException(
                    ErrorCode.STORAGE_UNAVAILABLE, "cannot make a directory: " + refused.getMessage(), refused);
        }
    }

    private GridException usage(String problem) {
        return new GridException(ErrorCode.INVALID_REQUEST, problem);
    }

    private void progress(String step) {
        spec.commandLine().getErr().println("soak: " + step);
        spec.commandLine().getErr().flush();
    }
}
