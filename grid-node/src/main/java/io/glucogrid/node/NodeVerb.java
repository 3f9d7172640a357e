package io.glucogrid.node;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.glucogrid.cli.Verb;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.ignite.IgniteState;
import org.apache.ignite.Ignition;
import org.apache.ignite.IgnitionListener;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs a server node until a signal or the grid ends it. */
@Command(
        name = "node",
        header = "Start a server node; the same command again joins a second one.",
        description = {
            "Runs until Ctrl-C or SIGTERM, which stops it in order; a second Ctrl-C ends it at once.",
            "Settings come from the environment; 'glucogrid settings' lists them."
        })
final class NodeVerb implements Verb {
    private static final Duration STOP_DEADLINE = Duration.ofSeconds(60);

    @Option(
            names = "--env",
            paramLabel = "ENV",
            defaultValue = "local",
            description = "local, cluster, docker, aws, or an XML file. Default: ${DEFAULT-VALUE}.")
    private String environment = "local";

    @Option(names = "--json", description = "Print where the node listens as one JSON object.")
    private boolean json;

    @Override
    public Integer call() throws JsonProcessingException {
        PrintStream answer = System.out;
        if (json) {
            System.setOut(System.err); // whatever a library prints must not end up in the JSON
        }
        CompletableFuture<End> end = new CompletableFuture<>();
        GridNode node = GridNode.start(Settings.of(System.getenv()), environment);
        IgnitionListener left = (name, state) -> {
            if (state != IgniteState.STARTED && node.info().name().equals(name)) {
                end.complete(new End(1, "the node left the grid: " + state));
            }
        };
        Ignition.addListener(left);
        StopSignals.handle(
                () -> end.complete(new End(0, "stopping " + node.info().name())));

        answer.print(
                json
                        ? new ObjectMapper().writeValueAsString(node.info().asJson()) + System.lineSeparator()
                        : node.info().asTable());
        answer.flush();

        End reached = end.join();
        Ignition.removeListener(left);
        progress(reached.reason());
        haltAfter(STOP_DEADLINE);
        node.stop(NodeVerb::progress);
        progress("stopped");
        return reached.exitCode();
    }

    private static void progress(String step) {
        System.err.println("glucogrid: " + step);
    }

    private static void haltAfter(Duration deadline) {
        CompletableFuture.delayedExecutor(deadline.toMillis(), TimeUnit.MILLISECONDS)
                .execute(() -> {
                    progress("not stopped within " + deadline.toSeconds() + " s; ending the process");
                    Runtime.getRuntime().halt(1);
                });
    }

    private record End(int exitCode, String reason) {}
}
