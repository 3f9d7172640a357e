package io.glucogrid.client.cli;

import io.glucogrid.client.Json;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import picocli.CommandLine.Model.CommandSpec;

/** What a verb says when it fails: one line for people, with {@code --json} also one object for machines. */
public final class Failures {
    private Failures() {}

    /** Prints the failure; the result is the exit code. */
    public static int report(CommandSpec verb, boolean json, GridException failure) {
        if (json) {
            verb.commandLine()
                    .getOut()
                    .println(Json.text(Json.object()
                            .put("ok", false)
                            .put("error", failure.code().name())
                            .put("detail", failure.reason())));
            verb.commandLine().getOut().flush();
        }
        verb.commandLine().getErr().println(verb.qualifiedName() + ": " + failure.reason());
        verb.commandLine().getErr().flush();
        return failure.code() == ErrorCode.INVALID_REQUEST ? ApiVerb.WRONG_USAGE : ApiVerb.FAILED;
    }
}
