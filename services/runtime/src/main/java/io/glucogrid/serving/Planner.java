package io.glucogrid.serving;

import io.glucogrid.expression.Expression;
import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.FeatureService;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.OnDemandView;
import io.glucogrid.feature.OnDemandView.HistoricalInputTime;
import io.glucogrid.feature.Source;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.DidYouMean;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.serving.ValueRef.RowPart;
import io.glucogrid.store.TableSchema;
import io.glucogrid.window.ViewWindows;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Compiles read plans from one version of the definitions. Thread-safe. */
final class Planner {
    private final Definitions definitions;
    private final Map<String, List<CompiledFeature>> onDemand = new HashMap<>();

    /** By source: a table is put together from all views that read it, and a plan must not walk them all. */
    private final Map<String, TableSchema> tables = new HashMap<>();

    Planner(Definitions definitions) {
        this.definitions = definitions;
        definitions.views().values().forEach(view -> {
            Source.Parquet source = definitions.parquetSource(view);
            tables.computeIfAbsent(source.name(), first -> definitions.table(source));
        });
        definitions.onDemandViews().values().forEach(view -> onDemand.put(view.name(), compile(view)));
    }

    private record CompiledFeature(OnDemandView view, OnDemandView.Derived feature, Expression expression) {}

    /** The plan of a feature service: its stored features first, then its on-demand features. */
    ReadPlan service(FeatureService service) {
        Draft draft = new Draft();
        for (boolean stored : new boolean[] {true, false}) {
            for (FeatureService.Projection projection : service.projections()) {
                if (definitions.views().containsKey(projection.view()) != stored) {
                    continue;
                }
                for (String feature : features(projection)) {
                    draft.add(projection.view(), feature, projection.renames().getOrDefault(feature, feature));
                }
            }
        }
        return draft.plan();
    }

    /**
     * The plan of a list of {@code view:feature}, in its order.
     *
     * @throws GridException NOT_FOUND for an unknown view or feature, INVALID_REQUEST for a malformed or doubled one
     */
    ReadPlan features(List<String> refs, boolean fullNames) {
        Draft draft = new Draft();
        Set<String> names = new HashSet<>();
        for (String ref : refs) {
            int colon = ref.indexOf(':');
            if (colon <= 0 || colon == ref.length() - 1) {
                throw new GridException(ErrorCode.INVALID_REQUEST, "'" + ref + "' must be written as view:feature");
            }
            String view = ref.substring(0, colon);
            String feature = ref.substring(colon + 1);
            String name = fullNames ? view + "__" + feature : feature;
            draft.add(view, feature, name);
            if (!names.add(name)) {
                throw new GridException(
                        ErrorCode.INVALID_REQUEST,
                        "two features are named '" + name + "'; "
                                + (fullNames ? "one was asked for twice" : "ask with full_feature_names: true"));
            }
        }
        return draft.plan();
    }

    private List<String> features(FeatureService.Projection projection) {
        if (!projection.features().isEmpty()) {
            return projection.features();
        }
        FeatureView view = definitions.views().get(projection.view());
        return view != null
                ? view.servedFeatures().stream().map(Field::name).toList()
                : onDemandView(projection.view()).stream()
                        .map(compiled -> compiled.feature().name())
                        .toList();
    }

    private List<CompiledFeature> onDemandView(String name) {
        List<CompiledFeature> features = onDemand.get(name);
        if (features == null) {
            Set<String> known = new LinkedHashSet<>(definitions.views().keySet());
            known.addAll(onDemand.keySet());
            throw unknown("feature view", name, known);
        }
        return features;
    }

    private List<CompiledFeature> compile(OnDemandView view) {
        Map<String, ValueType> inputs = new LinkedHashMap<>();
        for (String source : view.sources()) {
            FeatureView stored = definitions.views().get(source);
            if (stored != null) {
                stored.servedFeatures().forEach(field -> inputs.put(field.name(), field.type()));
                definitions.joinKeys(stored).forEach(field -> inputs.putIfAbsent(field.name(), field.type()));
            } else if (definitions.sources().get(source) instanceof Source.Request request) {
                request.schema().forEach(field -> inputs.put(field.name(), field.type()));
            }
        }
        return view.features().stream()
                .map(feature -> new CompiledFeature(
                        view, feature, Expression.compile(feature.expression(), inputs, feature.type())))
                .toList();
    }

    private TableSchema table(Source.Parquet source) {
        return Objects.requireNonNull(tables.get(source.name()));
    }

    private static GridException unknown(String kind, String name, Collection<String> known) {
        return new GridException(
                ErrorCode.NOT_FOUND, "no " + kind + " is named '" + name + "'" + DidYouMean.suffix(name, known));
    }

    /** A plan in the making. */
    private final class Draft {
        private final List<Field> joinKeys = new ArrayList<>();
        private final List<Field> requested = new ArrayList<>();
        private final List<FeatureView> views = new ArrayList<>();
        private final Set<Integer> inHistory = new HashSet<>();
        private final Set<Integer> windowed = new HashSet<>();
        private final List<ReadPlan.Column> columns = new ArrayList<>();

        void add(String viewName, String feature, String servedAs) {
            FeatureView view = definitions.views().get(viewName);
            if (view != null) {
                ValueRef.Stored stored = stored(view, feature);
                inHistory.add(stored.view());
                columns.add(new ReadPlan.Column(viewName, servedAs, stored.type(), stored));
                return;
            }
            List<CompiledFeature> features = onDemandView(viewName);
            for (CompiledFeature candidate : features) {
                if (candidate.feature().name().equals(feature)) {
                    columns.add(new ReadPlan.Column(
                            viewName, servedAs, candidate.feature().type(), computed(candidate)));
                    return;
                }
            }
            throw unknown(
                    "feature of '" + viewName + "'",
                    feature,
                    features.stream()
                            .map(candidate -> candidate.feature().name())
                            .toList());
        }

        ReadPlan plan() {
            List<ReadPlan.ViewRead> reads = new ArrayList<>();
            for (int i = 0; i < views.size(); i++) {
                FeatureView view = views.get(i);
                reads.add(new ReadPlan.ViewRead(
                        view,
                        Caches.online(view),
                        table(definitions.parquetSource(view)),
                        definitions.parquetSource(view),
                        definitions.joinKeys(view).stream()
                                .mapToInt(joinKeys::indexOf)
                                .toArray(),
                        inHistory.contains(i),
                        windowed.contains(i) ? ViewWindows.of(view) : null));
            }
            return ReadPlan.of(joinKeys, requested, reads, columns);
        }

        private int viewIndex(FeatureView view) {
            int index = views.indexOf(view);
            if (index >= 0) {
                return index;
            }
            for (Field key : definitions.joinKeys(view)) {
                if (!joinKeys.contains(key)) {
                    joinKeys.add(key);
                }
            }
            views.add(view);
            return views.size() - 1;
        }

        private ValueRef.Stored stored(FeatureView view, String feature) {
            for (int i = 0; i < view.features().size(); i++) {
                Field field = view.features().get(i);
                if (field.name().equals(feature)) {
                    Source.Parquet source = definitions.parquetSource(view);
                    TableSchema table = table(source);
                    RowPart part = feature.equals(table.eventTime())
                            ? RowPart.EVENT_TIME
                            : feature.equals(table.created()) && source.createdField() != null
                                    ? RowPart.CREATED
                                    : RowPart.VALUE;
                    return new ValueRef.Stored(viewIndex(view), part, i, table.valueIndex(feature), field.type());
                }
            }
            List<Field> served = view.servedFeatures();
            for (int i = view.features().size(); i < served.size(); i++) {
                if (served.get(i).name().equals(feature)) {
                    int index = viewIndex(view);
                    windowed.add(index);
                    int columns =
                            table(definitions.parquetSource(view)).values().size();
                    int inHistory = columns + i - view.features().size();
                    return new ValueRef.Stored(
                            index, RowPart.VALUE, i, inHistory, served.get(i).type());
                }
            }
            throw unknown(
                    "feature of '" + view.name() + "'",
                    feature,
                    served.stream().map(Field::name).toList());
        }

        private ValueRef computed(CompiledFeature feature) {
            OnDemandView view = feature.view();
            // The reference always reads a view's entities, also where an expression needs none of its values.
            for (String source : view.sources()) {
                FeatureView stored = definitions.views().get(source);
                if (stored != null) {
                    viewIndex(stored);
                }
            }
            ValueRef[] inputs = feature.expression().inputs().stream()
                    .map(input -> input(view, input))
                    .toArray(ValueRef[]::new);
            return new ValueRef.Computed(feature.expression(), inputs);
        }

        private ValueRef input(OnDemandView view, String input) {
            for (String source : view.sources()) {
                FeatureView stored = definitions.views().get(source);
                if (stored != null
                        && stored.servedFeatures().stream()
                                .anyMatch(field -> field.name().equals(input))) {
                    ValueRef.Stored value = stored(stored, input);
                    if (value.part() == RowPart.EVENT_TIME
                            && view.historicalInputTime() == HistoricalInputTime.REQUEST) {
                        return new ValueRef.InputTime(value);
                    }
                    inHistory.add(value.view());
                    return value;
                }
                if (definitions.sources().get(source) instanceof Source.Request request) {
                    for (Field field : request.schema()) {
                        if (field.name().equals(input)) {
                            if (!requested.contains(field)) {
                                requested.add(field);
                            }
                            return new ValueRef.Requested(requested.indexOf(field));
                        }
                    }
                }
            }
            for (int i = 0; i < joinKeys.size(); i++) {
                if (joinKeys.get(i).name().equals(input)) {
                    return new ValueRef.Key(i);
                }
            }
            throw new IllegalStateException("input '" + input + "' was checked but is not there");
        }
    }
}
