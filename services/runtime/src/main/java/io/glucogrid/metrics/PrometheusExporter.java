package io.glucogrid.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.apache.ignite.Ignite;
import org.apache.ignite.spi.IgniteSpiAdapter;
import org.apache.ignite.spi.IgniteSpiMultipleInstancesSupport;
import org.apache.ignite.spi.metric.MetricExporterSpi;
import org.apache.ignite.spi.metric.ReadOnlyMetricManager;
import org.apache.ignite.spi.metric.ReadOnlyMetricRegistry;
import org.jspecify.annotations.Nullable;

/**
 * Gives the feature API access to Ignite's metrics. Declare it among the node's metric exporters; {@code GET /metrics} then
 * renders all registries, and without it only ours.
 */
@IgniteSpiMultipleInstancesSupport(true)
public final class PrometheusExporter extends IgniteSpiAdapter implements MetricExporterSpi {
    private volatile @Nullable ReadOnlyMetricManager metrics;
    private volatile Predicate<ReadOnlyMetricRegistry> filter = registry -> true;

    /** The exporter of a node; null where its configuration has none. */
    static @Nullable PrometheusExporter of(Ignite ignite) {
        MetricExporterSpi[] exporters = ignite.configuration().getMetricExporterSpi();
        return exporters == null
                ? null
                : Arrays.stream(exporters)
                        .filter(PrometheusExporter.class::isInstance)
                        .map(PrometheusExporter.class::cast)
                        .findFirst()
                        .orElse(null);
    }

    @Override
    public void setMetricRegistry(ReadOnlyMetricManager registries) {
        metrics = registries;
    }

    @Override
    public void setExportFilter(Predicate<ReadOnlyMetricRegistry> exported) {
        filter = exported;
    }

    @Override
    public void spiStart(@Nullable String igniteInstanceName) {}

    @Override
    public void spiStop() {}

    /** Every exported registry. */
    Iterable<ReadOnlyMetricRegistry> registries() {
        ReadOnlyMetricManager known = metrics;
        if (known == null) {
            return List.of();
        }
        List<ReadOnlyMetricRegistry> exported = new ArrayList<>();
        known.forEach(registry -> {
            if (filter.test(registry)) {
                exported.add(registry);
            }
        });
        return exported;
    }
}
