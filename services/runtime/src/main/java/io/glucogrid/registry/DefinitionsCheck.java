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
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks what only shows when all definitions are read: references, clashes, types and expressions. Definitions that could not be
 * read whole are there as far as they were; what is missing for that reason alone is not reported again where it is referred to.
 */
final class DefinitionsCheck {
    static final String ON_DEMAND = "on-demand feature view";
    private static final String VIEW = "feature view";
    private static final String SOURCE = "source";
    private static final String SERVICE = "feature service";

    private static final Set<String> RESERVED_TABLES = Set.of(
            Caches.REGISTRY.name(),
            Caches.SEGMENTS.name(),
            Caches.SEGMENT_VERSIONS.name(),
            Caches.MODELS.name(),
            Caches.ACTIVE_MODELS.name(),
            Caches.CLAIMS.name(),
            Caches.OPERATING_POINTS.name(),
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
        tables();
        definitions.onDemandViews().values().forEach(this::onDemandView);
        definitions.services().values().forEach(this::service);
    }

    private void source(Source source) {
        if (source instanceof Source.Parquet parquet) {
            if (RESERVED_TABLES.contains(parquet.table())) {
                problem(SOURCE, source.name(), "the table name '" + parquet.table() + "' is the grid's own");
            }
            if (!parquet.timestampField().isEmpty() && parquet.timestampField().equals(parquet.createdField())) {
                problem(SOURCE, source.name(), "timestamp_field and created_timestamp_column must differ");
            }
        } else if (source instanceof Source.Push push) {
            Source batch = definitions.sources().get(push.batchSource());
            if (batch == null) {
                places.setIncomplete(SOURCE, source.name());
                if (!push.batchSource().isEmpty() && !places.has(SOURCE, push.batchSource())) {
                    problem(
                            SOURCE,
                            source.name(),
                            "batch_source",
                            unknown(
                                    SOURCE,
                                    push.batchSource(),
                                    definitions.sources().keySet()));
                }
            } else if (!(batch instanceof Source.Parquet)) {
                places.setIncomplete(SOURCE, source.name());
                problem(
                        SOURCE,
                        source.name(),
                        "batch_source",
                        "batch_source '" + batch.name() + "' must be a parquet source");
            }
        }
    }

    private void view(FeatureView view) {
        boolean schemaWhole = isWhole(view);
        Set<String> keys = new LinkedHashSet<>();
        for (String name : view.entities()) {
            Entity entity = definitions.entities().get(name);
            if (entity == null) {
                places.setIncomplete(VIEW, view.name());
                problem(
                        VIEW,
                        view.name(),
                        "entities",
                        unknown("entity", name, definitions.entities().keySet()));
                continue;
            }
            if (places.isIncomplete("entity", name)) {
                places.setIncomplete(VIEW, view.name());
            }
            for (Field key : entity.joinKeys()) {
                if (!keys.add(key.name())) {
                    problem(VIEW, view.name(), "entities", "join key '" + key.name() + "' comes twice");
                }
            }
        }
        Source source = definitions.sources().get(view.source());
        if (source == null && !view.source().isEmpty() && !places.has(SOURCE, view.source())) {
            problem(
                    VIEW,
                    view.name(),
                    SOURCE,
                    unknown(SOURCE, view.source(), definitions.sources().keySet()));
        } else if (source instanceof Source.Request) {
            problem(VIEW, view.name(), SOURCE, "a request source cannot feed a feature view");
        }
        if (view.features().isEmpty() && schemaWhole) {
            problem(VIEW, view.name(), "feature view '" + view.name() + "' needs a feature in its schema");
        }
        for (Field feature : view.features()) {
            if (keys.contains(feature.name())) {
                problem(
                        VIEW,
                        view.name(),
                        feature.name(),
                        "'" + feature.name() + "' is a join key; leave it out of the schema");
            }
        }
        aggregations(view, keys, schemaWhole);
        for (String onDemand : definitions.onDemandViews().keySet()) {
            if (onDemand.equalsIgnoreCase(view.name())) {
                problem(VIEW, view.name(), "'" + view.name() + "' names an on-demand feature view too");
            }
        }
    }

    private void aggregations(FeatureView view, Set<String> joinKeys, boolean schemaWhole) {
        Set<String> names = new LinkedHashSet<>(joinKeys);
        Map<String, ValueType> numbers = new LinkedHashMap<>();
        for (Field feature : view.features()) {
            names.add(feature.name());
            if (NUMBERS.contains(feature.type())) {
                numbers.put(feature.name(), feature.type());
            }
        }
        Map<Integer, String> columns = new HashMap<>();
        for (Aggregation aggregation : view.aggregations()) {
            ValueType type = numbers.get(aggregation.column());
            String same = columns.putIfAbsent(aggregation.column().hashCode(), aggregation.column());
            if (same != null && !same.equals(aggregation.column())) {
                problem(
                        VIEW,
                        view.name(),
                        aggregation.name(),
                        "windows of '" + same + "' and '" + aggregation.column()
                                + "' cannot be kept in one view: their names have the same hash code");
            }
            if (type == null && !schemaWhole) {
                continue;
            }
            if (type == null) {
                problem(
                        VIEW,
                        view.name(),
                        aggregation.name(),
                        "column of '" + aggregation.name() + "': "
                                + unknown("number in the schema", aggregation.column(), numbers.keySet()));
                continue;
            }
            for (Field output : aggregation.outputs(type)) {
                if (!names.add(output.name())) {
                    problem(
                            VIEW,
                            view.name(),
                            aggregation.name(),
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
            Source.Parquet source = parquet(view);
            if (source == null) {
                continue;
            }
            List<Field> keys = joinKeys(view);
            if (isWhole(view) && !keys.equals(keysByTable.computeIfAbsent(source.table(), table -> keys))) {
                problem(
                        VIEW,
                        view.name(),
                        "entities",
                        "another view of table '" + source.table() + "' has other join keys");
            }
            if (!source.equals(sourceByTable.computeIfAbsent(source.table(), table -> source))) {
                problem(SOURCE, source.name(), "another source has the table '" + source.table() + "' too");
            }
            for (Field feature : view.features()) {
                boolean time = feature.name().equals(source.timestampField())
                        || feature.name().equals(source.createdField());
                ValueType type = time
                        ? ValueType.UNIX_TIMESTAMP
                        : types.computeIfAbsent(source.table() + " " + feature.name(), column -> feature.type());
                if (type != feature.type()) {
                    problem(
                            VIEW,
                            view.name(),
                            feature.name(),
                            "'" + feature.name() + "' of table '" + source.table() + "' is " + type + ", not "
                                    + feature.type());
                }
                if (feature.name().equals(TableSchema.INGESTED_AT)
                        || feature.name().equals(TableSchema.OP)) {
                    problem(VIEW, view.name(), feature.name(), "'" + feature.name() + "' is the tier's own column");
                }
            }
        }
    }

    /** The parquet source behind a view; null where it is not known. */
    private Source.@Nullable Parquet parquet(FeatureView view) {
        Source source = definitions.sources().get(view.source());
        if (source instanceof Source.Push push) {
            source = definitions.sources().get(push.batchSource());
        }
        return source instanceof Source.Parquet parquet ? parquet : null;
    }

    /** Join keys of a view's entities, of those that are known. */
    private List<Field> joinKeys(FeatureView view) {
        return view.entities().stream()
                .map(definitions.entities()::get)
                .filter(Objects::nonNull)
                .flatMap(entity -> entity.joinKeys().stream())
                .toList();
    }

    private boolean isWhole(FeatureView view) {
        return !places.isIncomplete(VIEW, view.name());
    }

    private void onDemandView(OnDemandView view) {
        boolean whole = true;
        Map<String, ValueType> inputs = new LinkedHashMap<>();
        Set<String> ambiguous = new HashSet<>();
        for (String name : view.sources()) {
            FeatureView stored = definitions.views().get(name);
            Source source = definitions.sources().get(name);
            if (stored != null) {
                stored.features().forEach(field -> input(inputs, ambiguous, field));
                windowed(stored).forEach(field -> input(inputs, ambiguous, field));
                joinKeys(stored).forEach(field -> inputs.putIfAbsent(field.name(), field.type()));
                whole &= isWhole(stored);
            } else if (source instanceof Source.Request request) {
                request.schema().forEach(field -> input(inputs, ambiguous, field));
                whole &= !places.isIncomplete(SOURCE, name);
            } else if (definitions.onDemandViews().containsKey(name)) {
                whole = false;
                problem(
                        ON_DEMAND,
                        view.name(),
                        "sources",
                        "'" + name + "' is an on-demand view, which cannot be a source of another");
            } else {
                whole = false;
                if (source != null || !(places.has(VIEW, name) || places.has(SOURCE, name))) {
                    Set<String> known = new LinkedHashSet<>(definitions.views().keySet());
                    known.addAll(definitions.sources().keySet());
                    problem(ON_DEMAND, view.name(), "sources", unknown("feature view or request source", name, known));
                }
            }
        }
        for (OnDemandView.Derived feature : view.features()) {
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
                places.setIncomplete(ON_DEMAND, view.name());
                if (whole && !feature.expression().isEmpty()) {
                    problem(
                            "feature",
                            view.name() + "." + feature.name(),
                            "expression of '" + feature.name() + "', " + wrong.reason());
                }
            }
        }
        if (view.features().isEmpty() && !places.isIncomplete(ON_DEMAND, view.name())) {
            problem(
                    ON_DEMAND,
                    view.name(),
                    "on-demand feature view '" + view.name() + "' needs a feature in its schema");
        }
        if (!whole) {
            places.setIncomplete(ON_DEMAND, view.name());
        }
    }

    /** Windowed features of a view, of those whose column is known. */
    private static List<Field> windowed(FeatureView view) {
        Map<String, ValueType> types = new HashMap<>();
        view.features().forEach(field -> types.put(field.name(), field.type()));
        List<Field> windowed = new ArrayList<>();
        for (Aggregation aggregation : view.aggregations()) {
            ValueType type = types.get(aggregation.column());
            if (type != null) {
                windowed.addAll(aggregation.outputs(type));
            }
        }
        return windowed;
    }

    private static void input(Map<String, ValueType> inputs, Set<String> ambiguous, Field field) {
        if (inputs.put(field.name(), field.type()) != null) {
            ambiguous.add(field.name());
        }
    }

    private void service(FeatureService service) {
        Set<String> columns = new HashSet<>();
        Set<String> known = new LinkedHashSet<>(definitions.views().keySet());
        known.addAll(definitions.onDemandViews().keySet());
        if (service.projections().isEmpty()) {
            problem(SERVICE, service.name(), "feature service '" + service.name() + "' needs a view");
        }
        for (FeatureService.Projection projection : service.projections()) {
            String name = projection.view();
            FeatureView stored = definitions.views().get(name);
            OnDemandView derived = definitions.onDemandViews().get(name);
            Set<String> features = new LinkedHashSet<>();
            boolean whole = !places.isIncomplete(VIEW, name) && !places.isIncomplete(ON_DEMAND, name);
            if (stored != null) {
                stored.features().forEach(field -> features.add(field.name()));
                windowed(stored).forEach(field -> features.add(field.name()));
                joinKeys(stored).forEach(key -> features.remove(key.name())); // told at the view
            } else if (derived != null) {
                derived.features().forEach(feature -> features.add(feature.name()));
            } else {
                if (!name.isEmpty() && !places.has(VIEW, name) && !places.has(ON_DEMAND, name)) {
                    problem(SERVICE, service.name(), name, unknown("view", name, known));
                }
                continue;
            }
            for (String renamed : projection.renames().keySet()) {
                if (whole && !features.contains(renamed)) {
                    problem(SERVICE, service.name(), name, unknown("feature", renamed, features));
                }
            }
            for (String feature : projection.features().isEmpty() ? features : projection.features()) {
                String served = projection.renames().getOrDefault(feature, feature);
                if (whole && !features.contains(feature)) {
                    problem(SERVICE, service.name(), name, unknown("feature", feature, features));
                } else if (!columns.add(served)) {
                    problem(SERVICE, service.name(), name, "two features are served as '" + served + "'; rename one");
                }
            }
        }
        for (Entity entity : definitions.entities().values()) {
            for (Field key : entity.joinKeys()) {
                if (columns.contains(key.name())) {
                    problem(SERVICE, service.name(), "'" + key.name() + "' is a join key; rename the feature");
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

    private void problem(String kind, String name, String part, String problem) {
        Places.Place place = places.ofPart(kind, name, part);
        problems.add(place.file(), place.line(), problem);
    }
}
