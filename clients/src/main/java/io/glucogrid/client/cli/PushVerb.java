package io.glucogrid.client.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code glucogrid push}: one event into the online store, the offline tier, or both. */
@Command(name = "push", description = "Push one event into the online store, the offline tier, or both.")
public final class PushVerb extends ApiVerb {
    @Option(
            names = "--source",
            paramLabel = "NAME",
            defaultValue = "cgm_stats_push_source",
            description = "Push source. Default: ${DEFAULT-VALUE}")
    private String source;

    @Option(
            names = "--to",
            paramLabel = "STORE",
            defaultValue = "online_and_offline",
            description = "online, offline or online_and_offline. Default: ${DEFAULT-VALUE}")
    private String store;

    @Parameters(
            arity = "1..*",
            paramLabel = "NAME=VALUE",
            description = "Fields of the event, such as subject_id=163669001 glucose=111 event_timestamp=1391581982")
    private List<String> fields;

    @Override
    int run(ApiClient client) {
        ObjectNode request = Json.object().put("push_source_name", source).put("store_type", store);
        Entities.assign(request.putObject("event"), fields);
        JsonNode answer = client.post("/push_stream_event", request).body();
        return answer(answer, Shown.fields(answer));
    }
}
