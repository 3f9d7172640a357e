package io.glucogrid.client.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.glucogrid.client.ApiClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code glucogrid features online}: the latest features of entities. */
@Command(name = "online", description = "Latest features of entities, from the online store.")
final class OnlineVerb extends ApiVerb {
    @Mixin
    private EntityOptions asked;

    @Override
    int run(ApiClient client) {
        JsonNode columns = client.onlineFeatures(asked.service(), asked.entities());
        return answer(columns, Shown.columns(columns));
    }
}
