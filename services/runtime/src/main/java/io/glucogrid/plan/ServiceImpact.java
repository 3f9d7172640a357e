package io.glucogrid.plan;

import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.FeatureService;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.feature.OnDemandView;
import io.glucogrid.feature.Source;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the callers of one feature service will notice.
 *
 * @param added columns {@code name:type} that are new in the answer
 * @param removed columns that are no longer in the answer
 * @param retyped columns {@code name:from->to} of another type
 * @param because the changed definitions that the service reads, as {@code kind name}
 */
public record ServiceImpact(
        String service, List<String> added, List<String> removed, List<String> retyped, List<String> because) {
    public ServiceImpact {
        added = List.copyOf(added);
        removed = List.copyOf(removed);
        retyped = List.copyOf(retyped);
        because = List.copyOf(because);
    }

    /** Whether a caller of the old version may no longer understand the answer. */
    public boolean isBreaking() {
        return !removed.isEmpty() || !retyped.isEmpty();
    }

    static List<ServiceImpact> of(Definitions before, Definitions after, List<Change> changes) {
        Set<String> changed = new LinkedHashSet<>();
        for (Change change : changes) {
            if (change.changesValues()) {
                changed.add(change.kind() + " " + change.name());
            }
        }
        Set<String> names = new LinkedHashSet<>(after.services().keySet());
        names.addAll(before.services().keySet());
        List<ServiceImpact> impacts = new ArrayList<>();
        for (String name : names) {
            Set<String> because = new LinkedHashSet<>(read(before, name));
            because.addAll(read(after, name));
            because.retainAll(changed);
            if (!because.isEmpty()) {
                impacts.add(impact(name, columns(before, name), columns(after, name), List.copyOf(because)));
            }
        }
        return impacts;
    }

    private static ServiceImpact impact(
            String name, Map<String, String> old, Map<String, String> now, List<String> because) {
        List<String> added = new ArrayList<>();
        List<String> removed = new ArrayList<>();
        List<String> retyped = new ArrayList<>();
        now.forEach((column, type) -> {
            String was = old.get(column);
            if (was == null) {
                added.add(column + ":" + type);
            } else if (!Objects.equals(was, type)) {
                retyped.add(column + ":" + was + "->" + type);
            }
        });
        old.forEach((column, type) -> {
            if (!now.containsKey(column)) {
                removed.add(column + ":" + type);
            }
        });
        return new ServiceImpact(name, added, removed, retyped, because);
    }

    /** Types by the names under which the service serves its features. */
    private static Map<String, String> columns(Definitions definitions, String name) {
        Map<String, String> columns = new LinkedHashMap<>();
        FeatureService service = definitions.services().get(name);
        if (service == null) {
            return columns;
        }
        for (FeatureService.Projection projection : service.projections()) {
            Map<String, String> types = new LinkedHashMap<>();
            FeatureView view = definitions.views().get(projection.view());
            OnDemandView onDemand = definitions.onDemandViews().get(projection.view());
            if (view != null) {
                view.servedFeatures()
                        .forEach(field -> types.put(field.name(), field.type().name()));
            } else if (onDemand != null) {
                onDemand.features()
                        .forEach(field -> types.put(field.name(), field.type().name()));
            }
            types.forEach((feature, type) -> {
                if (projection.features().isEmpty() || projection.features().contains(feature)) {
                    columns.put(projection.renames().getOrDefault(feature, feature), type);
                }
            });
        }
        return columns;
    }

    /** Everything that the answers of a service depend on, as {@code kind name}. */
    private static Set<String> read(Definitions definitions, String name) {
        Set<String> read = new LinkedHashSet<>();
        FeatureService service = definitions.services().get(name);
        if (service != null) {
            read.add("feature_service " + name);
            service.projections().forEach(projection -> readView(definitions, projection.view(), read));
        }
        return read;
    }

    private static void readView(Definitions definitions, String name, Set<String> read) {
        FeatureView view = definitions.views().get(name);
        OnDemandView onDemand = definitions.onDemandViews().get(name);
        if (view != null) {
            read.add("feature_view " + name);
            view.entities().forEach(entity -> read.add("entity " + entity));
            readSource(definitions.sources().get(view.source()), read);
            if (definitions.sources().get(view.source()) instanceof Source.Push push) {
                readSource(definitions.sources().get(push.batchSource()), read);
            }
        } else if (onDemand != null) {
            read.add("on_demand_feature_view " + name);
            for (String source : onDemand.sources()) {
                readSource(definitions.sources().get(source), read);
                readView(definitions, source, read);
            }
        }
    }

    private static void readSource(@Nullable Source source, Set<String> read) {
        if (source != null) {
            read.add("data_source " + source.name());
        }
    }
}
