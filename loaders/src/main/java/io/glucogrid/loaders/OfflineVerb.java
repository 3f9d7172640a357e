package io.glucogrid.loaders;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.glucogrid.cli.Verb;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code glucogrid offline}: looks after the Parquet tier, with or without nodes. */
@Command(
        name = "offline",
        description = "Look after the offline tier.",
        mixinStandardHelpOptions = true,
        subcommands = OfflineVerb.Verify.class)
public final class OfflineVerb implements Verb {
    private static final int SOUND = 0;
    private static final int FAILED = 1;
    private static final int USAGE = 2;
    private static final int DAMAGED = 3;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return USAGE;
    }

    /** {@code glucogrid offline verify}. */
    @Command(
            name = "verify",
            description = "Read every file of the offline tier and check it: checksums, footers, order of the rows,"
                    + " rows stored twice, rows of forgotten entities, files that belong to nothing. Changes nothing unless"
                    + " told to.",
            mixinStandardHelpOptions = true,
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {
                "0:every segment is sound",
                "1:the tier could not be read",
                "2:wrong usage",
                "3:damaged or quarantined segments, or rows of forgotten entities that readers of the files see (with"
                        + " --strict also orphaned files, and hidden rows of forgotten entities)"
            })
    static final class Verify implements Callable<Integer> {
        @Option(
                names = "--tier",
                description =
                        "root of the offline tier, a path or URI (GRID_OFFLINE_URI, or the tier of the grid at --api,"
                                + " or offline in GRID_WORK_DIR, or .glucogrid/offline)")
        private @Nullable String tier;

        @Option(
                names = "--api",
                defaultValue = "${env:GRID_API:-http://localhost:8000}",
                description = "grid whose tier it is, if one listens there (${DEFAULT-VALUE})")
        private URI api;

        @Option(names = "--table", description = "only this table")
        private @Nullable String table;

        @Option(names = "--quarantine", description = "move damaged segments to the folder quarantine")
        private boolean quarantine;

        @Option(
                names = "--strict",
                description = "exit with 3 for orphaned files too, and for rows of forgotten entities that the next"
                        + " compaction takes out")
        private boolean strict;

        @Option(names = "--json", description = "print one JSON object")
        private boolean json;

        @Spec
        private CommandSpec spec;

        @Override
        public Integer call() {
            PrintWriter err = spec.commandLine().getErr();
            try {
                TierStorage storage =
                        TierStorage.open(TierOption.choose(tier, api, line -> err.println("offline verify: " + line)));
                List<TierCheck.Report> reports = check(storage);
                Map<String, String> orphans = table == null ? new TierCheck(storage, rows -> {}).orphans() : Map.of();
                if (quarantine) {
                    isolate(storage, reports);
                }
                print(storage, reports, orphans);
                boolean sound = reports.stream().allMatch(Verify::isSound);
                boolean tidy = orphans.isEmpty()
                        && reports.stream().allMatch(report -> report.orphans().isEmpty() && report.forgotten() == 0);
                return sound && (tidy || !strict) ? SOUND : DAMAGED;
            } catch (GridException failure) {
                err.println("offline verify: " + failure.reason());
            } catch (IOException failure) {
                err.println("offline verify: " + failure);
            }
            return FAILED;
        }

        private static boolean isSound(TierCheck.Report report) {
            return report.damaged().isEmpty() && report.exposed() == 0;
        }

        private List<TierCheck.Report> check(TierStorage storage) throws IOException {
            if (!CommandLine.Help.Ansi.AUTO.enabled()) { // no terminal
                return check(storage, new TierCheck(storage, rows -> {}));
            }
            ProgressBarBuilder bar =
                    new ProgressBarBuilder().setTaskName("verify").setInitialMax(-1);
            try (ProgressBar progress = bar.build()) { // draws on standard error
                return check(storage, new TierCheck(storage, progress::stepBy));
            }
        }

        private List<TierCheck.Report> check(TierStorage storage, TierCheck check) throws IOException {
            String only = table;
            List<TierCheck.Report> reports = new ArrayList<>();
            for (String name : only == null ? TierFolders.tables(storage) : List.of(only)) {
                reports.add(check.check(name));
            }
            return reports;
        }

        private static void isolate(TierStorage storage, List<TierCheck.Report> reports) throws IOException {
            for (TierCheck.Report report : reports) {
                for (String path : report.damaged().keySet()) {
                    if (!path.startsWith(Quarantine.FOLDER + "/")) {
                        storage.move(path, Quarantine.FOLDER + "/" + path);
                    }
                }
            }
        }

        private void print(TierStorage storage, List<TierCheck.Report> reports, Map<String, String> orphans)
                throws IOException {
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                Map<String, Object> tree = new LinkedHashMap<>();
                tree.put("tier", storage.root().toString());
                tree.put("tables", reports.stream().map(Verify::tree).toList());
                tree.put("orphans", orphans);
                tree.put("ok", reports.stream().allMatch(Verify::isSound));
                out.println(new ObjectMapper().writeValueAsString(tree));
                return;
            }
            if (reports.isEmpty()) {
                out.println("there is no table in this tier");
            }
            for (TierCheck.Report report : reports) {
                out.println(String.format(
                        Locale.ROOT,
                        "%s: %,d segments, %,d rows, %,d stored more than once, %,d segments replaced, %,d damaged,"
                                + " %,d orphaned files",
                        report.table(),
                        report.segments(),
                        report.rows(),
                        report.repeated(),
                        report.replaced(),
                        report.damaged().size(),
                        report.orphans().size()));
                if (report.forgotten() > 0) {
                    out.println(String.format(
                            Locale.ROOT,
                            "  forgotten %,d rows wait for the next compaction; readers of the files see %,d of them",
                            report.forgotten(),
                            report.exposed()));
                }
                report.damaged().forEach((path, reason) -> out.println("  damaged   " + path + ": " + reason));
                report.orphans().forEach((path, reason) -> out.println("  orphaned  " + path + ": " + reason));
            }
            orphans.forEach((path, reason) -> out.println("orphaned  " + path + ": " + reason));
            out.println("tier: " + storage.root());
        }

        private static Map<String, Object> tree(TierCheck.Report report) {
            Map<String, Object> tree = new LinkedHashMap<>();
            tree.put("table", report.table());
            tree.put("segments", report.segments());
            tree.put("rows", report.rows());
            tree.put("repeated", report.repeated());
            tree.put("replaced", report.replaced());
            tree.put("forgotten", report.forgotten());
            tree.put("exposed", report.exposed());
            tree.put("damaged", report.damaged());
            tree.put("orphans", report.orphans());
            return tree;
        }
    }
}
