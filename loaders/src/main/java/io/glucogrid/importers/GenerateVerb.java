package io.glucogrid.importers;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.glucogrid.cli.Verb;
import io.glucogrid.grid.DidYouMean;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** {@code glucogrid generate}. */
@Command(
        name = "generate",
        description =
                "Write synthetic readings as Parquet. The same options write the same rows, and any subject comes out the"
                        + " same alone.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:written", "1:failed", "2:wrong usage"})
public final class GenerateVerb implements Verb {
    private static final int SUBJECTS_PER_FILE = 1000;

    @Option(names = "--subjects", defaultValue = "33", description = "how many subjects (${DEFAULT-VALUE})")
    private int subjects;

    @Option(names = "--days", defaultValue = "7", description = "days of each subject (${DEFAULT-VALUE})")
    private int days;

    @Option(names = "--seed", defaultValue = "1", description = "another seed, another set (${DEFAULT-VALUE})")
    private long seed;

    @Option(
            names = "--out",
            required = true,
            description = "file to write (FILE.parquet), or folder for files of 1,000 subjects")
    private Path out;

    @Option(
            names = "--preset",
            defaultValue = "healthy",
            description = "healthy, prediabetes, t2d or t1d (${DEFAULT-VALUE})")
    private String preset;

    @Option(
            names = "--first-subject",
            defaultValue = "" + SyntheticReadings.Spec.DEFAULT_FIRST_SUBJECT,
            description = "number of the first subject (${DEFAULT-VALUE})")
    private long firstSubject;

    @Option(
            names = "--end",
            defaultValue = "2026-01-05",
            description = "day after the last one, UTC (${DEFAULT-VALUE})")
    private LocalDate end;

    @Option(names = "--json", description = "print one JSON object")
    private boolean json;

    @CommandLine.Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        try {
            SyntheticReadings.Spec set = new SyntheticReadings.Spec(preset(), firstSubject, subjects, days, seed, end);
            List<Path> files = new ArrayList<>();
            report(files, write(set, files));
            return 0;
        } catch (GridException failure) {
            err.println("generate: " + failure.reason());
        } catch (IOException failure) {
            err.println("generate: " + failure);
        }
        return 1;
    }

    private Preset preset() {
        for (Preset candidate : Preset.values()) {
            if (candidate.name().equalsIgnoreCase(preset)) {
                return candidate;
            }
        }
        throw new GridException(
                ErrorCode.INVALID_REQUEST,
                "there is no preset '" + preset + "'" + DidYouMean.suffix(preset, Preset.names()) + ", only "
                        + String.join(", ", Preset.names()));
    }

    private long write(SyntheticReadings.Spec set, List<Path> files) throws IOException {
        if (!CommandLine.Help.Ansi.AUTO.enabled()) { // no terminal
            return write(set, files, done -> {});
        }
        ProgressBarBuilder bar =
                new ProgressBarBuilder().setTaskName("generate").setInitialMax(subjects);
        try (ProgressBar progress = bar.build()) { // draws on standard error
            return write(set, files, progress::stepBy);
        }
    }

    private long write(SyntheticReadings.Spec set, List<Path> files, LongConsumer progress) throws IOException {
        if (out.toString().endsWith(".parquet") && !Files.isDirectory(out)) {
            files.add(out);
            return SyntheticReadings.write(out, set, progress);
        }
        long rows = 0;
        for (int from = 0; from < subjects; from += SUBJECTS_PER_FILE) {
            int count = Math.min(SUBJECTS_PER_FILE, subjects - from);
            long first = firstSubject + from;
            Path file = out.resolve(String.format(Locale.ROOT, "readings-%d-%d.parquet", first, first + count - 1));
            files.add(file);
            rows += SyntheticReadings.write(
                    file, new SyntheticReadings.Spec(set.preset(), first, count, days, seed, end), progress);
        }
        return rows;
    }

    private void report(List<Path> files, long rows) throws IOException {
        PrintWriter print = spec.commandLine().getOut();
        if (json) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("files", files.stream().map(Path::toString).toList());
            object.put("subjects", subjects);
            object.put("days", days);
            object.put("seed", seed);
            object.put("preset", preset.toLowerCase(Locale.ROOT));
            object.put("rows", rows);
            print.println(new ObjectMapper().writeValueAsString(object));
        } else {
            files.forEach(print::println);
            print.println(
                    String.format(Locale.ROOT, "%,d readings of %,d subjects over %d days", rows, subjects, days));
        }
    }
}
