package io.glucogrid.door;

import io.glucogrid.api.GridApi;
import io.glucogrid.grid.Deadline;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.apache.ignite.Ignite;
import org.apache.ignite.resources.IgniteInstanceResource;
import org.apache.ignite.services.Service;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The Ignite service that thin clients of any language call; deploy one on every server node as {@link GridApi#NAME}. */
public final class GridApiService implements Service, GridApi {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(GridApiService.class);

    @IgniteInstanceResource
    private transient Ignite ignite;

    private transient volatile @Nullable Operations operations;

    @Override
    public void init() {
        operations = new Operations(ignite);
    }

    @Override
    public String getOnlineFeatures(String json) {
        return timed(json, operations()::onlineFeatures);
    }

    @Override
    public String getHistoricalFeatures(String json) {
        return timed(json, operations()::historicalFeaturesOfFew);
    }

    @Override
    public String pushStreamEvent(String json) {
        return timed(json, operations()::pushStreamEvent);
    }

    @Override
    public String materialize(String json) {
        return answer(json, operations()::materialize);
    }

    @Override
    public String setup(String json) {
        return answer(json, operations()::setup);
    }

    @Override
    public String teardown(String json) {
        return answer(json, operations()::teardown);
    }

    @Override
    public String predict(String json) {
        return timed(json, operations()::predict);
    }

    @Override
    public String pushAndPredict(String json) {
        return timed(
                json, (request, deadline) -> operations().forecasts().pushAndPredict(operations(), request, deadline));
    }

    @Override
    public String models(String json) {
        return answer(json, operations()::models);
    }

    @Override
    public String train(String json) {
        return answer(json, operations()::train);
    }

    @Override
    public String activate(String json) {
        return answer(json, operations()::activate);
    }

    @Override
    public String rollbackModel(String json) {
        return answer(json, operations().forecasts()::rollback);
    }

    @Override
    public String shadowModel(String json) {
        return answer(json, operations().forecasts()::shadow);
    }

    @Override
    public String exportModel(String json) {
        return answer(json, operations().forecasts()::exported);
    }

    @Override
    public String importModel(String json) {
        return answer(json, operations().forecasts()::imported);
    }

    @Override
    public String removeModel(String json) {
        return answer(json, operations().forecasts()::remove);
    }

    @Override
    public String operatingPoints(String json) {
        return answer(json, operations().forecasts()::operatingPoints);
    }

    @Override
    public String status(String json) {
        return answer(json, operations()::status);
    }

    @Override
    public String definitions(String json) {
        return answer(json, registry()::definitions);
    }

    @Override
    public String plan(String json) {
        return answer(json, registry()::plan);
    }

    @Override
    public String apply(String json) {
        return answer(json, registry()::apply);
    }

    @Override
    public String rollback(String json) {
        return answer(json, registry()::rollback);
    }

    @Override
    public String explain(String json) {
        return timed(json, registry()::explain);
    }

    @Override
    public String forget(String json) {
        return answer(json, request -> new ForgetOperations(operations()).forget(request));
    }

    private RegistryOperations registry() {
        return new RegistryOperations(operations());
    }

    private Operations operations() {
        Operations started = operations;
        if (started == null) {
            throw new GridException(ErrorCode.NOT_READY, "service '" + NAME + "' has not started on this node yet");
        }
        return started;
    }

    private String timed(
            @Nullable String json, BiFunction<Map<String, @Nullable Object>, Deadline, Outcome> operation) {
        return answer(
                json, request -> operation.apply(request, operations().runtime().deadline()));
    }

    /** A caller of another language may send no text at all. */
    private static String answer(@Nullable String json, Function<Map<String, @Nullable Object>, Outcome> operation) {
        try {
            Map<String, @Nullable Object> request = json == null || json.isBlank() ? Map.of() : Json.parseObject(json);
            return new String(operation.apply(request).json(), StandardCharsets.UTF_8);
        } catch (GridException failed) {
            if (!failed.code().isCallersFault()) {
                LOG.warn("service call failed code={} reason={}", failed.code(), failed.reason(), failed);
            }
            // Without its cause: a client need not know our classes.
            throw new GridException(failed.code(), failed.reason());
        }
    }
}
