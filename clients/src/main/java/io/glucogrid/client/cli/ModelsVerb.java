package io.glucogrid.client.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.cli.Verb;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code glucogrid models}: lists the models, and activates versions of them. */
@Command(
        name = "models",
        description = "List the models; with a subcommand, choose the version that is served, or carry models about.",
        subcommands = {
            ModelsVerb.ListVerb.class,
            ModelsVerb.ActivateVerb.class,
            ModelsVerb.RollbackVerb.class,
            ModelsVerb.ShadowVerb.class,
            ModelsVerb.ExportVerb.class,
            ModelsVerb.ImportVerb.class,
            ModelsVerb.RemoveVerb.class,
            ModelsVerb.WarningsVerb.class
        })
public final class ModelsVerb extends ApiVerb implements Verb {
    private static final String PATH = "/operating_points";

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

    /** What tells versions from each other, one line each; {@code --json} has the rest. */
    private static ArrayNode lines(JsonNode models) {
        ArrayNode lines = Json.array();
        for (JsonNode model : models) {
            ObjectNode line = lines.addObject();
            for (String field : List.of("name", "version")) {
                line.set(field, model.path(field));
            }
            line.put("kind", model.path("kind").asText("linear"));
            line.put("active", model.path("active").asBoolean() ? "yes" : "");
            line.put("shadow", model.path("shadow").asBoolean() ? "yes" : "");
            line.put("subjects", model.path("subjects").asText(""));
            line.put("trained_at", model.path("trained_at").asText(""));
            for (String metric : List.of("rmse_15", "rmse_30", "rmse_60")) {
                JsonNode value = model.path("metrics").path(metric);
                line.put(metric, value.isNumber() ? String.format(Locale.ROOT, "%.2f", value.asDouble()) : "");
            }
        }
        return lines;
    }

    private static int list(ApiVerb verb, ApiClient client) {
        JsonNode models = client.get("/models").body();
        return verb.answer(models, Shown.records(lines(models)));
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

    private static String path(String reference, String operation) {
        return "/models/" + URLEncoder.encode(reference, StandardCharsets.UTF_8) + "/" + operation;
    }

    /** {@code glucogrid models rollback}. */
    @Command(name = "rollback", description = "Make the version active again that was so before the present one.")
    static final class RollbackVerb extends ApiVerb {
        @Parameters(paramLabel = "NAME", description = "Name of the model, such as v4")
        private String name;

        @Override
        int run(ApiClient client) {
            JsonNode active = client.post(path(name, "rollback"), Json.object()).body();
            return answer(active, Shown.any(active));
        }
    }

    /** {@code glucogrid models shadow}. */
    @Command(
            name = "shadow",
            description = "Score a forecaster beside the active one (see /metrics); without a model, no longer.")
    static final class ShadowVerb extends ApiVerb {
        @Parameters(arity = "0..1", paramLabel = "NAME@VERSION", description = "Version to score, such as v3@1")
        private @Nullable String reference;

        @Override
        int run(ApiClient client) {
            JsonNode shadow = client.post(
                            "/models/shadow",
                            reference == null ? Json.object() : Json.object().put("model", reference))
                    .body();
            return answer(shadow, Shown.any(shadow));
        }
    }

    /** {@code glucogrid models export}. */
    @Command(name = "export", description = "Print a model as a JSON document.")
    static final class ExportVerb extends ApiVerb {
        @Parameters(
                paramLabel = "NAME[@VERSION]",
                description = "Model, such as v4@2; without a version its active one")
        private String reference;

        @Override
        int run(ApiClient client) {
            JsonNode document = client.get(path(reference, "export")).body();
            return answer(document, Json.text(document) + "\n");
        }
    }

    /** {@code glucogrid models import}. */
    @Command(name = "import", description = "Store an exported model as the next version of its name.")
    static final class ImportVerb extends ApiVerb {
        @Parameters(paramLabel = "FILE", description = "File that export has written")
        private Path file;

        @Override
        int run(ApiClient client) {
            JsonNode stored = client.post("/models/import", document()).body();
            return answer(stored, Shown.any(stored));
        }

        private JsonNode document() {
            try {
                return Json.parse(Files.readString(file));
            } catch (IOException unreadable) {
                throw new GridException(ErrorCode.NOT_FOUND, "cannot read " + file, unreadable);
            }
        }
    }

    /** {@code glucogrid models remove}. */
    @Command(
            name = "remove",
            description = "Remove a version for good, or the old versions of a name.",
            footer = {
                "",
                "With --keep, what is active, what a rollback would go to, the shadow and the models that ship with the node stay"
                        + " too; whenever a version is stored, the same is done with the ten newest. A version that is named goes"
                        + " unless it is active, the shadow, or ships with the node."
            })
    static final class RemoveVerb extends ApiVerb {
        @Parameters(
                paramLabel = "NAME[@VERSION]",
                description = "Version to remove, such as v4@2; or a name with --keep")
        private String reference;

        @Option(names = "--keep", paramLabel = "N", description = "How many of the newest versions of the name stay")
        private @Nullable Integer keep;

        @Override
        int run(ApiClient client) {
            if ((reference.indexOf('@') < 0) == (keep == null)) {
                throw new GridException(
                        ErrorCode.INVALID_REQUEST, "give a version, such as v4@2, or a name and --keep");
            }
            ObjectNode request = keep == null ? Json.object() : Json.object().put("keep", keep);
            JsonNode answer = client.post(path(reference, "remove"), request).body();
            List<String> removed = new ArrayList<>();
            answer.path("removed").forEach(id -> removed.add(id.asText()));
            return answer(
                    answer,
                    removed.isEmpty() ? "Nothing to remove.\n" : "Removed " + String.join(", ", removed) + "\n");
        }
    }

    /** {@code glucogrid models warnings}. */
    @Command(
            name = "warnings",
            description = "List from which probabilities users are warned (0.5 where nothing is set), or set a user's.")
    static final class WarningsVerb extends ApiVerb {
        @Parameters(arity = "0..1", paramLabel = "SUBJECT", description = "User whose point is set")
        private @Nullable Long subject;

        @Option(
                names = "--low",
                paramLabel = "P",
                description = "Warn from this probability of a low within 30 minutes")
        private @Nullable Double low;

        @Option(
                names = "--high",
                paramLabel = "P",
                description = "Warn from this probability of a high within 30 minutes")
        private @Nullable Double high;

        @Option(names = "--remove", description = "Warn this user as all others again")
        private boolean remove;

        @Override
        int run(ApiClient client) {
            if (subject == null && (low != null || high != null || remove)) {
                throw new GridException(ErrorCode.INVALID_REQUEST, "name the subject whose warnings are set");
            }
            JsonNode points = (subject == null ? client.get(PATH) : client.post(PATH, request(subject))).body();
            return answer(points, points.isEmpty() ? "No user has a point of their own.\n" : Shown.records(points));
        }

        private ObjectNode request(Long of) {
            ObjectNode request = Json.object().put("subject_id", of);
            if (low != null) {
                request.put("low", low);
            }
            if (high != null) {
                request.put("high", high);
            }
            return remove ? request.put("remove", true) : request;
        }
    }
}
