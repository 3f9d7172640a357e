package io.glucogrid.client.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.glucogrid.cli.Verb;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.PrintWriter;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * A verb that asks a running node. It prints either one JSON object or text for people on standard output; what went wrong
 * goes to standard error and decides the exit code.
 */
@Command(mixinStandardHelpOptions = true)
abstract class ApiVerb implements Verb {
    static final int DONE = 0;
    static final int FAILED = 1;
    static final int WRONG_USAGE = 2;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--api",
            paramLabel = "URL",
            defaultValue = "${env:GRID_API:-http://localhost:8000}",
            description = "A node's feature API; GRID_API says the same. Default: ${DEFAULT-VALUE}")
    private String api;

    @Option(
            names = "--deadline",
            paramLabel = "SECONDS",
            description = "Longest to wait for an answer. Default: what the operation may need")
    private int deadlineSeconds;

    @Option(names = "--json", description = "Print one JSON object")
    private boolean json;

    @Override
    public final Integer call() {
        try {
            int exit = run(ApiClient.of(api, deadline()));
            out().flush();
            return exit;
        } catch (GridException failure) {
            return failed(Failures.report(spec, json, failure));
        }
    }

    /** Exit code of a failure, given the usual one. */
    int failed(int exit) {
        return exit;
    }

    /** Does the work; the result is the exit code. */
    abstract int run(ApiClient client);

    /** How long the operation may take where the caller does not say. */
    Duration patience() {
        return Duration.ofSeconds(10);
    }

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    final PrintWriter err() {
        return spec.commandLine().getErr();
    }

    /** Prints the answer as it came with {@code --json}, else as {@code text} says it. */
    final int answer(JsonNode answer, String text) {
        return answer(out(), answer, text);
    }

    /** As {@link #answer(JsonNode, String)}, to standard error where standard output carries something else. */
    final int answer(PrintWriter to, JsonNode answer, String text) {
        to.print(json ? Json.text(answer) + "\n" : text);
        to.flush();
        return DONE;
    }

    private Duration deadline() {
        if (deadlineSeconds < 0) {
            throw new GridException(ErrorCode.INVALID_REQUEST, "--deadline must be a number of seconds above 0");
        }
        return deadlineSeconds == 0 ? patience() : Duration.ofSeconds(deadlineSeconds);
    }
}
