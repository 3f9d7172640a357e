package io.glucogrid.registry;

import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.Entity;
import io.glucogrid.feature.FeatureService;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.OnDemandView;
import io.glucogrid.feature.Source;
import io.glucogrid.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The canonical text of definitions: JSON in the shape of a definition file, equal for equal definitions. */
public final class DefinitionsText {
    private DefinitionsText() {}

    /** The canonical text. */
    public static String write(Definitions definitions) {
        return Json.text(tree(definitions));
    }

    /** What {@link #write} wrote. */
    public static Definitions read(String text) {
        return DefinitionsParser.parse(Map.of("registry", text));
    }

    static Map<String, @Nullable Object> tree(Definitions definitions) {
        Map<String, @Nullable Object> top = new LinkedHashMap<>();
        top.put("apiVersion", DefinitionsParser.API_VERSION);
        top.put("project", definitions.project());
        Map<String, Object> entities = new LinkedHashMap<>();
        for (Entity entity : definitions.entities().values()) {
            Map<String, Object> tree = new LinkedHashMap<>();
            tree.put("join_keys", fields(entity.joinKeys()));
            putText(tree, "description", entity.description());
            putTags(tree, entity.tags());
            entities.put(entity.name(), tree);
        }
        top.put("entities", entities);
        Map<String, Object> sources = new LinkedHashMap<>();
        definitions.sources().forEach((name, source) -> sources.put(name, source(source)));
        top.put("sources", sources);
        Map<String, Object> views = new LinkedHashMap<>();
        definitions.views().forEach((name, view) -> views.put(name, view(view)));
        top.put("feature_views", views);
        Map<String, Object> onDemand = new LinkedHashMap<>();
        definitions.onDemandViews().forEach((name, view) -> onDemand.put(name, onDemandView(view)));
        top.put("on_demand_feature_views", onDemand);
        Map<String, Object> services = new LinkedHashMap<>();
        definitions.services().forEach((name, service) -> services.put(name, projections(service)));
        top.put("feature_services", services);
        return top;
    }

    private static Map<String, Object> source(Source source) {
        Map<String, Object> tree = new LinkedHashMap<>();
        if (source instanceof Source.Parquet parquet) {
            tree.put("kind", "parquet");
            tree.put("table", parquet.table());
            putText(tree, "path", parquet.path());
            tree.put("timestamp_field", parquet.timestampField());
            putText(tree, "created_timestamp_column", parquet.createdField());
        } else if (source instanceof Source.Push push) {
            tree.put("kind", "push");
            tree.put("batch_source", push.batchSource());
            String topic = push.topic();
            if (topic != null) {
                tree.put("kafka", Map.of("topic", topic));
            }
        } else if (source instanceof Source.Request request) {
            tree.put("kind", "request");
            tree.put("schema", fields(request.schema()));
        }
        return tree;
    }

    private static Map<String, Object> view(FeatureView view) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("entities", view.entities());
        if (view.ttl() != null) {
            tree.put("ttl", Ages.write(view.ttl()));
        }
        tree.put("online", view.online());
        tree.put("online_ttl", view.onlineTtl().name().toLowerCase(Locale.ROOT));
        tree.put("source", view.source());
        tree.put("schema", fields(view.features()));
        putText(tree, "owner", view.owner());
        putTags(tree, view.tags());
        if (!view.aggregations().isEmpty()) {
            tree.put(
                    "aggregations",
                    view.aggregations().stream().map(Aggregations::tree).toList());
        }
        return tree;
    }

    private static Map<String, Object> onDemandView(OnDemandView view) {
        Map<String, Object> schema = new LinkedHashMap<>();
        for (OnDemandView.Derived feature : view.features()) {
            Map<String, Object> tree = new LinkedHashMap<>();
            tree.put("type", feature.type().name());
            tree.put("expr", feature.expression());
            schema.put(feature.name(), tree);
        }
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("sources", view.sources());
        tree.put("schema", schema);
        tree.put("historical_input_time", view.historicalInputTime().name().toLowerCase(Locale.ROOT));
        return tree;
    }

    private static List<Object> projections(FeatureService service) {
        List<Object> items = new ArrayList<>();
        for (FeatureService.Projection projection : service.projections()) {
            if (projection.features().isEmpty() && projection.renames().isEmpty()) {
                items.add(projection.view());
                continue;
            }
            Map<String, Object> tree = new LinkedHashMap<>();
            tree.put("view", projection.view());
            tree.put("features", projection.features());
            tree.put("rename", new TreeMap<>(projection.renames()));
            items.add(tree);
        }
        return items;
    }

    private static Map<String, Object> fields(List<Field> fields) {
        Map<String, Object> tree = new LinkedHashMap<>();
        fields.forEach(field -> tree.put(field.name(), field.type().name()));
        return tree;
    }

    private static void putText(Map<String, Object> tree, String key, @Nullable String text) {
        if (text != null && !text.isEmpty()) {
            tree.put(key, text);
        }
    }

    private static void putTags(Map<String, Object> tree, Map<String, String> tags) {
        if (!tags.isEmpty()) {
            tree.put("tags", new TreeMap<>(tags));
        }
    }
}
