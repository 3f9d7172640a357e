package io.glucogrid.client.bench;

import io.glucogrid.cli.Benchmark;
import io.glucogrid.cli.Verb;
import io.glucogrid.client.Json;
import io.glucogrid.client.cli.Failures;
import io.glucogrid.client.process.Child;
import io.glucogrid.client.process.Launcher;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code glucogrid bench}: measures a node of its own against the marks the project has set itself. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = {
            "Measure a node of its own against the project's marks.",
            "line: first answer after start, idle memory, online and historical reads over HTTP.",
            "serve: online reads against a bare handler of the same server, a wide read, and the hops of a read on three nodes.",
            "ingest: both streams from the topic against a bare consumer of it, three nodes, and freshness.",
            "offline: the Parquet tier against DuckDB on the same files: scan, joins, writing, compaction.",
            "ml: prediction, online update and training, beside a bare loop of normal equations and Ignite ML's LSQR."
        })
public final class BenchVerb implements Verb {
    private static final int NOT_ALL_HELD = 3;
    private static final List<String> OWN = List.of("line", "serve", "ingest");

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "WHAT", description = "What to measure: line, serve, ingest, offline, ml")
    private String what;

    @Option(names = "--data", paramLabel = "FILE", description = "File of readings. Default: a synthetic set")
    private @Nullable Path data;

    @Option(
            names = "--rows",
            paramLabel = "N",
            description = "Size of what offline and ml measure. Default: 10,000,000")
    private long rows;

    @Option(
            names = "--readings",
            paramLabel = "N",
            defaultValue = "2000000",
            description = "ingest: readings timed on each path. Default: ${DEFAULT-VALUE}")
    private int readings;

    @Option(
            names = "--subjects",
            paramLabel = "N",
            defaultValue = "1000",
            description = "ingest: subjects that the readings are of. Default: ${DEFAULT-VALUE}")
    private int subjects;

    @Option(
            names = "--work",
            paramLabel = "DIR",
            description = "Directory for the node. Default: a temporary one, removed afterwards")
    private @Nullable Path work;

    @Option(names = "--json", description = "Print one JSON object")
    private boolean json;

    @Override
    public Integer call() {
        try {
            Benchmark contributed = contributed();
            if (contributed == null && !OWN.contains(what)) {
                throw new GridException(
                        ErrorCode.INVALID_REQUEST,
                        "there is no benchmark '" + what + "'; there is: " + String.join(", ", known()));
            }
            if (readings < 1 || subjects < 1) {
                throw new GridException(ErrorCode.INVALID_REQUEST, "--readings and --subjects must be 1 or more");
            }
            Launcher launcher = Launcher.find();
            Path workDir = workDir();
            Machine before = Machine.now();
            List<Figure> figures = contributed == null
                    ? own(launcher, workDir)
                    : contributed.run(new Benchmark.Request(workDir, rows, this::progress)).stream()
                            .map(Figure::of)
                            .toList();
            BenchReport report = new BenchReport(figures, before, Machine.now());
            spec.commandLine().getOut().print(json ? Json.text(report.json()) + "\n" : report.text());
            spec.commandLine().getOut().flush();
            if (work == null) {
                delete(workDir);
            }
            return report.met() ? 0 : NOT_ALL_HELD;
        } catch (GridException failure) {
            return Failures.report(spec, json, failure);
        }
    }

    /** The benchmark of another module; null where none has that name. */
    private @Nullable Benchmark contributed() {
        for (Benchmark benchmark : ServiceLoader.load(Benchmark.class)) {
            if (benchmark.name().equals(what)) {
                return benchmark;
            }
        }
        return null;
    }

    private static List<String> known() {
        return Stream.concat(
                        OWN.stream(),
                        ServiceLoader.load(Benchmark.class).stream()
                                .map(provider -> provider.get().name()))
                .toList();
    }

    private List<Figure> own(Launcher launcher, Path workDir) {
        return switch (what) {
            case "serve" -> new ServeBench(launcher, workDir, this::progress).run();
            case "ingest" -> new IngestBench(launcher, workDir, readings, subjects, this::progress).run();
            default -> line(launcher, workDir);
        };
    }

    private List<Figure> line(Launcher launcher, Path workDir) {
        Path readings = data == null ? synthetic(launcher, workDir) : data;
        if (!Files.isRegularFile(readings)) {
            throw new GridException(ErrorCode.NOT_FOUND, "there is no file " + readings);
        }
        return new LineBench(launcher, workDir, this::progress).run(readings);
    }

    private void progress(String step) {
        spec.commandLine().getErr().println("bench: " + step);
        spec.commandLine().getErr().flush();
    }

    private Path workDir() {
        try {
            return work == null
                    ? Files.createTempDirectory("glucogrid-bench-")
                    : Files.createDirectories(work.toAbsolutePath());
        } catch (IOException refused) {
            throw new GridException(
                    ErrorCode.STORAGE_UNAVAILABLE, "cannot make a directory: " + refused.getMessage(), refused);
        }
    }

    /** Removes what a successful run has left in its temporary directory; a failed run's logs stay. */
    private static void delete(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException left) {
            throw new GridException(
                    ErrorCode.STORAGE_UNAVAILABLE, "cannot remove " + directory + ": " + left.getMessage(), left);
        }
    }

    private static Path synthetic(Launcher launcher, Path workDir) {
        Path file = workDir.resolve("synthetic.parquet");
        Child generate = Child.start(
                        launcher,
                        "generate",
                        List.of("generate", "--subjects", "30", "--days", "7", "--seed", "1", "--out", file.toString()),
                        Map.of(),
                        workDir.resolve("generate.log"))
                .endingWithUs();
        try {
            if (generate.awaitEnd(Duration.ofMinutes(2)) && generate.exitCode() == 0) {
                return file;
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        generate.stop(Duration.ofSeconds(5));
        throw new GridException(
                ErrorCode.INTERNAL, "generate failed; the end of " + generate.log() + ":\n" + generate.tail(25));
    }
}
