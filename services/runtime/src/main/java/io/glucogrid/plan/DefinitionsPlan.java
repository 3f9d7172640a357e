package io.glucogrid.plan;

import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.FeatureView;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * What applying definitions would change, and for whom.
 *
 * <p>A plan answers three questions before anything is done: which definitions are created, updated or deleted, part by part;
 * which feature services answer differently, and whether their callers will still understand them; and which online rows have to
 * be written anew. It compares meanings: a changed tag concerns the view that carries it and nobody else, and a service is
 * affected only by what it reads. An empty plan means that applying would change nothing.
 *
 * @param version registry version that the plan is made for; what {@code apply} takes to refuse a plan that is out of date
 */
public record DefinitionsPlan(
        long version, List<Change> changes, List<ServiceImpact> services, List<OnlineImpact> online) {
    public DefinitionsPlan {
        changes = List.copyOf(changes);
        services = List.copyOf(services);
        online = List.copyOf(online);
    }

    /**
     * The plan from one version of the definitions to another.
     *
     * @param version registry version of {@code before}
     * @param rows how many online rows a view has now
     */
    public static DefinitionsPlan between(
            long version, Definitions before, Definitions after, ToLongFunction<FeatureView> rows) {
        List<Change> changes = DefinitionsDiff.between(before, after);
        return new DefinitionsPlan(
                version, changes, ServiceImpact.of(before, after, changes), OnlineImpact.of(before, after, rows));
    }

    public boolean isEmpty() {
        return changes.isEmpty();
    }

    /** Rows that an apply writes anew. */
    public long rowsReencoded() {
        return online.stream()
                .filter(impact -> impact.action() == OnlineImpact.Action.REENCODE)
                .mapToLong(OnlineImpact::rows)
                .sum();
    }

    /** The plan as a JSON tree. */
    public Map<String, Object> tree() {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("version", version);
        tree.put("changed", !isEmpty());
        Map<String, Object> summary = new LinkedHashMap<>();
        for (Change.Action action : Change.Action.values()) {
            summary.put(
                    name(action),
                    changes.stream().filter(change -> change.action() == action).count());
        }
        tree.put("summary", summary);
        tree.put("changes", changes.stream().map(DefinitionsPlan::change).toList());
        List<Object> affected = new ArrayList<>();
        for (ServiceImpact impact : services) {
            Map<String, Object> service = new LinkedHashMap<>();
            service.put("name", impact.service());
            service.put("breaking", impact.isBreaking());
            service.put("columns_added", impact.added());
            service.put("columns_removed", impact.removed());
            service.put("columns_retyped", impact.retyped());
            service.put("because", impact.because());
            affected.add(service);
        }
        tree.put("feature_services_affected", affected);
        List<Object> rows = new ArrayList<>();
        for (OnlineImpact impact : online) {
            Map<String, Object> view = new LinkedHashMap<>();
            view.put("feature_view", impact.view());
            view.put("action", name(impact.action()));
            view.put("rows", impact.rows());
            view.put("new_features", impact.newFeatures());
            rows.add(view);
        }
        tree.put("online_store", rows);
        tree.put("rows_reencoded", rowsReencoded());
        return tree;
    }

    private static Map<String, Object> change(Change change) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("action", name(change.action()));
        tree.put("kind", change.kind());
        tree.put("name", change.name());
        List<Object> details = new ArrayList<>();
        for (Change.Detail detail : change.details()) {
            Map<String, @Nullable Object> part = new LinkedHashMap<>();
            part.put("field", detail.field());
            part.put("from", detail.from());
            part.put("to", detail.to());
            details.add(part);
        }
        tree.put("details", details);
        return tree;
    }

    private static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
