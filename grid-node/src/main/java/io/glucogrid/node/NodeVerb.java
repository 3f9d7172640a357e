package io.glucogrid.node;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.glucogrid.cli.Verb;
import io.glucogrid.client.process.ProcessSignals;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
            "Ends with exit code 75 where the grid has lost its majority, or this node its peers: start it again, or"
                    + " let --restart do that.",
            "Settings come from the environment; 'glucogrid settings' lists them."
        })
final class NodeVerb implements Verb {
    private static final Duration STOP_DEADLINE = Duration.ofSeconds(60);

    /** What a broken grid holds is not worth waiting for. */
    private static final Duration LEAVE_DEADLINE = Duration.ofSeconds(5);

    private static final Duration LOOK = Duration.ofMillis(500);

    @Option(
            names = "--env",
            paramLabel = "ENV",
            defaultValue = "local",
            description = "local, cluster, docker, aws, or an XML file. Default: ${DEFAULT-VALUE}.")
    private String environment = "local";

    @Option(
            names = "--restart",
            description = "Let the launcher start the node again whenever it ends with exit code 75 or is killed.")
    private boolean restart;

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
                int exitCode = state == IgniteState.STOPPED_ON_SEGMENTATION ? Whole.REJOIN : 1;
                end.complete(new End(exitCode, "the node left the grid: " + state));
            }
        };
        Ignition.addListener(left);
        ProcessSignals.handle(
                () -> end.complete(new End(0, "stopping " + node.info().name())), () -> {});

        answer.print(
                json
                        ? new ObjectMapper().writeValueAsString(node.info().asJson()) + System.lineSeparator()
                        : node.info().asTable());
        answer.flush();

        End reached = reached(end, new Whole(node.ignite()));
        Ignition.removeListener(left);
        progress(reached.reason());
        haltAfter(reached.exitCode() == 0 ? STOP_DEADLINE : LEAVE_DEADLINE, Math.max(1, reached.exitCode()));
        node.stop(NodeVerb::progress);
        progress(
                reached.exitCode() == Whole.REJOIN && !restart
                        ? "stopped; start the node again, or with --restart"
                        : "stopped");
        return reached.exitCode();
    }

    private static void progress(String step) {
        System.err.println("glucogrid: " + step);
    }

    private static End reached(CompletableFuture<End> end, Whole whole) {
        while (true) {
            try {
                return end.get(LOOK.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException goesOn) {
                String broken = whole.broken();
                if (broken != null) {
                    end.complete(new End(Whole.REJOIN, broken + ": ending, to join again without data"));
                }
            } catch (InterruptedException | ExecutionException interrupted) {
                Thread.currentThread().interrupt();
                return new End(1, "interrupted");
            }
        }
    }

    private static void haltAfter(Duration deadline, int exitCode) {
        CompletableFuture.delayedExecutor(deadline.toMillis(), TimeUnit.MILLISECONDS)
                .execute(() -> {
                    progress("not stopped within " + deadline.toSeconds() + " s; ending the process");
                    Runtime.getRuntime().halt(exitCode);
                });
    }

    private record End(int exitCode, String reason) {}
}
