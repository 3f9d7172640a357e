package io.glucogrid.evaluation;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.cgm.ReadingFile;
import io.glucogrid.cli.Verb;
import io.glucogrid.forecast.Horizons;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code glucogrid evaluate}: forecasters against baselines on a file of readings. The answer goes to standard output as a table or as
 * one JSON object with {@code rows}; progress goes to standard error.
 */
@Command(
        name = "evaluate",
        mixinStandardHelpOptions = true,
        description = {
            "Compares the forecasters with baselines on held-out readings of a file.",
            "Exit code 0 done, 1 failed, 2 wrong usage, 3 done but the file is not the benchmark's whole cohort.",
            "Figures on synthetic data say nothing about people. Not a medical device."
        })
public final class EvaluateVerb implements Verb {
    /** How to split and score; named as they are typed. */
    enum Protocol {
        causal,
        glucobench
    }

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--protocol",
            defaultValue = "causal",
            description = "${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
    private Protocol protocol;

    @Option(
            names = "--data",
            required = true,
            paramLabel = "FILE",
            description = "Readings, as Parquet or id,time,gl CSV.")
    private Path data;

    @Option(
            names = "--horizons",
            split = ",",
            defaultValue = "15,30,60",
            description = "Minutes; default ${DEFAULT-VALUE}.")
    private int[] minutes;

    @Option(
            names = "--from",
            defaultValue = "2010-01-01",
            description = "First day, UTC; default ${DEFAULT-VALUE}, which leaves out the reference data's demo rows.")
    private LocalDate from;

    @Option(names = "--to", defaultValue = "2020-01-01", description = "Day after the last; default ${DEFAULT-VALUE}.")
    private LocalDate to;

    @Option(names = "--json", description = "One JSON object instead of a table.")
    private boolean json;

    @Option(names = "--plots", paramLabel = "DIR", description = "Writes an SVG per horizon there.")
    private @Nullable Path plots;

    @Override
    public Integer call() throws IOException {
        PrintWriter err = spec.commandLine().getErr();
        try {
            Cohort cohort = read(err);
            return protocol == Protocol.causal ? causal(cohort, err) : glucobench(cohort, err);
        } catch (GridException e) {
            err.println("evaluate: " + e.reason());
            return e.code().isCallersFault() ? 2 : 1;
        } catch (IllegalArgumentException | IllegalStateException e) {
            // what the fits say of readings that do not vary or are too few
            err.println("evaluate: these readings cannot be fitted: " + e.getMessage());
            return 1;
        }
    }

    private Cohort read(PrintWriter err) throws IOException {
        if (!Files.isReadable(data)) {
            throw new GridException(ErrorCode.NOT_FOUND, "cannot read " + data);
        }
        Cohort cohort = new Cohort(micros(from), micros(to));
        reader().forEach(data, cohort);
        err.printf(
                "%s: %d readings of %d subjects from %s until %s, %d outside%n",
                data.getFileName(), cohort.readings(), cohort.subjects().size(), from, to, cohort.outside());
        err.flush();
        if (cohort.readings() == 0) {
            throw new GridException(
                    ErrorCode.INVALID_REQUEST, "no reading from " + from + " until " + to + "; see --from and --to");
        }
        return cohort;
    }

    private ReadingFile reader() throws IOException {
        for (ReadingFile format : ServiceLoader.load(ReadingFile.class)) {
            if (format.reads(data)) {
                return format;
            }
        }
        throw new GridException(ErrorCode.INVALID_REQUEST, "no reader knows the format of " + data);
    }

    private static long micros(LocalDate day) {
        return day.atStartOfDay(ZoneOffset.UTC).toEpochSecond() * 1_000_000L;
    }

    private int causal(Cohort cohort, PrintWriter err) throws IOException {
        Horizons horizons = horizons();
        if (cohort.subjects().size() < 5) {
            throw new GridException(
                    ErrorCode.INVALID_REQUEST,
                    "the protocol needs 5 subjects or more, the file has "
                            + cohort.subjects().size());
        }
        Plots drawn = new Plots();
        List<Scored> lines = new CausalProtocol(cohort.series(), progress(err)).run(horizons, drawn);
        if (lines.stream().anyMatch(line -> line.accuracy().n() == 0)) {
            throw new GridException(ErrorCode.INVALID_REQUEST, "too few readings: no row is left to score");
        }
        if (plots != null) {
            for (Path written : drawn.write(plots)) {
                err.println("wrote " + written);
            }
        }
        if (json) {
            print(causalJson(cohort, lines));
        } else {
            spec.commandLine().getOut().print(Tables.causal(lines));
            spec.commandLine().getOut().flush();
        }
        return 0;
    }

    private Horizons horizons() {
        int[] slots = Arrays.stream(minutes).map(m -> m % 5 == 0 ? m / 5 : -1).toArray();
        try {
            return Horizons.of(slots);
        } catch (IllegalArgumentException e) {
            throw new GridException(
                    ErrorCode.INVALID_REQUEST, "--horizons must be ascending multiples of 5 up to 240 minutes", e);
        }
    }

    private int glucobench(Cohort cohort, PrintWriter err) {
        GlucoBench prepared = GlucoBench.of(cohort);
        GlucoBenchProtocol.Result result =
                new GlucoBenchProtocol(prepared, progress(err)).run(GlucoBenchProtocol.models());
        result.remarks().forEach(err::println);
        err.flush();
        if (json) {
            print(glucobenchJson(cohort, result));
        } else {
            spec.commandLine().getOut().print(Tables.glucobench(result.lines()));
            spec.commandLine().getOut().flush();
        }
        return result.comparable() ? 0 : 3;
    }

    private static Consumer<String> progress(PrintWriter err) {
        return line -> {
            err.println(line);
            err.flush();
        };
    }

    private void print(ObjectNode document) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(document);
        out.flush();
    }

    private static ObjectNode document(String protocol, Cohort cohort) {
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        document.put("protocol", protocol);
        document.put("subjects", cohort.subjects().size());
        document.put("readings", cohort.readings());
        return document;
    }

    private static ObjectNode causalJson(Cohort cohort, List<Scored> lines) {
        ObjectNode document = document("causal", cohort);
        ArrayNode rows = document.putArray("rows");
        for (Scored line : lines) {
            Accuracy accuracy = line.accuracy();
            ObjectNode row = rows.addObject();
            row.put("model", line.model());
            row.put("horizon_minutes", line.horizonMinutes());
            row.put("protocol", line.protocol());
            row.put("n", accuracy.n());
            row.put("rmse", accuracy.rmse());
            row.put("mae", accuracy.mae());
            row.put("mdae", accuracy.mdae());
            row.put("mard", accuracy.mard());
            row.put("bias", accuracy.bias());
            row.put("r2", accuracy.r2());
            accuracy.clarke().forEach((zone, share) -> row.put("clarke_" + Tables.lower(zone), share));
            accuracy.parkes().forEach((zone, share) -> row.put("parkes_" + Tables.lower(zone), share));
            row.put("macro_rmse", accuracy.macroRmse());
            row.put("worst_subject_rmse", accuracy.worstSubjectRmse());
            row.put("lambda", line.lambda());
            IntervalScore intervals = line.intervals();
            if (intervals != null) {
                row.put("coverage_90", intervals.coverage());
                row.put("width_90", intervals.width());
                row.put("calibration_error", intervals.calibrationError());
                row.put("worst_subject_coverage", intervals.worstSubjectCoverage());
                row.put("subjects_covered_85_to_95", intervals.subjectsNearNominal());
            }
            RiskScore risk = line.risk();
            if (risk != null) {
                row.put("low_prevalence", risk.prevalence());
                row.put("low_average_precision", risk.averagePrecision());
                row.put("low_brier", risk.brier());
            }
        }
        return document;
    }

    private static ObjectNode glucobenchJson(Cohort cohort, GlucoBenchProtocol.Result result) {
        ObjectNode document = document("glucobench", cohort);
        document.put("comparable", result.comparable());
        ArrayNode remarks = document.putArray("remarks");
        result.remarks().forEach(remarks::add);
        ArrayNode rows = document.putArray("rows");
        for (GlucoBenchProtocol.Line line : result.lines()) {
            ObjectNode row = rows.addObject();
            row.put("model", line.model());
            row.put("horizon_minutes", 60);
            row.put("protocol", "glucobench");
            row.put("part", line.part());
            row.put("seeds", line.seeds());
            row.put("rmse", line.rmse());
            row.put("mae", line.mae());
            row.put("mard", line.mard());
            row.put("pooled_rmse", line.pooledRmse());
            row.put("calibration_error", line.calibrationError());
        }
        return document;
    }
}
