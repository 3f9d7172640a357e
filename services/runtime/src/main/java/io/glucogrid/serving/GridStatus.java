package io.glucogrid.serving;

import io.glucogrid.cluster.GridHealth;
import io.glucogrid.grid.GridException;
import io.glucogrid.grid.LocalService;
import io.glucogrid.grid.NodeSettings;
import io.glucogrid.store.OfflineStore;
import io.glucogrid.store.SegmentInfo;
import io.glucogrid.store.TableSchema;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The whole grid in one JSON tree: nodes, definitions, streams summed and per node, tier. */
final class GridStatus {
    private static final Duration DEADLINE = Duration.ofSeconds(5);

    /** Counters of a stream that add up over nodes. */
    private static final List<String> SUMMED = List.of("consumed", "applied", "dead_letters");

    private static final List<String> WORST = List.of("p50_ms", "p99_ms");

    private final NodeSettings settings;
    private final Registry registry;
    private final LocalService<OfflineStore> offline;
    private final Broadcast broadcast;
    private final MaterializeProgress progress;
    private final GridHealth health;

    GridStatus(
            NodeSettings settings,
            Registry registry,
            LocalService<OfflineStore> offline,
            Broadcast broadcast,
            MaterializeProgress progress,
            GridHealth health) {
        this.settings = settings;
        this.registry = registry;
        this.offline = offline;
        this.broadcast = broadcast;
        this.progress = progress;
        this.health = health;
    }

    Map<String, Object> tree() {
        List<Map<String, Object>> nodes = new ArrayList<>(broadcast.call(new Jobs.DescribeNode(), DEADLINE));
        nodes.sort(Comparator.comparingLong(node -> number(node, "order").longValue()));
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("grid", health.tree());
        tree.put("definitions", definitions());
        tree.put("streams", streams(nodes));
        tree.put("tier", tier());
        tree.put("materializing", progress.tree());
        tree.put("nodes", nodes);
        return tree;
    }

    private Map<String, Object> definitions() {
        Map<String, Object> tree = new LinkedHashMap<>();
        if (!registry.isLoaded()) {
            tree.put("version", 0L);
            return tree;
        }
        Snapshot snapshot = registry.snapshot();
        tree.put("project", snapshot.definitions().project());
        tree.put("version", snapshot.document().version());
        tree.put("state", snapshot.document().state().name().toLowerCase(Locale.ROOT));
        tree.put(
                "feature_services",
                List.copyOf(snapshot.definitions().services().keySet()));
        return tree;
    }

    private static Map<String, Object> streams(List<Map<String, Object>> nodes) {
        Map<String, Object> streams = new LinkedHashMap<>();
        for (String name : List.of("online", "offline")) {
            List<Map<?, ?>> parts = new ArrayList<>();
            for (Map<String, Object> node : nodes) {
                if (node.get("streams") instanceof Map<?, ?> known && known.get(name) instanceof Map<?, ?> part) {
                    parts.add(part);
                }
            }
            if (!parts.isEmpty()) {
                streams.put(name, summed(parts));
            }
        }
        return streams;
    }

    private static Map<String, Object> summed(List<Map<?, ?>> parts) {
        Map<String, Object> sum = new LinkedHashMap<>();
        sum.put(
                "state",
                parts.stream()
                        .map(part -> String.valueOf(part.get("state")))
                        .distinct()
                        .sorted()
                        .toList());
        for (String counter : SUMMED) {
            sum.put(
                    counter,
                    parts.stream()
                            .mapToLong(part -> number(part, counter).longValue())
                            .sum());
        }
        for (String percentile : WORST) {
            sum.put(
                    percentile,
                    parts.stream()
                            .mapToDouble(part -> number(part, percentile).doubleValue())
                            .max()
                            .orElse(0));
        }
        return sum;
    }

    private static Number number(Map<?, ?> part, String key) {
        return part.get(key) instanceof Number number ? number : 0;
    }

    private Map<String, Object> tier() {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("uri", settings.offlineUri().toString());
        List<Map<String, Object>> tables = new ArrayList<>();
        if (offline.isReady() && registry.isLoaded()) {
            for (TableSchema table : registry.snapshot().definitions().tables()) {
                tables.add(table(table));
            }
        }
        tree.put("tables", tables);
        tree.put("problems", offline.isReady() ? offline.get().problems() : List.of());
        return tree;
    }

    private Map<String, Object> table(TableSchema table) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("table", table.name());
        try {
            List<SegmentInfo> segments = offline.get().segments(table);
            tree.put("segments", segments.size());
            tree.put("rows", segments.stream().mapToLong(SegmentInfo::rows).sum());
            tree.put("bytes", segments.stream().mapToLong(SegmentInfo::bytes).sum());
        } catch (GridException unavailable) {
            tree.put("problem", unavailable.reason());
        }
        return tree;
    }
}
