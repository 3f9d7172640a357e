package io.glucogrid.client.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.glucogrid.cgm.Cgm;
import io.glucogrid.client.ApiClient;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code glucogrid features online}: the latest features of entities. */
@Command(name = "online", description = "Latest features of entities, from the online store.")
final class OnlineVerb extends ApiVerb {
    @Option(
            names = "--service",
            paramLabel = "NAME",
            defaultValue = Cgm.ONLINE_SERVICE,
            description = "Feature service. Default: ${DEFAULT-VALUE}")
    private String service;

    @Option(
            names = "--entity",
            required = true,
            paramLabel = "KEY",
            description = "Subject, or join keys as name=value[,name=value]; may be repeated")
    private List<String> entities;

    @Override
    int run(ApiClient client) {
        JsonNode columns = client.onlineFeatures(service, Entities.of(entities));
        return answer(columns, Shown.columns(columns));
    }
}
