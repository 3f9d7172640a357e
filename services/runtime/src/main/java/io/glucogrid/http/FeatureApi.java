package io.glucogrid.http;

import io.glucogrid.door.Operations;
import io.glucogrid.door.Outcome;
import io.glucogrid.grid.GridException;
import io.glucogrid.metrics.Latencies;
import io.glucogrid.metrics.PrometheusText;
import io.glucogrid.serving.FeatureRuntime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.apache.ignite.Ignite;
import org.jspecify.annotations.Nullable;

/** The endpoints of the feature API, without the server that carries them. */
final class FeatureApi {
    static final String HISTORICAL = "/get_historical_features";

    private final Ignite ignite;
    private final Operations operations;
    private final Latencies latencies;
    private final BooleanSupplier draining;

    FeatureApi(Ignite ignite, Operations operations, Latencies latencies, BooleanSupplier draining) {
        this.ignite = ignite;
        this.operations = operations;
        this.latencies = latencies;
        this.draining = draining;
    }

    Routes routes() {
        return new Routes()
                .add("GET", "/", atOnce(call -> Reply.json(200, Map.of("status", "ok"))))
                .add("GET", "/health", atOnce(call -> Reply.json(200, Map.of("status", "ok"))))
                .add("GET", "/ready", call -> ready())
                .add(
                        "GET",
                        "/metrics",
                        call -> Reply.text(PrometheusText.CONTENT_TYPE, PrometheusText.of(ignite, latencies)))
                .add("POST", "/get_online_features", new OnlineFeatures(operations))
                .add("POST", HISTORICAL, withBody(operations::historicalFeatures))
                .add("POST", "/push_stream_event", withBody(operations::pushStreamEvent))
                .add("POST", "/materialize", withoutBody(operations::materialize))
                .add("POST", "/setup", withoutBody(operations::setup))
                .add("POST", "/teardown", withoutBody(operations::teardown))
                .add("POST", "/predict", withBody(operations::predict))
                .add("GET", "/models", withoutBody(operations::models))
                .add("POST", "/models/train", withoutBody(operations::train))
                .add("POST", "/models/{name}/activate", this::activate)
                .add("GET", "/status", withoutBody(operations::status))
                .add("POST", "/segments/relist", withoutBody(operations::relist));
    }

    /** {@code POST /models/v1/activate} with {@code {"version":2}}, or {@code POST /models/v1@2/activate}. */
    private Reply activate(Call call) {
        Object version = Bodies.optional(call).get("version");
        String name = call.parameters().getOrDefault("name", "");
        Map<String, @Nullable Object> request = new LinkedHashMap<>();
        request.put("model", version == null ? name : name + "@" + version);
        return Reply.of(operations.activate(request));
    }

    /**
     * 200 where the API can answer everything, else 503 with reasons. Streams that wait for Kafka are told but do not make the
     * node unready: it serves without them.
     */
    private Reply ready() {
        Map<String, Object> tree = new LinkedHashMap<>();
        List<String> reasons;
        try {
            FeatureRuntime runtime = operations.runtime();
            reasons = draining.getAsBoolean() ? List.of("the node is stopping") : runtime.missingParts();
            tree.put("status", reasons.isEmpty() ? "ready" : "not ready");
            tree.put("definitions_version", runtime.definitionsVersion());
            tree.put("streams", runtime.streamStates());
        } catch (GridException starting) {
            reasons = List.of(starting.reason());
            tree.put("status", "not ready");
        }
        if (!reasons.isEmpty()) {
            tree.put("reasons", reasons);
        }
        return Reply.json(reasons.isEmpty() ? 200 : 503, tree);
    }

    private static CallHandler withBody(Function<Map<String, @Nullable Object>, Outcome> operation) {
        return call -> {
            Bodies.Body body = Bodies.required(call);
            Reply refusal = body.refusal();
            return refusal == null ? Reply.of(operation.apply(body.object())) : refusal;
        };
    }

    private static CallHandler withoutBody(Function<Map<String, @Nullable Object>, Outcome> operation) {
        return call -> Reply.of(operation.apply(Bodies.optional(call)));
    }

    private static CallHandler atOnce(CallHandler endpoint) {
        return new CallHandler() {
            @Override
            public Reply answer(Call call) {
                return endpoint.answer(call);
            }

            @Override
            public Reply answerAtOnce(Call call) {
                return endpoint.answer(call);
            }
        };
    }

    /** The hot path: where this node holds the rows, the I/O thread answers. */
    private static final class OnlineFeatures implements CallHandler {
        private static final int MAX_BYTES_AT_ONCE = 16 * 1024;

        private final Operations operations;

        OnlineFeatures(Operations operations) {
            this.operations = operations;
        }

        @Override
        public Reply answer(Call call) {
            Bodies.Body body = Bodies.required(call);
            Reply refusal = body.refusal();
            return refusal == null ? Reply.of(operations.onlineFeatures(body.object())) : refusal;
        }

        @Override
        public @Nullable Reply answerAtOnce(Call call) {
            if (call.body().length > MAX_BYTES_AT_ONCE) {
                return null;
            }
            Bodies.Body body = Bodies.required(call);
            if (body.refusal() != null) {
                return body.refusal();
            }
            Outcome outcome = operations.onlineFeaturesIfLocal(body.object());
            return outcome == null ? null : Reply.of(outcome);
        }
    }
}
