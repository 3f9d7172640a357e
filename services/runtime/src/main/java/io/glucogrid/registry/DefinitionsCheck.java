package io.glucogrid.registry;

import io.glucogrid.expression.Expression;
import io.glucogrid.feature.Aggregation;
import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.Entity;
import io.glucogrid.feature.FeatureService;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.OnDemandView;
import io.glucogrid.feature.Source;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.DidYouMean;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.TableSchema;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Checks what only shows when all definitions are read: references, clashes, types and expressions. */
final class DefinitionsCheck {
    private static final Set<String> RESERVED_TABLES = Set.of(
            Caches.REGISTRY.name(),
            Caches.SEGMENTS.name(),
            Caches.SEGMENT_VERSIONS.name(),
            Caches.MODELS.name(),
            Caches.ACTIVE_MODELS.name(),
            Caches.SUBJECT_STATES.name());

    private static final Set<ValueType> NUMBERS =
            EnumSet.of(ValueType.INT32, ValueType.INT64, ValueType.FLOAT, ValueType.DOUBLE);

    private final Definitions definitions;
    private final Places places;
    private final Problems problems;

    DefinitionsCheck(Definitions definitions, Places places, Problems problems) {
        this.definitions = definitions;
        this.places = places;
        this.problems = problems;
    }

    void run() {
        definitions.sources().values().forEach(this::source);
        definitions.views().values().forEach(this::view);
        if (problems.isEmpty()) {
            tables();
            definitions.onDemandViews().values().forEach(this::onDemandView);
            definitions.services().values().forEach(this::service);
        }
    }

    private void source(Source source) {
        if (source instanceof Source.Parquet parquet) {
            if (RESERVED_TABLES.contains(parquet.table())) {
                problem("source", source.name(), "the table name '" + parquet.table() + "' is the grid's own");
            }
            if (parquet.timestampField().equals(parquet.createdField())) {
                problem("source", source.name(), "timestamp_field and created_timestamp_column must differ");
            }
        } else if (source instanceof Source.Push push) {
            Source batch = definitions.sources().get(push.batchSource());
            if (batch == null) {
                problem(
                        "source",
                        source.name(),
                        unknown(
                                "source",
                                push.batchSource(),
                                definitions.sources().keySet()));
            } else if (!(batch instanceof Source.Parquet)) {
                problem("source", source.name(), "batch_source '" + batch.name() + "' must be a parquet source");
            }
        }
    }

    private void view(FeatureView view) {
        String kind = "feature view";
        Set<String> keys = new LinkedHashSet<>();
        for (String name : view.entities()) {
            Entity entity = definitions.entities().get(name);
            if (entity == null) {
                problem(
                        kind,
                        view.name(),
                        unknown("entity", name, definitions.entities().keySet()));
                continue;
            }
            for (Field key : entity.joinKeys()) {
                if (!keys.add(key.name())) {
                    problem(kind, view.name(), "join key '" + key.name() + "' comes twice");
                }
            }
        }
        Source source = definitions.sources().get(view.source());
        if (source == null) {
            problem(
                    kind,
                    view.name(),
                    unknown("source", view.source(), definitions.sources().keySet()));
        } else if (source instanceof Source.Request) {
            problem(kind, view.name(), "a request source cannot feed a feature view");
        }
        if (view.features().isEmpty()) {
            problem(kind, view.name(), "feature view '" + view.name() + "' needs a feature in its schema");
        }
        for (Field feature : view.features()) {
            if (keys.contains(feature.name())) {
                problem(kind, view.name(), "'" + feature.name() + "' is a join key; leave it out of the schema");
            }
        }
        aggregations(view, keys);
        for (String onDemand : definitions.onDemandViews().keySet()) {
            if (onDemand.equalsIgnoreCase(view.name())) {
                problem(kind, view.name(), "'" + view.name() + "' names an on-demand feature view too");
            }
        }
    }

    private void aggregations(FeatureView view, Set<String> joinKeys) {
        Set<String> names = new LinkedHashSet<>(joinKeys);
        Map<String, ValueType> numbers = new LinkedHashMap<>();
        for (Field feature : view.features()) {
            names.add(feature.name());
            if (NUMBERS.contains(feature.type())) {
                numbers.put(feature.name(), feature.type());
            }
        }
        for (Aggregation aggregation : view.aggregations()) {
            ValueType type = numbers.get(aggregation.column());
            if (type == null) {
                problem(
                        "feature view",
                        view.name(),
                        "column of '" + aggregation.name() + "': "
                                + unknown("number in the schema", aggregation.column(), numbers.keySet()));
                continue;
            }
            for (Field output : aggregation.outputs(type)) {
                if (!names.add(output.name())) {
                    problem(
                            "feature view",
                            view.name(),
                            "two features are named '" + output.name() + "'; give the aggregation a 'name'");
                }
            }
        }
    }

    /** Views of one table must agree on its columns. */
    private void tables() {
        Map<String, List<Field>> keysByTable = new HashMap<>();
        Map<String, Source.Parquet> sourceByTable = new HashMap<>();
        Map<String, ValueType> types = new HashMap<>();
        for (FeatureView view : definitions.views().values()) {
            Source.Parquet source = definitions.parquetSource(view);
            List<Field> keys = definitions.joinKeys(view);
            if (!keys.equals(keysByTable.computeIfAbsent(source.table(), table -> keys))) {
                problem(
                        "feature view",
                        view.name(),
                        "another view of table '" + source.table() + "' has other join keys");
            }
            if (!source.equals(sourceByTable.computeIfAbsent(source.table(), table -> source))) {
                problem("source", source.name(), "another source has the table '" + source.table() + "' too");
            }
            for (Field feature : view.features()) {
                boolean time = feature.name().equals(source.timestampField())
                        || feature.name().equals(source.createdField());
                ValueType type = time
                        ? ValueType.UNIX_TIMESTAMP
                        : types.computeIfAbsent(source.table() + " " + feature.name(), column -> feature.type());
                if (type != feature.type()) {
                    problem(
                            "feature view",
                            view.name(),
                            "'" + feature.name() + "' of table '" + source.table() + "' is " + type + ", not "
                                    + feature.type());
                }
                if (feature.name().equals(TableSchema.INGESTED_AT)
                        || feature.name().equals(TableSchema.OP)) {
                    problem("feature view", view.name(), "'" + feature.name() + "' is the tier's own column");
                }
            }
        }
    }

    private void onDemandView(OnDemandView view) {
        String kind = "on-demand feature view";
        Map<String, ValueType> inputs = new LinkedHashMap<>();
        Set<String> ambiguous = new HashSet<>();
        for (String name : view.sources()) {
            FeatureView stored = definitions.views().get(name);
            Source source = definitions.sources().get(name);
            if (stored != null) {
                stored.servedFeatures().forEach(field -> input(inputs, ambiguous, field));
                definitions.joinKeys(stored).forEach(field -> inputs.putIfAbsent(field.name(), field.type()));
            } else if (source instanceof Source.Request request) {
                request.schema().forEach(field -> input(inputs, ambiguous, field));
            } else if (definitions.onDemandViews().containsKey(name)) {
                problem(kind, view.name(), "'" + name + "' is an on-demand view, which cannot be a source of another");
                return;
            } else {
                Set<String> known = new LinkedHashSet<>(definitions.views().keySet());
                known.addAll(definitions.sources().keySet());
                problem(kind, view.name(), unknown("feature view or request source", name, known));
                return;
            }
        }
        Set<String> names = new HashSet<>();
        for (OnDemandView.Derived feature : view.features()) {
            names.add(feature.name());
            try {
                Expression expression = Expression.compile(feature.expression(), inputs, feature.type());
                for (String input : expression.inputs()) {
                    if (ambiguous.contains(input)) {
                        problem(
                                "feature",
                                view.name() + "." + feature.name(),
                                "'" + input + "' in '" + feature.name() + "' comes from two sources");
                    }
                }
            } catch (GridException wrong) {
                problem(
                        "feature",
                        view.name() + "." + feature.name(),
                        "expression of '" + feature.name() + "', " + wrong.reason());
            }
        }
        if (names.isEmpty()) {
            problem(kind, view.name(), "on-demand feature view '" + view.name() + "' needs a feature in its schema");
        }
    }

    private static void input(Map<String, ValueType> inputs, Set<String> ambiguous, Field field) {
        if (inputs.put(field.name(), field.type()) != null) {
            ambiguous.add(field.name());
        }
    }

    private void service(FeatureService service) {
        String kind = "feature service";
        Set<String> columns = new HashSet<>();
        Set<String> known = new LinkedHashSet<>(definitions.views().keySet());
        known.addAll(definitions.onDemandViews().keySet());
        if (service.projections().isEmpty()) {
            problem(kind, service.name(), "feature service '" + service.name() + "' needs a view");
        }
        for (FeatureService.Projection projection : service.projections()) {
            FeatureView stored = definitions.views().get(projection.view());
            OnDemandView derived = definitions.onDemandViews().get(projection.view());
            Set<String> features = new LinkedHashSet<>();
            if (stored != null) {
                stored.servedFeatures().forEach(field -> features.add(field.name()));
            } else if (derived != null) {
                derived.features().forEach(feature -> features.add(feature.name()));
            } else {
                problem(kind, service.name(), unknown("view", projection.view(), known));
                continue;
            }
            for (String renamed : projection.renames().keySet()) {
                if (!features.contains(renamed)) {
                    problem(kind, service.name(), unknown("feature", renamed, features));
                }
            }
            for (String feature : projection.features().isEmpty() ? features : projection.features()) {
                if (!features.contains(feature)) {
                    problem(kind, service.name(), unknown("feature", feature, features));
                } else if (!columns.add(projection.renames().getOrDefault(feature, feature))) {
                    problem(kind, service.name(), "two features are served as '" + feature + "'; rename one");
                }
            }
        }
        for (Entity entity : definitions.entities().values()) {
            for (Field key : entity.joinKeys()) {
                if (columns.contains(key.name())) {
                    problem(kind, service.name(), "'" + key.name() + "' is a join key; rename the feature");
                }
            }
        }
    }

    private static String unknown(String kind, String name, Collection<String> known) {
        return "no " + kind + " is named '" + name + "'" + DidYouMean.suffix(name, known);
    }

    private void problem(String kind, String name, String problem) {
        Places.Place place = places.of(kind, name);
        problems.add(place.file(), place.line(), problem);
    }
}
