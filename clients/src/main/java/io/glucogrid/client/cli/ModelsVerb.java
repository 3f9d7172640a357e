package io.glucogrid.client.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.glucogrid.cli.Verb;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code glucogrid models}: lists the models, and activates versions of them. */
@Command(
        name = "models",
        description = "List the models; with a subcommand, choose the version that is served.",
        subcommands = {ModelsVerb.ListVerb.class, ModelsVerb.ActivateVerb.class})
public final class ModelsVerb extends ApiVerb implements Verb {
    @Override
    int run(ApiClient client) {
        return list(this, client);
    }

    static JsonNode activate(ApiClient client, String reference) {
        int at = reference.indexOf('@');
        String name = at < 0 ? reference : reference.substring(0, at);
        String path = "/models/" + URLEncoder.encode(name, StandardCharsets.UTF_8) + "/activate";
        return client.post(path, at < 0 ? Json.object() : Json.object().put("version", version(reference, at)))
                .body();
    }

    private static int version(String reference, int at) {
        String version = reference.substring(at + 1);
        if (!version.matches("\\d{1,9}")) {
            throw new GridException(ErrorCode.INVALID_REQUEST, "'" + reference + "' is not of the form name@version");
        }
        return Integer.parseInt(version);
    }

    private static int list(ApiVerb verb, ApiClient client) {
        JsonNode models = client.get("/models").body();
        return verb.answer(models, Shown.any(models));
    }

    /** {@code glucogrid models list}. */
    @Command(name = "list", description = "All versions of all models.")
    static final class ListVerb extends ApiVerb {
        @Override
        int run(ApiClient client) {
            return list(this, client);
        }
    }

    /** {@code glucogrid models activate}. */
    @Command(name = "activate", description = "Make a version the one that its name stands for, on every node.")
    static final class ActivateVerb extends ApiVerb {
        @Parameters(paramLabel = "NAME@VERSION", description = "Version to serve, such as v1@2")
        private String reference;

        @Override
        int run(ApiClient client) {
            JsonNode active = ModelsVerb.activate(client, reference);
            return answer(active, Shown.any(active));
        }
    }
}
