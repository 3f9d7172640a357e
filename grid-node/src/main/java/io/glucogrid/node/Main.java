package io.glucogrid.node;

import io.glucogrid.cli.Verb;
import io.glucogrid.grid.GridException;
import java.io.PrintWriter;
import java.util.ServiceLoader;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The {@code glucogrid} command: its own verbs, and those of every module on the class path. */
@Command(
        name = "glucogrid",
        header = "A feature store, stream processor and glucose forecaster inside Apache Ignite.",
        synopsisSubcommandLabel = "VERB",
        versionProvider = Version.class,
        mixinStandardHelpOptions = true,
        subcommands = {NodeVerb.class, KafkaVerb.class, SettingsVerb.class},
        commandListHeading = "%nVerbs:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:failed",
            "2:wrong usage",
            "3:done, but not all of what was asked for held",
        },
        footer = {"", "'glucogrid VERB --help' says more about a verb."})
public final class Main implements Runnable {
    private static final String LOG_CONFIGURATION = "log4j2.configurationFile";

    @Spec
    private CommandSpec spec;

    @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "Show the stack trace of an error.")
    private boolean verbose;

    private Main() {}

    /** Runs a verb and ends the process with its exit code, whatever threads it left behind. */
    public static void main(String[] arguments) {
        int exitCode = CommandLine.ExitCode.SOFTWARE;
        try {
            String format = System.getenv().getOrDefault(Setting.LOG.key(), "text");
            if (System.getProperty(LOG_CONFIGURATION) == null) {
                System.setProperty(LOG_CONFIGURATION, "classpath:glucogrid/log4j2/" + format + ".xml");
            }
            exitCode = commandLine().execute(arguments);
        } catch (Throwable failure) {
            System.err.println("glucogrid: " + failure);
        } finally {
            System.exit(exitCode);
        }
    }

    static CommandLine commandLine() {
        Main main = new Main();
        CommandLine root = new CommandLine(main);
        ServiceLoader.load(Verb.class).forEach(root::addSubcommand);
        for (CommandLine verb : root.getSubcommands().values()) {
            verb.getCommandSpec().mixinStandardHelpOptions(true);
        }
        root.setParameterExceptionHandler(Main::explain);
        root.setExecutionExceptionHandler(main::report);
        return root;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a verb is missing");
    }

    private static int explain(ParameterException failure, String[] arguments) {
        CommandLine command = failure.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("glucogrid: " + failure.getMessage());
        UnmatchedArgumentException.printSuggestions(failure, err);
        err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        err.flush();
        return command.getCommandSpec().exitCodeOnInvalidInput();
    }

    private int report(Exception failure, CommandLine command, ParseResult result) {
        PrintWriter err = command.getErr();
        String reason = failure instanceof GridException known ? known.reason() : failure.toString();
        err.println("glucogrid: " + reason);
        if (verbose) {
            failure.printStackTrace(err);
        } else if (!(failure instanceof GridException)) {
            err.println("--verbose shows the stack trace.");
        }
        err.flush();
        return command.getCommandSpec().exitCodeOnExecutionException();
    }
}
