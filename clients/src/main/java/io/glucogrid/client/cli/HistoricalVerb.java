package io.glucogrid.client.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code glucogrid features historical}: features as they were at given times. */
@Command(name = "historical", description = "Features of entities as they were at given times, from the offline tier.")
final class HistoricalVerb extends ApiVerb {
    @ArgGroup(multiplicity = "1")
    private Wanted wanted = new Wanted();

    @Option(
            names = "--entity",
            required = true,
            paramLabel = "KEY",
            description = "Subject, or join keys as name=value[,name=value]; may be repeated")
    private List<String> entities;

    @Option(
            names = "--at",
            required = true,
            paramLabel = "TIME",
            description = "Epoch seconds or ISO-8601: once for all entities, or once for each")
    private List<String> times;

    static final class Wanted {
        @Option(
                names = "--features",
                split = ",",
                paramLabel = "VIEW:FEATURE",
                description = "Features, comma separated, such as cgm_hourly_stats:glucose")
        private @Nullable List<String> features;

        @Option(names = "--service", paramLabel = "NAME", description = "All features of a service")
        private @Nullable String service;
    }

    @Override
    Duration patience() {
        return Duration.ofSeconds(60);
    }

    @Override
    int run(ApiClient client) {
        ArrayNode rows = Entities.of(entities);
        if (times.size() != 1 && times.size() != rows.size()) {
            throw new GridException(
                    ErrorCode.INVALID_REQUEST,
                    times.size() + " times for " + rows.size()
                            + " entities: give --at once, or once for each --entity");
        }
        for (int i = 0; i < rows.size(); i++) {
            Entities.putTime((ObjectNode) rows.get(i), "event_timestamp", times.get(times.size() == 1 ? 0 : i));
        }
        ObjectNode request = Json.object();
        List<String> features = wanted.features;
        if (features == null) {
            request.put("feature_service", wanted.service);
        } else {
            features.forEach(request.putArray("features")::add);
        }
        request.set("entities", rows);
        JsonNode records = client.post("/get_historical_features", request).body();
        return answer(records, Shown.records(records));
    }
}
