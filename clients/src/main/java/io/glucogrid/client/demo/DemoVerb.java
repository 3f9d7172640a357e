package io.glucogrid.client.demo;

import io.glucogrid.cli.Verb;
import io.glucogrid.client.Json;
import io.glucogrid.client.cli.Failures;
import io.glucogrid.client.process.Launcher;
import io.glucogrid.client.produce.Replay;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code glucogrid demo}: the whole line on this machine, from readings to predictions, and a check of what came out. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = {
            "Run the whole line on this machine: a Kafka broker, one to three nodes, readings in, features and predictions out.",
            "Runs until Ctrl-C; with --readings it ends by itself, and succeeds only if every reading went through both paths.",
            "A node that dies is started again."
        })
public final class DemoVerb implements Verb {
    private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");
    private static final int NOT_ALL_HELD = 3;

    @Spec
    private CommandSpec spec;

    @Option(names = "--data", paramLabel = "FILE", description = "File of readings. Default: a synthetic set")
    private @Nullable Path data;

    @Option(
            names = "--nodes",
            paramLabel = "1..3",
            defaultValue = "1",
            description = "Nodes. Default: ${DEFAULT-VALUE}")
    private int nodes;

    @Option(
            names = "--rate",
            paramLabel = "R",
            defaultValue = "1",
            description = "Readings per second. Default: ${DEFAULT-VALUE}")
    private double rate;

    @Option(names = "--readings", paramLabel = "N", description = "Check and end after this many. Default: go on")
    private @Nullable Long readings;

    @Option(names = "--interleave", description = "Take subjects in turn instead of the file's order")
    private boolean interleave;

    @Option(
            names = "--work",
            paramLabel = "DIR",
            description =
                    "Directory for everything the demo writes. Default: .glucogrid/demo-<time>, a new one per run")
    private @Nullable Path work;

    @Option(
            names = "--kafka-port",
            paramLabel = "PORT",
            description = "Port of the broker. Default: 29092, or the next free one")
    private int kafkaPort;

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            description =
                    "Port of the first node's feature API; the others take the next ones. Default: the nodes choose")
    private int httpPort;

    @Option(
            names = "--json",
            description = "Print the summary as one JSON object; everything else goes to standard error")
    private boolean json;

    @Override
    public Integer call() {
        DemoOutput output =
                DemoOutput.on(spec.commandLine().getOut(), spec.commandLine().getErr(), json);
        try (Demo demo = new Demo(options(), Launcher.find(), output)) {
            DemoSummary summary = demo.run();
            if (summary == null) {
                return 0;
            }
            if (json) {
                spec.commandLine().getOut().println(Json.text(summary.json()));
                spec.commandLine().getOut().flush();
            }
            output.say(summary.text());
            return summary.ok() ? 0 : NOT_ALL_HELD;
        } catch (CancellationException interrupted) {
            output.say("demo: stopped");
            return 1;
        } catch (GridException failure) {
            return Failures.report(spec, json, failure);
        }
    }

    private DemoOptions options() {
        if (nodes < 1 || nodes > 3) {
            throw usage("--nodes must be 1, 2 or 3, not " + nodes);
        }
        if (!(rate > 0) || Double.isInfinite(rate)) {
            throw usage("--rate must be above 0, not " + rate);
        }
        if (readings != null && readings < 1) {
            throw usage("--readings must be 1 or more, not " + readings);
        }
        if (data != null && !Files.isRegularFile(data)) {
            throw new GridException(ErrorCode.NOT_FOUND, "there is no file " + data);
        }
        Path fresh = Path.of(".glucogrid", "demo-" + STAMP.format(LocalDateTime.now(ZoneId.systemDefault())));
        return new DemoOptions(
                data == null ? null : data.toAbsolutePath().normalize(),
                nodes,
                rate,
                readings == null ? 0 : readings,
                interleave ? Replay.Order.SUBJECTS_IN_TURN : Replay.Order.AS_IN_FILE,
                (work == null ? fresh : work).toAbsolutePath().normalize(),
                kafkaPort,
                httpPort);
    }

    private static GridException usage(String problem) {
        return new GridException(ErrorCode.INVALID_REQUEST, problem);
    }
}
