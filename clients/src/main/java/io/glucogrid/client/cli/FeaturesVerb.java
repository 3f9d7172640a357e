package io.glucogrid.client.cli;

import io.glucogrid.cli.Verb;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code glucogrid features}: reads of features, by its subcommands. */
@Command(
        name = "features",
        mixinStandardHelpOptions = true,
        description = "Read features, the latest or those of a given time, and explain them.",
        subcommands = {OnlineVerb.class, HistoricalVerb.class, ExplainVerb.class})
public final class FeaturesVerb implements Verb {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return ApiVerb.WRONG_USAGE;
    }
}
