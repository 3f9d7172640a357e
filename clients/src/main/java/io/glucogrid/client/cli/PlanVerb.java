package io.glucogrid.client.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.glucogrid.client.ApiClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code glucogrid plan}: what an apply would change. */
@Command(
        name = "plan",
        description =
                "Show what applying definition files would change, and for whom. Exit code 0: nothing, 2: something.")
public final class PlanVerb extends ApiVerb {
    /** Exit code of a plan with changes, as other planning tools have it. */
    private static final int CHANGES = 2;

    @Parameters(arity = "0..*", paramLabel = "FILE", description = "Definition files. Default: those of the node")
    private List<Path> files = List.of();

    @Override
    Duration patience() {
        return Duration.ofSeconds(60);
    }

    @Override
    int run(ApiClient client) {
        JsonNode plan =
                client.post("/definitions/plan", DefinitionTexts.request(files)).body();
        answer(plan, PlanText.of(plan));
        return plan.path("changed").asBoolean() ? CHANGES : DONE;
    }

    /** 2 means changes, so a failure is never 2. */
    @Override
    int failed(int exit) {
        return FAILED;
    }
}
