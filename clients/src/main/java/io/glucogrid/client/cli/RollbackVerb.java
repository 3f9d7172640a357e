package io.glucogrid.client.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code glucogrid rollback}: puts an earlier registry version in force again. */
@Command(name = "rollback", description = "Put the definitions of an earlier registry version in force again.")
public final class RollbackVerb extends ApiVerb {
    @Parameters(paramLabel = "VERSION", description = "The version; see glucogrid definitions")
    private long version;

    @Option(
            names = "--expect",
            paramLabel = "VERSION",
            description = "Registry version that is in force; refuse where the registry has moved on")
    private @Nullable Long expected;

    @Override
    Duration patience() {
        return Duration.ofMinutes(10);
    }

    @Override
    int run(ApiClient client) {
        ObjectNode request = Json.object().put("version", version);
        if (expected != null) {
            request.put("expected_version", expected);
        }
        JsonNode applied = client.post("/definitions/rollback", request).body();
        return answer(applied, ApplyVerb.text(applied));
    }
}
