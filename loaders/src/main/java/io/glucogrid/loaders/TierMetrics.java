package io.glucogrid.loaders;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.ignite.metric.IgniteMetrics;
import org.apache.ignite.metric.MetricRegistry;

/**
 * Figures of the tier among Ignite's own metrics, and so in {@code /metrics}: a registry {@code tier} for what is one thing, and
 * {@code tier.TABLE} for each table that this node has used.
 */
final class TierMetrics {
    private static final String TIER = "tier";

    private final IgniteMetrics metrics;
    private final Set<String> registries = ConcurrentHashMap.newKeySet();

    TierMetrics(IgniteMetrics metrics) {
        this.metrics = metrics;
    }

    void tier(ParquetOfflineStore store, CompactionFigures compaction) {
        MetricRegistry tier = registry(TIER);
        tier.register(
                "quarantined", store::quarantined, "files of the tier that are left out because they are damaged");
        tier.register("writable", store::isWritable, "whether the tier takes writes");
        tier.register("compactions_total", compaction::compactions, "compactions by this node");
        tier.register("compaction_failures_total", compaction::failures, "rounds of compaction that failed");
        tier.register("compacted_segments_total", compaction::inputs, "segments that were merged into others");
        tier.register("compacted_rows_total", compaction::rows, "rows of those");
    }

    void table(ParquetOfflineStore store, TableFigures figures) {
        String table = figures.table();
        MetricRegistry registry = registry(TIER + "." + table);
        registry.register("segments", () -> store.known(table).segments(), "segments that this node knows");
        registry.register("fresh_segments", () -> store.known(table).fresh(), "of these, not compacted yet");
        registry.register("bytes", () -> store.known(table).bytes(), "bytes of these segments");
        registry.register(
                "rows", () -> store.known(table).rows(), "rows of those that this node has written or opened");
        registry.register("writes_total", figures::writes, "segments written: group commits");
        registry.register("write_failures_total", figures::failures, "group commits that failed");
        registry.register("appends_total", figures::appends, "appends in the segments written");
        registry.register("rows_written_total", figures::rows, "rows in the segments written");
        registry.register("write_seconds_total", figures::seconds, "time until segments were durable");
        registry.register("writes_within_10ms_total", figures::within10Millis, "durable within 10 ms");
        registry.register("writes_within_100ms_total", figures::within100Millis, "durable within 100 ms");
        registry.register("writes_within_1s_total", figures::withinSecond, "durable within a second");
    }

    private MetricRegistry registry(String name) {
        registries.add(name);
        return metrics.getOrCreate(name);
    }

    void close() {
        registries.forEach(metrics::remove);
    }
}
