package io.glucogrid.serving;

import io.glucogrid.cluster.GridHealth;
import io.glucogrid.cluster.RowStore;
import io.glucogrid.feature.Aggregation;
import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.EntityKey;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.FeatureService;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.feature.FeatureView.OnlineTtl;
import io.glucogrid.feature.ValueStatus;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.Deadline;
import io.glucogrid.grid.GridException;
import io.glucogrid.registry.RegistryDocument;
import io.glucogrid.store.AsOf;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.OfflineStore;
import io.glucogrid.value.Timestamps;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.ignite.Ignite;
import org.apache.ignite.cluster.ClusterNode;
import org.jspecify.annotations.Nullable;

/**
 * Tells where each value of an online answer comes from: the view and its version, the row it was read from with its times and
 * its age against the ttl, the node that owns the row, the expression with its inputs, and why there is no value where there is
 * none. The values are those that an online read would serve at the same moment, by the same plan.
 */
final class Explanations {
    private static final int VERSIONS = 100;

    /** Each costs several reads. */
    private static final int MOST_ENTITIES = 100;

    private static final double MICROS_PER_SECOND = 1e6;

    private final Ignite ignite;
    private final GridHealth health;
    private final Registry registry;
    private final Supplier<OfflineStore> offline;
    private final InstantSource clock;

    Explanations(
            Ignite ignite, GridHealth health, Registry registry, Supplier<OfflineStore> offline, InstantSource clock) {
        this.ignite = ignite;
        this.health = health;
        this.registry = registry;
        this.offline = offline;
        this.clock = clock;
    }

    /** A row as an online read finds it. */
    private record Found(ReadPlan.ViewRead read, Object key, @Nullable FeatureRow row, ValueStatus status) {
        boolean isHidden() {
            return status == ValueStatus.OUTSIDE_MAX_AGE && read.view().onlineTtl() == OnlineTtl.HIDE;
        }
    }

    /** @throws GridException NOT_READY where an online read would be, while rows are rebuilt */
    Map<String, Object> tree(String service, @Nullable Object entities, Deadline deadline) {
        Snapshot snapshot = registry.snapshot();
        ReadPlan plan = snapshot.service(service);
        EntityRows rows = EntityRows.online(plan, entities, MOST_ENTITIES);
        List<RegistryDocument> versions = registry.versions(VERSIONS);
        long nowMicros = Timestamps.micros(clock.instant());
        List<Object> explained = new ArrayList<>();
        for (int i = 0; i < rows.keys().size(); i++) {
            Object[] keys = rows.keys().get(i);
            Cursor cursor = new Cursor(plan.views().size(), false);
            cursor.keys = keys;
            cursor.request =
                    rows.request().isEmpty() ? new Object[0] : rows.request().get(i);
            List<Found> found = new ArrayList<>();
            for (int view = 0; view < plan.views().size(); view++) {
                Found one = found(plan.views().get(view), keys, nowMicros, deadline);
                found.add(one);
                cursor.rows[view] =
                        one.isHidden() ? null : plan.views().get(view).served(one.row());
            }
            Map<String, Object> entity = new LinkedHashMap<>();
            for (int key = 0; key < keys.length; key++) {
                entity.put(plan.joinKeys().get(key).name(), keys[key]);
            }
            List<Object> values = new ArrayList<>();
            for (ReadPlan.Column column : plan.columns()) {
                values.add(value(snapshot, service, column, cursor, found, versions, nowMicros));
            }
            Map<String, Object> tree = new LinkedHashMap<>();
            tree.put("entity", entity);
            tree.put("values", values);
            explained.add(tree);
        }
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("feature_service", service);
        tree.put("definitions_version", snapshot.document().version());
        tree.put("asked_at", Timestamps.iso(nowMicros));
        tree.put("asked_node", name(ignite.cluster().localNode()));
        tree.put("entities", explained);
        return tree;
    }

    private Found found(ReadPlan.ViewRead read, Object[] planKeys, long nowMicros, Deadline deadline) {
        Object[] joinKeys = read.viewKeys(planKeys);
        health.requireServed(joinKeys);
        Object key = EntityKey.of(joinKeys);
        FeatureRow row = read.view().online()
                ? Waits.within(
                                read.cache().in(ignite).getAllAsync(Set.of(key)),
                                deadline.leftNanos(),
                                "the online read")
                        .get(key)
                : null;
        if (row == null) {
            health.requireWarm();
        }
        Duration ttl = read.view().ttl();
        ValueStatus status = row == null
                ? ValueStatus.NOT_FOUND
                : ttl != null && row.eventMicros() < nowMicros - TimeUnit.MICROSECONDS.convert(ttl)
                        ? ValueStatus.OUTSIDE_MAX_AGE
                        : ValueStatus.PRESENT;
        return new Found(read, key, row, status);
    }

    private Map<String, Object> value(
            Snapshot snapshot,
            String service,
            ReadPlan.Column column,
            Cursor cursor,
            List<Found> found,
            List<RegistryDocument> versions,
            long nowMicros) {
        Definitions definitions = snapshot.definitions();
        Object value = column.ref().of(cursor);
        Map<String, @Nullable Object> tree = new LinkedHashMap<>();
        tree.put("name", column.name());
        tree.put("feature", column.view() + ":" + feature(definitions, service, column));
        tree.put("type", column.type().name());
        tree.put("value", shown(column.type(), value));
        String view = column.view();
        tree.put("view", view);
        tree.put("view_version", since(definitions, view, versions));
        if (column.ref() instanceof ValueRef.Stored stored) {
            Found row = found.get(stored.view());
            ValueStatus status =
                    row.status() == ValueStatus.PRESENT && value == null ? ValueStatus.NULL_VALUE : row.status();
            tree.put("status", status.name());
            tree.put("row", row(definitions, row, nowMicros));
            if (value == null) {
                tree.put("why_null", whyNull(row, feature(definitions, service, column), nowMicros));
            }
        } else if (column.ref() instanceof ValueRef.Computed computed) {
            tree.put("status", (value == null ? ValueStatus.NULL_VALUE : ValueStatus.PRESENT).name());
            tree.put("expression", computed.expression().text());
            Map<String, @Nullable Object> inputs = new LinkedHashMap<>();
            List<String> missing = new ArrayList<>();
            List<Object> sources = new ArrayList<>();
            for (int i = 0; i < computed.inputs().length; i++) {
                String name = computed.expression().inputs().get(i);
                ValueRef ref = computed.inputs()[i];
                Object input = ref.of(cursor);
                boolean time = ref instanceof ValueRef.Stored read && read.type() == ValueType.UNIX_TIMESTAMP;
                time = time || ref instanceof ValueRef.InputTime;
                inputs.put(name, time ? shown(ValueType.UNIX_TIMESTAMP, input) : input);
                Found row = rowOf(ref, found);
                if (row != null && sources.isEmpty()) {
                    sources.add(row(definitions, row, nowMicros));
                }
                if (input == null) {
                    missing.add(
                            "input '" + name + "' is null" + (row == null ? "" : ": " + whyNull(row, name, nowMicros)));
                }
            }
            tree.put("inputs", inputs);
            if (!sources.isEmpty()) {
                tree.put("row", sources.get(0));
            }
            if (value == null) {
                tree.put(
                        "why_null",
                        missing.isEmpty()
                                ? "the expression has no value for these inputs"
                                : String.join("; ", missing));
            }
        }
        return present(tree);
    }

    private static @Nullable Found rowOf(ValueRef ref, List<Found> found) {
        if (ref instanceof ValueRef.Stored stored) {
            return found.get(stored.view());
        }
        return ref instanceof ValueRef.InputTime time ? found.get(time.stored().view()) : null;
    }

    private Map<String, Object> row(Definitions definitions, Found found, long nowMicros) {
        FeatureView view = found.read().view();
        Map<String, @Nullable Object> tree = new LinkedHashMap<>();
        tree.put("view", view.name());
        tree.put("source", view.source());
        tree.put("table", definitions.parquetSource(view).table());
        tree.put("cache", found.read().cache().name());
        FeatureRow row = found.row();
        if (row != null) {
            tree.put("event_timestamp", Timestamps.iso(row.eventMicros()));
            tree.put("created", Timestamps.iso(row.createdMicros()));
            tree.put("age_seconds", (nowMicros - row.eventMicros()) / MICROS_PER_SECOND);
        }
        Duration ttl = view.ttl();
        tree.put("ttl_seconds", ttl == null ? null : (Object) (ttl.toMillis() / 1000.0));
        tree.put("expired", found.status() == ValueStatus.OUTSIDE_MAX_AGE);
        tree.put("online_ttl", view.onlineTtl().name().toLowerCase(Locale.ROOT));
        if (view.online()) {
            Collection<ClusterNode> owners =
                    ignite.affinity(found.read().cache().name()).mapKeyToPrimaryAndBackups(found.key());
            List<String> names = owners.stream().map(Explanations::name).toList();
            tree.put("owner", names.isEmpty() ? null : names.get(0));
            tree.put("backups", names.isEmpty() ? List.of() : names.subList(1, names.size()));
        }
        return present(tree);
    }

    private String whyNull(Found found, String feature, long nowMicros) {
        FeatureView view = found.read().view();
        FeatureRow row = found.row();
        if (!view.online()) {
            return "view '" + view.name() + "' is not kept online";
        }
        if (row == null) {
            return "the online store has no row of view '" + view.name() + "' for this entity; "
                    + history(found, nowMicros);
        }
        if (found.isHidden()) {
            return "the row is older than the ttl of view '" + view.name() + "', and its online_ttl is hide";
        }
        for (Aggregation aggregation : view.aggregations()) {
            if (feature.equals(aggregation.name())
                    || (aggregation.function() == Aggregation.Function.LAST_N
                            && feature.startsWith(aggregation.name() + "_"))) {
                return "too few values of '" + aggregation.column() + "' in the "
                        + aggregation.window().toMinutes() + " minutes up to the row's event time for "
                        + aggregation.function().text();
            }
        }
        return "the row of view '" + view.name() + "' holds no value of '" + feature + "'";
    }

    /** What the offline tier knows of an entity without an online row. */
    private String history(Found found, long nowMicros) {
        try {
            Object[] keys = EntityKey.joinKeys(found.key());
            List<@Nullable HistoryRow> rows = offline.get()
                    .asOf(found.read().table(), List.of(new AsOf(keys, Long.MIN_VALUE, Math.max(nowMicros, 0))));
            HistoryRow latest = rows.get(0);
            return latest == null
                    ? "history has none either"
                    : "history has one of " + Timestamps.iso(latest.row().eventMicros())
                            + ", which materialize would load";
        } catch (GridException unavailable) {
            return "history cannot be read now: " + unavailable.reason();
        }
    }

    /** The name of a column's feature in its view, before the service renamed it. */
    private static String feature(Definitions definitions, String service, ReadPlan.Column column) {
        FeatureService definition = definitions.services().get(service);
        if (definition != null) {
            for (FeatureService.Projection projection : definition.projections()) {
                if (projection.view().equals(column.view())) {
                    for (Map.Entry<String, String> rename : projection.renames().entrySet()) {
                        if (rename.getValue().equals(column.name())) {
                            return rename.getKey();
                        }
                    }
                }
            }
        }
        return column.name();
    }

    /** The registry version since which a view is defined as it is now. */
    private static long since(Definitions now, String view, List<RegistryDocument> versions) {
        long since = versions.isEmpty() ? 0 : versions.get(0).version();
        for (RegistryDocument document : versions) {
            Definitions then = document.inForce();
            if (!Objects.equals(then.views().get(view), now.views().get(view))
                    || !Objects.equals(
                            then.onDemandViews().get(view), now.onDemandViews().get(view))) {
                break;
            }
            since = document.version();
        }
        return since;
    }

    private static @Nullable Object shown(ValueType type, @Nullable Object value) {
        return type == ValueType.UNIX_TIMESTAMP && value instanceof Long micros ? Timestamps.iso(micros) : value;
    }

    private static String name(ClusterNode node) {
        return RowStore.nodeName(node);
    }

    /** The map as the JSON writer takes it: null members are written as null. */
    @SuppressWarnings("unchecked") // only nullness differs
    private static Map<String, Object> present(Map<String, @Nullable Object> tree) {
        return (Map<String, Object>) (Map<String, ?>) tree;
    }
}
