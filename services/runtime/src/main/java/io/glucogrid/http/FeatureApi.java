package io.glucogrid.http;

import io.glucogrid.door.ForecastOperations;
import io.glucogrid.door.ForgetOperations;
import io.glucogrid.door.Operations;
import io.glucogrid.door.Outcome;
import io.glucogrid.door.RegistryOperations;
import io.glucogrid.feast.FeastApi;
import io.glucogrid.feast.FeastReply;
import io.glucogrid.grid.Deadline;
import io.glucogrid.grid.GridException;
import io.glucogrid.metrics.PrometheusText;
import io.glucogrid.serving.FeatureRuntime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The endpoints of the feature API, without the server that carries them. */
final class FeatureApi {
    static final String HISTORICAL = "/get_historical_features";

    private final Operations operations;
    private final FeastApi feast;
    private final Bodies bodies;
    private final Supplier<String> metrics;
    private final BooleanSupplier draining;

    FeatureApi(
            Operations operations, FeastApi feast, Bodies bodies, Supplier<String> metrics, BooleanSupplier draining) {
        this.operations = operations;
        this.feast = feast;
        this.bodies = bodies;
        this.metrics = metrics;
        this.draining = draining;
    }

    Routes routes() {
        Documentation documentation = Documentation.load();
        return withForecasts(withRegistry(new Routes()))
                .add("GET", "/", atOnce(call -> Reply.json(200, Map.of("status", "ok"))))
                .add("GET", "/ready", aboutTheNode(call -> ready()))
                .add("GET", "/metrics", aboutTheNode(call -> Reply.text(PrometheusText.CONTENT_TYPE, metrics.get())))
                .add("GET", "/openapi.json", call -> documentation.definition())
                .add("GET", "/docs", call -> documentation.page())
                .add("GET", "/docs/{file}", documentation::file)
                .add("GET", "/redoc", atOnce(call -> Reply.movedTo("/docs")))
                .add("GET", "/health", atOnce(call -> Reply.of(feast.health(draining.getAsBoolean()))))
                .add(
                        "POST",
                        "/get-online-features",
                        feast((call, request) -> feast.onlineFeatures(request, call.deadline())))
                .add("POST", "/push", feast((call, request) -> feast.push(request, call.deadline())))
                .add(
                        "POST",
                        "/write-to-online-store",
                        feast((call, request) -> feast.writeToOnlineStore(request, call.deadline())))
                .add("POST", "/materialize-incremental", feast(this::materializeIncremental))
                .add("POST", "/get_online_features", new OnlineFeatures(operations, bodies))
                .add("POST", HISTORICAL, timed(operations::historicalFeatures))
                .add("POST", "/push_stream_event", timed(operations::pushStreamEvent))
                .add("POST", "/materialize", this::materialize)
                .add("POST", "/setup", withoutBody(operations::setup))
                .add("POST", "/teardown", withoutBody(operations::teardown))
                .add("POST", "/predict", timed(operations::predict))
                .add("GET", "/models", withoutBody(operations::models))
                .add("POST", "/models/train", withBodyOrNone(operations::train))
                .add("POST", "/models/{name}/activate", this::activate)
                .add("GET", "/status", withoutBody(operations::status))
                .add("POST", "/streams/pause", withBodyOrNone(operations::pauseStreams))
                .add("POST", "/streams/resume", withBodyOrNone(operations::resumeStreams))
                .add("POST", "/segments/relist", withBodyOrNone(operations::relist))
                .add("GET", "/forget", call -> Reply.of(new ForgetOperations(operations).forget(Map.of())))
                .add("POST", "/forget", withBody(new ForgetOperations(operations)::forget));
    }

    /** Endpoints of forecasts and of the models behind them. */
    private Routes withForecasts(Routes routes) {
        ForecastOperations forecasts = operations.forecasts();
        return routes.add(
                        "POST",
                        "/push_and_predict",
                        timed((request, deadline) -> forecasts.pushAndPredict(operations, request, deadline)))
                .add("GET", "/operating_points", call -> Reply.of(forecasts.operatingPoints(Map.of())))
                .add("POST", "/operating_points", withBody(forecasts::operatingPoints))
                .add("POST", "/models/import", withBody(forecasts::imported))
                .add("POST", "/models/shadow", withBody(forecasts::shadow))
                .add("GET", "/models/{name}/export", call -> Reply.of(forecasts.exported(model(call))))
                .add("POST", "/models/{name}/remove", this::remove)
                .add("POST", "/models/{name}/rollback", call -> Reply.of(forecasts.rollback(model(call))));
    }

    /** {@code POST /models/v4@2/remove}, or {@code POST /models/v4/remove} with {@code {"keep":3}}. */
    private Reply remove(Call call) {
        Bodies.Body body = bodies.orNone(call);
        Reply refusal = body.refusal();
        if (refusal != null) {
            return refusal;
        }
        Map<String, @Nullable Object> request = new LinkedHashMap<>(model(call));
        request.put("keep", body.object().get("keep"));
        return Reply.of(operations.forecasts().remove(request));
    }

    private static Map<String, @Nullable Object> model(Call call) {
        return Map.of("model", call.parameters().getOrDefault("name", ""));
    }

    /** Endpoints of the registry. */
    private Routes withRegistry(Routes routes) {
        RegistryOperations registry = new RegistryOperations(operations);
        return routes.add("GET", "/definitions", withoutBody(registry::definitions))
                .add(
                        "GET",
                        "/definitions/{version}",
                        call -> Reply.of(registry.definitions(
                                Map.of("version", call.parameters().getOrDefault("version", "")))))
                .add("POST", "/definitions/plan", withBodyOrNone(registry::plan))
                .add("POST", "/definitions/apply", withBodyOrNone(registry::apply))
                .add("POST", "/definitions/rollback", withBody(registry::rollback))
                .add("POST", "/features/explain", timed(registry::explain))
                .add("GET", "/features.schema.json", atOnce(call -> DefinitionsSchema.reply()));
    }

    /** Feast's where the body has one of its members and not {@code "full"}, which only ours knows; else the reference's. */
    private Reply materialize(Call call) {
        Bodies.Body body = bodies.orNone(call);
        Reply refusal = body.refusal();
        if (refusal != null) {
            return refusal;
        }
        Map<String, @Nullable Object> request = body.object();
        boolean ofFeast = request.get("end_ts") != null || request.get("disable_event_timestamp") != null;
        return !ofFeast || request.containsKey("full")
                ? Reply.of(operations.materialize(request))
                : Reply.of(feast.materialize(request, call.flag("async"), call.flag("force")));
    }

    private FeastReply materializeIncremental(Call call, Map<String, @Nullable Object> request) {
        return feast.materializeIncremental(request, call.flag("async"), call.flag("force"));
    }

    private CallHandler feast(BiFunction<Call, Map<String, @Nullable Object>, FeastReply> operation) {
        return call -> {
            Bodies.Body body = bodies.ofAnyType(call);
            Reply refusal = body.refusal();
            return refusal == null ? Reply.of(operation.apply(call, body.object())) : refusal;
        };
    }

    /** {@code POST /models/v1/activate} with {@code {"version":2}}, or {@code POST /models/v1@2/activate}. */
    private Reply activate(Call call) {
        Bodies.Body body = bodies.orNone(call);
        Reply refusal = body.refusal();
        if (refusal != null) {
            return refusal;
        }
        Object version = body.object().get("version");
        String name = call.parameters().getOrDefault("name", "");
        Map<String, @Nullable Object> request = new LinkedHashMap<>();
        request.put("model", version == null ? name : name + "@" + version);
        return Reply.of(operations.activate(request));
    }

    /**
     * 200 where the API can answer everything, else 503 with reasons. Streams that wait for Kafka, damaged files of the tier, memory
     * that is full, a grid that is configured for fewer nodes, and states of subjects that are still to be restored, are told but do
     * not make the node unready: it serves without them.
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
            tree.put("stream_lag", runtime.streamLags());
            List<String> warnings = runtime.gridWarnings();
            if (!warnings.isEmpty()) {
                tree.put("grid_warnings", warnings);
            }
            List<String> problems = runtime.tierProblems();
            if (!problems.isEmpty()) {
                tree.put("tier_problems", problems);
            }
            String shortfall = runtime.forecastShortfall();
            if (!shortfall.isEmpty()) {
                tree.put("forecasts", shortfall);
            }
            String full = runtime.memoryProblem();
            if (full != null) {
                tree.put("memory_problem", full);
            }
        } catch (GridException starting) {
            reasons = List.of(starting.reason());
            tree.put("status", "not ready");
        }
        if (!reasons.isEmpty()) {
            tree.put("reasons", reasons);
        }
        return Reply.json(reasons.isEmpty() ? 200 : 503, tree);
    }

    private CallHandler withBody(Function<Map<String, @Nullable Object>, Outcome> operation) {
        return call -> {
            Bodies.Body body = bodies.required(call);
            Reply refusal = body.refusal();
            return refusal == null ? Reply.of(operation.apply(body.object())) : refusal;
        };
    }

    /** An operation within the request's deadline. */
    private CallHandler timed(BiFunction<Map<String, @Nullable Object>, Deadline, Outcome> operation) {
        return call ->
                withBody(request -> operation.apply(request, call.deadline())).answer(call);
    }

    /** A body that may be left out, but not be malformed. */
    private CallHandler withBodyOrNone(Function<Map<String, @Nullable Object>, Outcome> operation) {
        return call -> {
            Bodies.Body body = bodies.orNone(call);
            Reply refusal = body.refusal();
            return refusal == null ? Reply.of(operation.apply(body.object())) : refusal;
        };
    }

    /** Whatever is sent is not looked at. */
    private static CallHandler withoutBody(Function<Map<String, @Nullable Object>, Outcome> operation) {
        return call -> Reply.of(operation.apply(Map.of()));
    }

    private static CallHandler aboutTheNode(CallHandler endpoint) {
        return new CallHandler() {
            @Override
            public Reply answer(Call call) {
                return endpoint.answer(call);
            }

            @Override
            public boolean isAboutTheNode() {
                return true;
            }
        };
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
        private final Bodies bodies;

        OnlineFeatures(Operations operations, Bodies bodies) {
            this.operations = operations;
            this.bodies = bodies;
        }

        @Override
        public Reply answer(Call call) {
            Bodies.Body body = bodies.required(call);
            Reply refusal = body.refusal();
            return refusal == null ? Reply.of(operations.onlineFeatures(body.object(), call.deadline())) : refusal;
        }

        @Override
        public @Nullable Reply answerAtOnce(Call call) {
            if (call.body().length > MAX_BYTES_AT_ONCE) {
                return null;
            }
            Bodies.Body body = bodies.required(call);
            if (body.refusal() != null) {
                return body.refusal();
            }
            Outcome outcome = operations.onlineFeaturesIfLocal(body.object());
            return outcome == null ? null : Reply.of(outcome);
        }
    }
}
