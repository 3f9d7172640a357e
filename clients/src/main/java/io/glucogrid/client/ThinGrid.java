package io.glucogrid.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.api.GridApi;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.grid.CacheRef;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.ignite.Ignition;
import org.apache.ignite.client.ClientCache;
import org.apache.ignite.client.ClientConnectionException;
import org.apache.ignite.client.ClientException;
import org.apache.ignite.client.IgniteClient;
import org.apache.ignite.configuration.ClientConfiguration;

/**
 * The grid through Ignite's thin client: features, predictions and rows without HTTP.
 *
 * <p>Operations go to the {@link GridApi} service, which answers what the HTTP endpoints answer. Rows are read from their
 * caches directly; the client knows which node owns a key and asks that one. Thread-safe; close it when done.
 */
public final class ThinGrid implements AutoCloseable {
    private final IgniteClient client;
    private final GridApi api;

    private ThinGrid(IgniteClient client, GridApi api) {
        this.client = client;
        this.api = api;
    }

    /**
     * Connects to the first of the addresses that answers, such as {@code localhost:10800}, and learns the others from it.
     *
     * @param deadline longest that one operation may take
     * @throws GridException NOT_READY where none answers
     */
    public static ThinGrid connect(List<String> addresses, Duration deadline) {
        int millis = Math.toIntExact(deadline.toMillis());
        ClientConfiguration configuration = new ClientConfiguration()
                .setAddresses(addresses.toArray(String[]::new))
                .setPartitionAwarenessEnabled(true)
                .setTimeout(millis);
        try {
            IgniteClient client = Ignition.startClient(configuration);
            return new ThinGrid(client, client.services().serviceProxy(GridApi.NAME, GridApi.class, millis));
        } catch (ClientException refused) {
            throw new GridException(
                    ErrorCode.NOT_READY, "no node answers thin clients at " + String.join(", ", addresses), refused);
        }
    }

    /** Latest features of a feature service, one row per subject, in order. */
    public List<OnlineFeatures> onlineFeatures(String service, List<Long> subjects) {
        ObjectNode request = Json.object().put("feature_service", service);
        request.set("entities", entities(subjects));
        JsonNode columns = call(GridApi::getOnlineFeatures, request);
        List<OnlineFeatures> rows = new ArrayList<>();
        for (int row = 0; row < subjects.size(); row++) {
            Map<String, JsonNode> values = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> column : columns.properties()) {
                values.put(column.getKey(), column.getValue().path(row));
            }
            rows.add(new OnlineFeatures(subjects.get(row), values));
        }
        return rows;
    }

    /**
     * Predictions from the latest features of each subject, in order.
     *
     * @param model {@code name} or {@code name@version}
     */
    public List<Prediction> predict(String model, List<Long> subjects) {
        ObjectNode request = Json.object().put("model", model);
        request.set("entities", entities(subjects));
        JsonNode records = call(GridApi::predict, request);
        List<Prediction> predictions = new ArrayList<>();
        for (int row = 0; row < subjects.size(); row++) {
            JsonNode value = records.path(row).path("prediction");
            predictions.add(new Prediction(
                    subjects.get(row),
                    value.isNumber() ? value.doubleValue() : Double.NaN,
                    records.path(row).path("model").asText()));
        }
        return predictions;
    }

    /** Any operation, such as {@code call(GridApi::status, Json.object())}. */
    public JsonNode call(Operation operation, JsonNode request) {
        return Json.parse(asking(() -> operation.call(api, Json.text(request))));
    }

    /** The rows that a cache holds under some of the keys. */
    public <K> Map<K, FeatureRow> rows(CacheRef<K, FeatureRow> ref, Set<K> keys) {
        return asking(() -> {
            ClientCache<K, FeatureRow> cache = client.cache(ref.name());
            return cache.getAll(keys);
        });
    }

    @Override
    public void close() {
        client.close();
    }

    /** One operation of {@link GridApi}, JSON in and out. */
    @FunctionalInterface
    public interface Operation {
        String call(GridApi api, String json);
    }

    private static ArrayNode entities(List<Long> subjects) {
        ArrayNode entities = Json.array();
        subjects.forEach(subject -> entities.addObject().put("subject_id", subject));
        return entities;
    }

    private static <T> T asking(Supplier<T> question) {
        try {
            return question.get();
        } catch (ClientConnectionException gone) {
            throw new GridException(ErrorCode.NOT_READY, "the grid does not answer: " + gone.getMessage(), gone);
        } catch (ClientException refused) {
            throw new GridException(ErrorCode.INTERNAL, reason(refused), refused);
        }
    }

    /** The service's own words; the client wraps them in its request number and status code. */
    private static String reason(ClientException refused) {
        return String.valueOf(refused.getMessage())
                .replaceFirst("^Ignite failed to process request \\[\\d+]: ", "")
                .replaceFirst(" \\(server status code \\[\\d+]\\)$", "");
    }
}
