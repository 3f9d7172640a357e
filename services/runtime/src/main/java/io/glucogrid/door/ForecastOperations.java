package io.glucogrid.door;

import io.glucogrid.cgm.Cgm;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.Deadline;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.grid.LocalService;
import io.glucogrid.json.Json;
import io.glucogrid.model.ForecastQuery;
import io.glucogrid.model.ForecastTraining;
import io.glucogrid.model.Forecasts;
import io.glucogrid.model.ModelCatalog;
import io.glucogrid.model.ModelInfo;
import io.glucogrid.model.OperatingPoints;
import io.glucogrid.model.SubjectForecast;
import io.glucogrid.value.Coercion;
import io.glucogrid.value.Timestamps;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.ignite.Ignite;
import org.jspecify.annotations.Nullable;

/**
 * Forecasts and forecasters, JSON in and out: the part of the {@link Operations} that knows subjects and their states. On a node
 * without a forecasting service no name is a forecaster's.
 */
public final class ForecastOperations {
    /** Of what may read the whole tier: a training, and what stores subjects' own coefficients before a version is served. */
    private static final Duration TRAINING_DEADLINE = Duration.ofMinutes(10);

    private static final String PUSH_AND_PREDICT = "Error predicting from a pushed event";
    private static final String MODELS = "Error handling models";
    private static final String MODEL = "model";
    private static final String EVENT_TIMESTAMP = "event_timestamp";
    private static final String OPERATING_POINT = "operating_point";
    private static final String POINTS = "Error handling operating points";
    private static final Duration POINTS_DEADLINE = Duration.ofSeconds(20);

    private static final Field SUBJECT_FIELD = new Field(Cgm.SUBJECT, ValueType.INT64);

    private final LocalService<Forecasts> forecasts;
    private final LocalService<ModelCatalog> catalog;
    private final LocalService<OperatingPoints> points;

    ForecastOperations(Ignite ignite) {
        this.forecasts = new LocalService<>(ignite, Forecasts.NAME, Forecasts.class);
        this.catalog = new LocalService<>(ignite, ModelCatalog.NAME, ModelCatalog.class);
        this.points = new LocalService<>(ignite, OperatingPoints.NAME, OperatingPoints.class);
    }

    /** Whether a model is a forecaster, and not one of served features. */
    boolean isForecaster(@Nullable Object ref) {
        return ref instanceof String name
                && forecasts.isReady()
                && forecasts.get().isForecaster(name);
    }

    /**
     * {@code {"entities":[{"subject_id":…,"event_timestamp":…,"operating_point":{"low":…,"high":…}}],"model":"v4","path":true}} → one
     * record per entity. The time and the point of warning are optional, the latter also for the whole request.
     */
    Outcome predict(Map<String, @Nullable Object> request, int most, Deadline deadline) {
        return answer(query(request, subjects(request, most)), deadline);
    }

    private Outcome answer(ForecastQuery query, Deadline deadline) {
        return Outcome.of(Json.write(records(forecasts.get().forecast(query, deadline.left("the forecast")))));
    }

    private static ForecastQuery query(Map<String, @Nullable Object> request, List<ForecastQuery.Subject> subjects) {
        for (String member : List.of("horizon", "horizons")) {
            if (request.get(member) != null) {
                throw Operations.invalid(
                        "'" + member + "' cannot be chosen: forecasts are of 15, 30 and 60 minutes, and with"
                                + " \"path\":true of every five minutes of the hour");
            }
        }
        Object model = request.get(MODEL);
        return new ForecastQuery(model instanceof String name ? name : "", subjects, flag(request, "path"));
    }

    private static List<ForecastQuery.Subject> subjects(Map<String, @Nullable Object> request, int most) {
        List<@Nullable Object> entities = Json.list(request.get(Operations.ENTITIES));
        if (entities == null || entities.isEmpty()) {
            throw Operations.invalid("'entities' must be a list of at least one object");
        }
        if (entities.size() > most) {
            throw new GridException(
                    ErrorCode.TOO_LARGE, entities.size() + " entities, where one request may have " + most);
        }
        double[] usual =
                operatingPoint(request.get(OPERATING_POINT), new double[] {ForecastQuery.AS_SET, ForecastQuery.AS_SET});
        List<ForecastQuery.Subject> subjects = new ArrayList<>(entities.size());
        for (int i = 0; i < entities.size(); i++) {
            Map<String, @Nullable Object> entity = Json.object(entities.get(i));
            if (entity == null || !(entity.get(Cgm.SUBJECT) instanceof Long subject)) {
                throw Operations.invalid("entity " + i + " needs a whole number as its '" + Cgm.SUBJECT + "'");
            }
            Object time = entity.get(EVENT_TIMESTAMP);
            double[] point = operatingPoint(entity.get(OPERATING_POINT), usual);
            subjects.add(new ForecastQuery.Subject(
                    subject,
                    time == null ? ForecastQuery.LATEST : Timestamps.micros(EVENT_TIMESTAMP, time),
                    point[0],
                    point[1]));
        }
        return subjects;
    }

    private static double[] operatingPoint(@Nullable Object given, double[] usual) {
        if (given == null) {
            return usual;
        }
        Map<String, @Nullable Object> point = Json.object(given);
        if (point == null) {
            throw Operations.invalid("'operating_point' must be an object with 'low' and 'high'");
        }
        return new double[] {probability(point, "low", usual[0]), probability(point, "high", usual[1])};
    }

    private static double probability(Map<String, @Nullable Object> point, String name, double usual) {
        Object value = point.get(name);
        if (value == null) {
            return usual;
        }
        if (value instanceof Number number && number.doubleValue() >= 0 && number.doubleValue() <= 1) {
            return number.doubleValue();
        }
        throw Operations.invalid("'" + name + "' must be a probability, 0 to 1");
    }

    /**
     * A push as {@code /push_stream_event} takes it, with {@code "model"} and what else {@code /predict} takes: the push, and the
     * predictions that follow from it, in one call. Without a model it is the preferred forecaster, or v1 before there is one. What
     * cannot be answered is refused before anything is stored.
     */
    public Outcome pushAndPredict(Operations operations, Map<String, @Nullable Object> request, Deadline deadline) {
        return Operations.prefixed(PUSH_AND_PREDICT, () -> {
            Map<String, @Nullable Object> question = new LinkedHashMap<>(request);
            Supplier<Outcome> predictions = predictions(operations, question, entities(request), deadline);
            operations.pushStreamEvent(request, deadline);
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("message", "Stream event simulated successfully");
            answer.put("predictions", plain(predictions.get().json()));
            return Outcome.of(Json.write(answer));
        });
    }

    private Supplier<Outcome> predictions(
            Operations operations, Map<String, @Nullable Object> question, List<Object> entities, Deadline deadline) {
        question.put(Operations.ENTITIES, entities);
        boolean any = question.get(MODEL) == null
                && forecasts.isReady()
                && !forecasts.get().preferred().isEmpty();
        if (any || isForecaster(question.get(MODEL))) {
            ForecastQuery query =
                    query(question, subjects(question, operations.runtime().maxEntities()));
            return () -> answer(query, deadline);
        }
        operations.checkPredict(question, entities);
        return () -> operations.predict(question, deadline);
    }

    private static Object plain(byte[] json) {
        Object tree = Json.plain(json);
        return tree == null ? List.of() : tree;
    }

    /** The subjects of the pushed events, each once. */
    private static List<Object> entities(Map<String, @Nullable Object> request) {
        List<@Nullable Object> events = new ArrayList<>();
        List<@Nullable Object> several = Json.list(request.get("events"));
        if (several == null) {
            events.add(request.get("event"));
        } else {
            events.addAll(several);
        }
        Set<Object> subjects = new LinkedHashSet<>();
        for (Object event : events) {
            Map<String, @Nullable Object> fields = Json.object(event);
            Object subject = fields == null ? null : fields.get(Cgm.SUBJECT);
            if (subject == null) {
                throw Operations.invalid("every event needs a '" + Cgm.SUBJECT + "'");
            }
            subjects.add(Coercion.key(SUBJECT_FIELD, subject)); // as the push will take it
        }
        List<Object> entities = new ArrayList<>();
        subjects.forEach(subject -> entities.add(Map.of(Cgm.SUBJECT, subject)));
        return entities;
    }

    /**
     * {@code {"subject_id":7,"low":0.2,"high":0.4}} sets from which probabilities a user is warned (one left out is the usual),
     * {@code {"subject_id":7,"remove":true}} forgets it; both answer the points that are set, as {@code {}} does.
     */
    public Outcome operatingPoints(Map<String, @Nullable Object> request) {
        return Operations.prefixed(POINTS, () -> {
            if (!request.isEmpty()) {
                if (!(request.get(Cgm.SUBJECT) instanceof Long subject)) {
                    throw Operations.invalid("'" + Cgm.SUBJECT + "' must be a whole number");
                }
                Object remove = request.get("remove");
                if (remove != null && !(remove instanceof Boolean)) {
                    throw Operations.invalid("'remove' must be true or false");
                }
                boolean names = request.get("low") != null || request.get("high") != null;
                if (Boolean.TRUE.equals(remove) == names) {
                    throw Operations.invalid("name 'low' or 'high', or say \"remove\":true");
                }
                if (names) {
                    points.get()
                            .setOperatingPoint(
                                    new OperatingPoints.Point(
                                            subject,
                                            probability(request, "low", OperatingPoints.USUAL),
                                            probability(request, "high", OperatingPoints.USUAL)),
                                    POINTS_DEADLINE);
                } else {
                    points.get().removeOperatingPoint(subject, POINTS_DEADLINE);
                }
            }
            List<Object> all = new ArrayList<>();
            for (OperatingPoints.Point point : points.get().operatingPoints()) {
                Map<String, Object> tree = new LinkedHashMap<>();
                tree.put(Cgm.SUBJECT, point.subjectId());
                tree.put("low", point.low());
                tree.put("high", point.high());
                all.add(tree);
            }
            return Outcome.of(Json.write(all));
        });
    }

    /** All forecasters, as {@code GET /models} lists them behind the other models. */
    List<Object> list() {
        List<Object> models = new ArrayList<>();
        if (catalog.isReady()) {
            for (ModelInfo model : catalog.get().all()) {
                if (!model.horizonMinutes().isEmpty()) {
                    models.add(tree(model));
                }
            }
        }
        return models;
    }

    /** {@code {"kind":"v4","lambda":300,"share":1,"from_sums":false}}, all but the kind optional. */
    Map<String, Object> train(Map<String, @Nullable Object> request) {
        if (!(request.get("kind") instanceof String kind)) {
            throw Operations.invalid("'kind' must be a text");
        }
        return tree(catalog.get()
                .train(
                        new ForecastTraining(
                                kind,
                                number(request, "lambda", ForecastTraining.DEFAULT_LAMBDA),
                                number(request, "share", 1),
                                flag(request, "from_sums")),
                        TRAINING_DEADLINE));
    }

    Map<String, Object> activate(String ref) {
        return tree(catalog.get().activateVersion(ref, TRAINING_DEADLINE));
    }

    /** {@code {"model":"v4"}}: makes the version active that was so before. */
    public Outcome rollback(Map<String, @Nullable Object> request) {
        return answer(() -> tree(catalog.get().rollback(text(request), TRAINING_DEADLINE)));
    }

    /** {@code {"model":"v4@2"}}: scores it beside the active forecaster; {@code {}} ends that. */
    public Outcome shadow(Map<String, @Nullable Object> request) {
        return answer(() -> {
            ModelInfo shadow =
                    catalog.get().shadow(request.get(MODEL) == null ? null : text(request), TRAINING_DEADLINE);
            return shadow == null ? Map.of("message", "No model is scored beside the active one") : tree(shadow);
        });
    }

    /** {@code {"model":"v4@2"}} → its document. */
    public Outcome exported(Map<String, @Nullable Object> request) {
        return Operations.prefixed(
                MODELS, () -> Outcome.of(catalog.get().exported(text(request)).getBytes(StandardCharsets.UTF_8)));
    }

    /** A document as {@link #exported} gives it: stored as the next version of its name. */
    public Outcome imported(Map<String, @Nullable Object> request) {
        String json = new String(Json.write(request), StandardCharsets.UTF_8);
        return answer(() -> tree(catalog.get().imported(json, TRAINING_DEADLINE)));
    }

    /**
     * {@code {"model":"v4@2"}} removes a version for good, {@code {"model":"v4","keep":3}} all old ones of a name but the newest and
     * those that are needed; both answer {@code {"removed":["v4@2"]}}.
     */
    public Outcome remove(Map<String, @Nullable Object> request) {
        return answer(() -> {
            String ref = text(request);
            Object keep = request.get("keep");
            boolean isVersion = ref.indexOf('@') >= 0;
            if (isVersion ? keep != null : !(keep instanceof Long)) {
                throw Operations.invalid("name a version to remove, such as v4@2, or a name and how many to 'keep'");
            }
            List<ModelInfo> removed = keep instanceof Long newest
                    ? catalog.get().retain(ref, (int) Math.max(0, Math.min(newest, Integer.MAX_VALUE)))
                    : List.of(catalog.get().remove(ref));
            return Map.of(
                    "removed",
                    removed.stream()
                            .map(model -> model.name() + "@" + model.version())
                            .toList());
        });
    }

    private static Outcome answer(Supplier<Map<String, Object>> operation) {
        return Operations.prefixed(MODELS, () -> Outcome.of(Json.write(operation.get())));
    }

    private static String text(Map<String, @Nullable Object> request) {
        if (request.get(MODEL) instanceof String ref) {
            return ref;
        }
        throw Operations.invalid("'model' is missing, or no text");
    }

    private static boolean flag(Map<String, @Nullable Object> request, String name) {
        Object value = request.get(name);
        if (value != null && !(value instanceof Boolean)) {
            throw Operations.invalid("'" + name + "' must be true or false");
        }
        return Boolean.TRUE.equals(value);
    }

    private static double number(Map<String, @Nullable Object> request, String name, double usual) {
        Object value = request.get(name);
        if (value == null) {
            return usual;
        }
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        throw new GridException(ErrorCode.INVALID_REQUEST, "'" + name + "' must be a number");
    }

    private static List<Object> records(List<SubjectForecast> forecasts) {
        List<Object> records = new ArrayList<>(forecasts.size());
        for (SubjectForecast forecast : forecasts) {
            Map<String, @Nullable Object> record = new LinkedHashMap<>();
            record.put(Cgm.SUBJECT, forecast.subjectId());
            record.put(MODEL, forecast.model());
            if (forecast.steps().isEmpty()) {
                record.put(EVENT_TIMESTAMP, null);
                record.put("forecast", List.of());
            } else {
                record.put(EVENT_TIMESTAMP, Timestamps.iso(forecast.anchorMicros()));
                List<Object> steps = new ArrayList<>();
                forecast.steps().forEach(step -> steps.add(tree(step)));
                record.put("forecast", steps);
                record.put("risk", risk(forecast));
            }
            records.add(record);
        }
        return records;
    }

    private static Map<String, Object> tree(SubjectForecast.Step step) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("minutes", step.minutes());
        tree.put("glucose", step.glucose());
        tree.put("low", step.low());
        tree.put("high", step.high());
        tree.put("level", step.level());
        return tree;
    }

    private static Map<String, Object> risk(SubjectForecast forecast) {
        Map<String, Object> risk = new LinkedHashMap<>();
        risk.put("below_70_within_30_min", forecast.probabilityOfLow());
        risk.put("above_180_within_30_min", forecast.probabilityOfHigh());
        risk.put("warns_of_low", forecast.warnsOfLow());
        risk.put("warns_of_high", forecast.warnsOfHigh());
        return risk;
    }

    private static Map<String, Object> tree(ModelInfo model) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("name", model.name());
        tree.put("version", model.version());
        tree.put("kind", model.kind());
        tree.put("active", model.active());
        tree.put("shadow", model.shadow());
        tree.put("features", model.features());
        tree.put("horizons", model.horizonMinutes());
        if (model.trainedAtMicros() != 0) {
            tree.put("trained_at", Timestamps.iso(model.trainedAtMicros()));
        }
        if (model.toMicros() != 0) {
            tree.put("training_from", Timestamps.iso(model.fromMicros()));
            tree.put("training_to", Timestamps.iso(model.toMicros()));
        }
        tree.put("training_rows", model.trainingRows());
        tree.put("subjects", model.subjects());
        tree.put("fingerprint", model.fingerprint());
        tree.put("metrics", new TreeMap<>(model.metrics()));
        return tree;
    }
}
