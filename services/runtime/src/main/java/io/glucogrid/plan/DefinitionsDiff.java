package io.glucogrid.plan;

import io.glucogrid.feature.Definitions;
import io.glucogrid.json.Json;
import io.glucogrid.registry.DefinitionsText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compares two versions of the definitions by what they mean: their canonical trees, so that neither the spelling of a file nor a
 * definition that is embedded in another shows up as a difference of its own.
 */
final class DefinitionsDiff {
    private static final String ORDER = " (order)";

    /** Kinds by their key in the canonical tree, in the order in which they are reported. */
    private static final Map<String, String> KINDS = kinds();

    private DefinitionsDiff() {}

    private static Map<String, String> kinds() {
        Map<String, String> kinds = new LinkedHashMap<>();
        kinds.put("entities", "entity");
        kinds.put("sources", "data_source");
        kinds.put("feature_views", "feature_view");
        kinds.put("on_demand_feature_views", "on_demand_feature_view");
        kinds.put("feature_services", "feature_service");
        return kinds;
    }

    static List<Change> between(Definitions before, Definitions after) {
        Map<String, @Nullable Object> old = DefinitionsText.tree(before);
        Map<String, @Nullable Object> now = DefinitionsText.tree(after);
        List<Change> changes = new ArrayList<>();
        KINDS.forEach((key, kind) -> compare(kind, members(old.get(key)), members(now.get(key)), changes));
        if (!changes.isEmpty() && !before.project().equals(after.project())) {
            changes.add(
                    0,
                    new Change(
                            Change.Action.UPDATE,
                            "project",
                            after.project(),
                            List.of(new Change.Detail("project", before.project(), after.project()))));
        }
        return changes;
    }

    private static void compare(
            String kind, Map<String, @Nullable Object> old, Map<String, @Nullable Object> now, List<Change> changes) {
        now.forEach((name, definition) -> {
            if (!old.containsKey(name)) {
                changes.add(new Change(Change.Action.CREATE, kind, name, List.of()));
                return;
            }
            List<Change.Detail> details = details(parts(old.get(name)), parts(definition));
            if (!details.isEmpty()) {
                changes.add(new Change(Change.Action.UPDATE, kind, name, details));
            }
        });
        for (String name : old.keySet()) {
            if (!now.containsKey(name)) {
                changes.add(new Change(Change.Action.DELETE, kind, name, List.of()));
            }
        }
    }

    private static List<Change.Detail> details(Map<String, String> old, Map<String, String> now) {
        Set<String> places = new LinkedHashSet<>(now.keySet());
        places.addAll(old.keySet());
        boolean moved = true;
        List<Change.Detail> details = new ArrayList<>();
        for (String place : places) {
            String from = old.get(place);
            String to = now.get(place);
            if (!place.endsWith(ORDER) && !Objects.equals(from, to)) {
                details.add(new Change.Detail(place, from, to));
                moved = moved && from != null && to != null;
            }
        }
        // Where members came or went, another order says nothing more.
        if (moved) {
            for (String place : places) {
                if (place.endsWith(ORDER) && !Objects.equals(old.get(place), now.get(place))) {
                    details.add(new Change.Detail(place, old.get(place), now.get(place)));
                }
            }
        }
        return details;
    }

    /** Texts of a definition's parts by their place. */
    private static Map<String, String> parts(@Nullable Object definition) {
        Map<String, String> parts = new LinkedHashMap<>();
        collect("", definition, parts);
        return parts;
    }

    private static void collect(String place, @Nullable Object value, Map<String, String> parts) {
        if (value instanceof Map<?, ?> map) {
            map.forEach((name, member) -> collect(place.isEmpty() ? "" + name : place + "." + name, member, parts));
            if (place.equals("schema") || place.equals("join_keys")) {
                parts.put(place + ORDER, Json.text(map.keySet()));
            }
        } else if (value instanceof List<?> list && place.isEmpty()) {
            collectProjections(list, parts);
        } else if (value instanceof List<?> list && place.equals("aggregations")) {
            collectAggregations(list, parts);
        } else {
            parts.put(place, value instanceof String text ? text : Json.text(value));
        }
    }

    /** A feature service: its views by name. */
    private static void collectProjections(List<?> projections, Map<String, String> parts) {
        List<String> names = new ArrayList<>();
        for (Object projection : projections) {
            if (projection instanceof Map<?, ?> map) {
                String view = String.valueOf(map.get("view"));
                names.add(view);
                parts.put(view, Json.text(map));
            } else {
                names.add(String.valueOf(projection));
                parts.put(String.valueOf(projection), "all features");
            }
        }
        parts.put("views" + ORDER, Json.text(names));
    }

    /** Windowed features by name. */
    private static void collectAggregations(List<?> aggregations, Map<String, String> parts) {
        List<String> names = new ArrayList<>();
        for (Object aggregation : aggregations) {
            if (aggregation instanceof Map<?, ?> map) {
                String name = String.valueOf(map.get("name"));
                List<String> texts = new ArrayList<>();
                map.forEach((key, part) -> {
                    if (!key.equals("name")) {
                        texts.add(key.equals("function") ? String.valueOf(part) : key + " " + part);
                    }
                });
                names.add(name);
                parts.put("aggregations." + name, String.join(", ", texts));
            }
        }
        parts.put("aggregations" + ORDER, Json.text(names));
    }

    @SuppressWarnings("unchecked") // the canonical tree has no other maps
    private static Map<String, @Nullable Object> members(@Nullable Object section) {
        return section instanceof Map<?, ?> ? (Map<String, @Nullable Object>) section : Map.of();
    }
}
