package io.glucogrid.door;

import io.glucogrid.feature.FeatureStore;
import io.glucogrid.feature.FeatureTable;
import io.glucogrid.feature.FeatureView.OnlineTtl;
import io.glucogrid.feature.ValueStatus;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.Deadline;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.grid.LocalService;
import io.glucogrid.json.FeatureJson;
import io.glucogrid.json.Json;
import io.glucogrid.model.Predictor;
import io.glucogrid.model.Trainer;
import io.glucogrid.serving.FeatureRuntime;
import io.glucogrid.serving.FeatureStoreService;
import io.glucogrid.serving.HistoricalAnswer;
import io.glucogrid.serving.OnlineAnswer;
import io.glucogrid.serving.Selection;
import io.glucogrid.value.Timestamps;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.ignite.Ignite;
import org.jspecify.annotations.Nullable;

/**
 * Everything the grid does for a client, JSON in and out: the one implementation behind HTTP, the Ignite service and the compute
 * tasks of Ignite REST.
 *
 * <p>A request is the body of the HTTP endpoint of the same name, parsed by {@link Json}. An error is a {@link GridException}
 * whose reason starts with the operation's prefix and may be shown to the caller. What answers within a request's deadline takes
 * one; what changes the grid has deadlines of its own. Stateless; safe for many threads.
 */
public final class Operations {
    private static final String ONLINE = "Error fetching online features";
    static final String HISTORICAL = "Error fetching historical features";
    static final String ENTITIES = "entities";
    private static final String AS_OF = "as_of";
    private static final String PUSH = "Error simulating stream event";
    private static final String MATERIALIZE = "Error materializing features";
    private static final String SETUP = "Error applying features";
    private static final String TEARDOWN = "Error tearing down features";
    private static final String PREDICT = "Error predicting";
    private static final String MODELS = "Error handling models";
    private static final String STATUS = "Error fetching status";
    private static final String STREAMS = "Error switching streams";

    private final LocalService<FeatureStoreService> store;
    private final Predictions predictions;
    private final Models models;
    private final ForecastOperations forecasts;

    /** Operations of the node of {@code ignite}; the parts are looked up at first use. */
    public Operations(Ignite ignite) {
        LocalService<Predictor> predictor = new LocalService<>(ignite, Predictor.NAME, Predictor.class);
        LocalService<Trainer> trainer = new LocalService<>(ignite, Trainer.NAME, Trainer.class);
        this.store = new LocalService<>(ignite, FeatureStore.NAME, FeatureStoreService.class);
        this.predictions = new Predictions(this::runtime, predictor);
        this.models = new Models(predictor, trainer);
        this.forecasts = new ForecastOperations(ignite);
    }

    /** Forecasts, and the models behind them. */
    public ForecastOperations forecasts() {
        return forecasts;
    }

    /** The node's feature store; NOT_READY while it has not started. */
    public FeatureRuntime runtime() {
        return store.get().runtime();
    }

    /**
     * {@code {"entities":[{…}],"feature_service":"…" or "features":["view:feature"]}} → one list per column. With {@code
     * "as_of"}, a time: what would have been served then.
     */
    public Outcome onlineFeatures(Map<String, @Nullable Object> request, Deadline deadline) {
        return prefixed(ONLINE, () -> {
            Object asOf = request.get(AS_OF);
            Selection selection = selection(request);
            Object entities = member(request, ENTITIES);
            return online(
                    asOf == null
                            ? runtime().online(selection, entities, deadline)
                            : runtime().onlineAsOf(selection, entities, Timestamps.micros(AS_OF, asOf), deadline));
        });
    }

    /** Columns; a header names those of views that report values which are too old, with how many there are. */
    private static Outcome online(OnlineAnswer answer) {
        Map<String, Integer> old = new LinkedHashMap<>();
        FeatureTable table = answer.table();
        for (int column = answer.joinKeys(); column < table.names().size(); column++) {
            if (answer.isStored(column) && answer.onlineTtl(column) == OnlineTtl.REPORT) {
                int count = 0;
                for (int row = 0; row < table.rows().length; row++) {
                    count += answer.status(row, column) == ValueStatus.OUTSIDE_MAX_AGE ? 1 : 0;
                }
                if (count > 0) {
                    old.put(table.names().get(column), count);
                }
            }
        }
        byte[] json = FeatureJson.columns(table);
        return old.isEmpty() ? Outcome.of(json) : new Outcome(json, Map.of("X-Outside-Max-Age", counts(old)));
    }

    private static String counts(Map<String, Integer> byName) {
        return byName.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining(", "));
    }

    /** {@link #onlineFeatures} where this node holds all rows, without waiting for anything; null where it does not. */
    public @Nullable Outcome onlineFeaturesIfLocal(Map<String, @Nullable Object> request) {
        if (request.get(AS_OF) != null) {
            return null;
        }
        try {
            OnlineAnswer answer = runtime().onlineIfLocal(selection(request), member(request, ENTITIES));
            return answer == null ? null : online(answer);
        } catch (RuntimeException failed) {
            throw failure(ONLINE, failed);
        }
    }

    /**
     * {@code {"features":["view:feature"] or "feature_service":"…","entities":[{…,"event_timestamp":…}]}} → records. With {@code
     * "known_at":"event_timestamp"}, rows created after an entity's time count as not there. With {@code "types":true}, the header
     * {@code X-Feature-Types} says {@code name=TYPE, …} of the features.
     */
    public Outcome historicalFeatures(Map<String, @Nullable Object> request, Deadline deadline) {
        return historicalFeatures(request, Integer.MAX_VALUE, deadline);
    }

    /** {@link #historicalFeatures} for a door that has the whole answer in memory more than once. */
    public Outcome historicalFeaturesOfFew(Map<String, @Nullable Object> request, Deadline deadline) {
        return historicalFeatures(request, runtime().maxEntities(), deadline);
    }

    private Outcome historicalFeatures(Map<String, @Nullable Object> request, int most, Deadline deadline) {
        return prefixed(HISTORICAL, () -> {
            HistoricalAnswer answer = runtime()
                    .historical(selection(request), member(request, ENTITIES), most, knownThen(request), deadline);
            byte[] json = FeatureJson.records(answer.names(), answer.types(), answer.rows());
            return flag(request, "types")
                    ? new Outcome(json, Map.of("X-Feature-Types", types(answer)))
                    : Outcome.of(json);
        });
    }

    private static String types(HistoricalAnswer answer) {
        List<String> types = new ArrayList<>();
        for (int column = 0; column < answer.names().size(); column++) {
            ValueType type = answer.types()[column];
            if (type != null) {
                types.add(answer.names().get(column) + "=" + type);
            }
        }
        return String.join(", ", types);
    }

    /**
     * {@link #historicalFeatures} of a request that is too long for memory.
     *
     * @param nesting how deep lists and objects may be nested in it
     */
    public LongJoin longJoin(FileChannel request, int nesting, int partRows) {
        return new LongJoin(this, request, nesting, partRows);
    }

    /** Whether an entity sees only what was known at its time. */
    static boolean knownThen(Map<String, @Nullable Object> request) {
        Object known = request.get("known_at");
        if (known != null && !known.equals("event_timestamp")) {
            throw invalid("'known_at' may only be \"event_timestamp\"");
        }
        return known != null;
    }

    static Selection selection(Map<String, @Nullable Object> request) {
        Object features = request.get("features");
        if (request.get("feature_service") == null) {
            return new Selection(
                    null, texts("features", member(request, "features")), flag(request, "full_feature_names"));
        }
        if (features != null) {
            throw invalid("either 'features' or 'feature_service', not both");
        }
        return Selection.of(text(request, "feature_service"));
    }

    /**
     * {@code {"push_source_name":"…","store_type":"…","event":{…}}}; {@code "events":[{…}]} in place of the one event are checked
     * all before any of them is stored.
     */
    public Outcome pushStreamEvent(Map<String, @Nullable Object> request, Deadline deadline) {
        return prefixed(PUSH, () -> {
            runtime().push(text(request, "push_source_name"), text(request, "store_type"), events(request), deadline);
            return message("Stream event simulated successfully", Map.of());
        });
    }

    private static List<Map<String, @Nullable Object>> events(Map<String, @Nullable Object> request) {
        if (!request.containsKey("events")) {
            return List.of(event(member(request, "event"), "'event'"));
        }
        List<@Nullable Object> several = Json.list(request.get("events"));
        if (several == null || request.get("event") != null) {
            throw invalid("'events' must be a list of objects, in place of 'event'");
        }
        List<Map<String, @Nullable Object>> events = new ArrayList<>(several.size());
        for (int i = 0; i < several.size(); i++) {
            events.add(event(several.get(i), "event " + i));
        }
        return events;
    }

    private static Map<String, @Nullable Object> event(@Nullable Object value, String name) {
        Map<String, @Nullable Object> event = Json.object(value);
        if (event == null) {
            throw invalid(name + " must be an object");
        }
        return event;
    }

    /**
     * Loads latest rows into the online store; the counts are in the headers. {@code {"feature_views":["…"],"start_ts":…,
     * "end_ts":…,"full":true}}, all optional.
     */
    public Outcome materialize(Map<String, @Nullable Object> request) {
        return prefixed(MATERIALIZE, () -> {
            Object views = request.get("feature_views");
            Object start = request.get("start_ts");
            Object end = request.get("end_ts");
            long from = start == null ? Long.MIN_VALUE : Timestamps.micros("start_ts", start);
            long to = end == null ? Long.MAX_VALUE : Timestamps.micros("end_ts", end);
            if (from > to) {
                throw invalid("'start_ts' is after 'end_ts'");
            }
            Map<String, Long> counts = runtime()
                    .materialize(
                            views == null ? List.of() : texts("feature_views", views), from, to, flag(request, "full"));
            Map<String, String> headers = new LinkedHashMap<>();
            counts.forEach((name, count) -> headers.put(
                    "X-Materialized-" + name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1),
                    String.valueOf(count)));
            return message("Features materialized to online store", headers);
        });
    }

    /** Applies the node's definition files on all nodes. */
    public Outcome setup(Map<String, @Nullable Object> request) {
        return prefixed(SETUP, () -> {
            long version = runtime().setup();
            return message("Feast apply completed", Map.of("X-Definitions-Version", String.valueOf(version)));
        });
    }

    /** Removes everything but source files. */
    public Outcome teardown(Map<String, @Nullable Object> request) {
        return prefixed(TEARDOWN, () -> {
            runtime().teardown();
            return message("Feast teardown completed", Map.of());
        });
    }

    /** {@code {"entities":[{…}],"model":"name[@version]","feature_service":"…"}} → one record per entity. */
    public Outcome predict(Map<String, @Nullable Object> request, Deadline deadline) {
        if (forecasts.isForecaster(request.get("model"))) {
            return prefixed(PREDICT, () -> forecasts.predict(request, runtime().maxEntities(), deadline));
        }
        return prefixed(
                PREDICT,
                () -> Outcome.of(Json.write(predictions.predict(
                        textOr(request, "model", null),
                        textOr(request, "feature_service", null),
                        member(request, ENTITIES),
                        deadline))));
    }

    /** Throws what {@link #predict} would throw of the request, whatever is stored. */
    void checkPredict(Map<String, @Nullable Object> request, List<Object> entities) {
        predictions.check(textOr(request, "model", null), textOr(request, "feature_service", null), entities);
    }

    /** All models with their versions. */
    public Outcome models(Map<String, @Nullable Object> request) {
        return prefixed(MODELS, () -> {
            List<Object> all = new ArrayList<>(models.list());
            all.addAll(forecasts.list());
            return Outcome.of(Json.write(all));
        });
    }

    /** {@code {"model":"…"}}, or {@code {"kind":"v4"}} of a forecaster: fits the next version and answers it. */
    public Outcome train(Map<String, @Nullable Object> request) {
        if (request.get("kind") != null) {
            return prefixed(MODELS, () -> Outcome.of(Json.write(forecasts.train(request))));
        }
        return prefixed(MODELS, () -> Outcome.of(Json.write(models.train(textOr(request, "model", null)))));
    }

    /** {@code {"model":"name@version"}}: makes it the active version of its name. */
    public Outcome activate(Map<String, @Nullable Object> request) {
        if (forecasts.isForecaster(request.get("model"))) {
            return prefixed(MODELS, () -> Outcome.of(Json.write(forecasts.activate(text(request, "model")))));
        }
        return prefixed(MODELS, () -> Outcome.of(Json.write(models.activate(text(request, "model")))));
    }

    /** Nodes, definitions, streams and tier. */
    public Outcome status(Map<String, @Nullable Object> request) {
        return prefixed(STATUS, () -> Outcome.of(Json.write(runtime().status())));
    }

    /**
     * Lets every node look for segments that others put into the tier. {@code {"new_rows":false}} says that they hold the rows of
     * others, as those of a compaction do.
     */
    public Outcome relist(Map<String, @Nullable Object> request) {
        return prefixed(STATUS, () -> {
            runtime().relist(!Boolean.FALSE.equals(request.get("new_rows")));
            return message("Segments listed", Map.of());
        });
    }

    /** {@code {"stream":"online"}}, or both without one: paused on every node when this answers. */
    public Outcome pauseStreams(Map<String, @Nullable Object> request) {
        return switchStreams(request, false);
    }

    /** {@code {"stream":"online"}}, or both without one: goes on at the committed offsets. */
    public Outcome resumeStreams(Map<String, @Nullable Object> request) {
        return switchStreams(request, true);
    }

    private Outcome switchStreams(Map<String, @Nullable Object> request, boolean running) {
        return prefixed(STREAMS, () -> {
            runtime().switchStreams(textOr(request, "stream", null), running);
            return message(running ? "Streams resumed" : "Streams paused", Map.of());
        });
    }

    private static Outcome message(String text, Map<String, String> headers) {
        return new Outcome(Json.write(Map.of("message", text)), headers);
    }

    static Outcome prefixed(String prefix, Supplier<Outcome> operation) {
        try {
            return operation.get();
        } catch (RuntimeException failed) {
            throw failure(prefix, failed);
        }
    }

    /** Reasons that are not ours to know are not shown; they are logged by the door. */
    static GridException failure(String prefix, RuntimeException failed) {
        return failed instanceof GridException known
                ? new GridException(known.code(), prefix + ": " + known.reason(), known)
                : new GridException(ErrorCode.INTERNAL, prefix + ": internal error", failed);
    }

    static GridException invalid(String problem) {
        return new GridException(ErrorCode.INVALID_REQUEST, problem);
    }

    private static @Nullable Object member(Map<String, @Nullable Object> request, String name) {
        Object value = request.get(name);
        if (value == null) {
            throw invalid("'" + name + "' is missing");
        }
        return value;
    }

    private static String text(Map<String, @Nullable Object> request, String name) {
        String text = textOr(request, name, null);
        if (text == null) {
            throw invalid("'" + name + "' is missing");
        }
        return text;
    }

    private static boolean flag(Map<String, @Nullable Object> request, String name) {
        Object value = request.get(name);
        if (value != null && !(value instanceof Boolean)) {
            throw invalid("'" + name + "' must be true or false");
        }
        return Boolean.TRUE.equals(value);
    }

    private static @Nullable String textOr(
            Map<String, @Nullable Object> request, String name, @Nullable String fallback) {
        Object value = request.get(name);
        if (value == null) {
            return fallback;
        }
        if (value instanceof String text) {
            return text;
        }
        throw invalid("'" + name + "' must be a text");
    }

    private static List<String> texts(String name, @Nullable Object value) {
        List<@Nullable Object> list = Json.list(value);
        if (list == null || list.isEmpty()) {
            throw notTexts(name);
        }
        List<String> texts = new ArrayList<>();
        for (Object element : list) {
            if (!(element instanceof String text)) {
                throw notTexts(name);
            }
            texts.add(text);
        }
        return texts;
    }

    private static GridException notTexts(String name) {
        return invalid("'" + name + "' must be a list of " + (name.equals("features") ? "view:feature" : "names"));
    }
}
