package io.glucogrid.node;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.cgm.Cgm;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import java.util.List;

/** Readings of the shipped definitions, pushed to a node and asked of it as any client would. Times are seconds since the epoch. */
final class Readings {
    private Readings() {}

    /** A reading that was known as soon as it was made. */
    static void push(ApiClient api, String store, long subject, long seconds, long glucose) {
        push(api, store, subject, seconds, seconds, glucose);
    }

    static void push(ApiClient api, String store, long subject, long seconds, long created, long glucose) {
        ObjectNode body =
                Json.object().put("push_source_name", "cgm_stats_push_source").put("store_type", store);
        body.putObject("event")
                .put("event_timestamp", seconds)
                .put(Cgm.SUBJECT, subject)
                .put(Cgm.GLUCOSE, glucose)
                .put("created", created);
        api.post("/push_stream_event", body);
    }

    /** The entities of an online question about one subject. */
    static ArrayNode entity(long subject) {
        return Json.array().add(Json.object().put(Cgm.SUBJECT, subject));
    }

    /** The glucose that history gives for a time; a null node where it has none. */
    static JsonNode glucoseAsOf(ApiClient api, long subject, long seconds) {
        ArrayNode rows =
                Json.array().add(Json.object().put(Cgm.SUBJECT, subject).put("event_timestamp", seconds));
        return api.historicalFeatures(List.of("cgm_hourly_stats:glucose"), rows).at("/0/glucose");
    }
}
