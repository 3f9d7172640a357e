package io.glucogrid.client.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.cgm.Cgm;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code glucogrid forget}: removes an entity for good, allows it again, or lists what was forgotten. */
@Command(
        name = "forget",
        description =
                "Remove everything that the grid stores of a subject, or of another entity, and take nothing of it any"
                        + " more. Compactions then take its rows out of the Parquet files; `glucogrid offline verify`"
                        + " proves it.",
        footer = {
            "",
            "Source files and the messages in Kafka stay; streams and loads pass over them. Models do not change."
        })
public final class ForgetVerb extends ApiVerb {
    @ArgGroup(multiplicity = "1")
    private Wanted wanted = new Wanted();

    @Option(names = "--undo", description = "Take new rows of the entity again; what was forgotten stays so")
    private boolean undo;

    static final class Wanted {
        @Option(names = "--subject", paramLabel = "ID", description = "Subject to forget")
        private @Nullable String subject;

        @Option(
                names = "--entity",
                paramLabel = "KEY=VALUE",
                split = ",",
                description = "Join keys to forget; a part of a composite entity's forgets every row with that part")
        private @Nullable List<String> keys;

        @Option(names = "--list", description = "Show what was forgotten")
        private boolean list;
    }

    @Override
    Duration patience() {
        return Duration.ofMinutes(10);
    }

    @Override
    int run(ApiClient client) {
        if (wanted.list) {
            if (undo) {
                throw new GridException(ErrorCode.INVALID_REQUEST, "--undo needs --subject or --entity");
            }
            JsonNode listed = client.get("/forget").body();
            JsonNode entities = listed.path("forgotten");
            return answer(listed, entities.isEmpty() ? "Nothing was forgotten.\n" : Shown.records(entities));
        }
        ObjectNode request = Json.object();
        List<String> keys = wanted.keys;
        ObjectNode entity =
                keys == null ? Json.object().put(Cgm.SUBJECT, wanted.subject) : Entities.assign(Json.object(), keys);
        request.set("entity", entity);
        if (undo) {
            JsonNode allowed = client.post("/forget", request.put("undo", true)).body();
            return answer(allowed, Shown.value(allowed.path("allowed")) + ": rows are taken again from now on\n");
        }
        JsonNode forgotten = client.post("/forget", request).body();
        return answer(
                forgotten,
                String.format(
                        Locale.ROOT,
                        "%s: forgotten%n%,12d  online rows removed%n%,12d  rows of the hot window removed%n%,12d "
                                + " event times of history hidden; the next compaction takes them out of the files%n%,12d"
                                + "  states and coefficients of forecasts removed%n",
                        Shown.value(forgotten.path("forgotten")),
                        forgotten.path("online_rows").asLong(),
                        forgotten.path("hot_rows").asLong(),
                        forgotten.path("history_rows").asLong(),
                        forgotten.path("derived_rows").asLong()));
    }
}
