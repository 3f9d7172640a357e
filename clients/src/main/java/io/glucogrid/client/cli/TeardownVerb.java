package io.glucogrid.client.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code glucogrid teardown}: removes everything that the grid stores. */
@Command(
        name = "teardown",
        description = "Remove definitions, online values, history and all segments; source files stay.")
public final class TeardownVerb extends ApiVerb {
    @Option(names = "--yes", description = "Really do it")
    private boolean yes;

    @Override
    Duration patience() {
        return Duration.ofSeconds(60);
    }

    @Override
    int run(ApiClient client) {
        if (!yes) {
            throw new GridException(
                    ErrorCode.INVALID_REQUEST,
                    "this removes everything that the grid at " + client.base() + " stores; say --yes to do it");
        }
        JsonNode answer = client.post("/teardown", Json.object()).body();
        return answer(answer, Shown.fields(answer));
    }
}
