package io.glucogrid.metrics;

import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;
import org.apache.ignite.Ignite;
import org.apache.ignite.spi.metric.BooleanMetric;
import org.apache.ignite.spi.metric.DoubleMetric;
import org.apache.ignite.spi.metric.HistogramMetric;
import org.apache.ignite.spi.metric.IntMetric;
import org.apache.ignite.spi.metric.LongMetric;
import org.apache.ignite.spi.metric.Metric;
import org.apache.ignite.spi.metric.ReadOnlyMetricRegistry;

/** Metrics in the Prometheus text format 0.0.4. */
public final class PrometheusText {
    /** Content type of the text. */
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private static final double[] QUANTILES = {0.5, 0.9, 0.99, 0.999};
    private static final double MICROS_PER_SECOND = 1e6;

    /** Registries of one entity each, whose name becomes a label: prefix of the registry's name, and the label. */
    private static final Map<String, String> LABELLED =
            Map.of("cache", "cache", "cacheGroups", "group", "io.dataregion", "region", "threadPools", "pool");

    private final Map<String, Family> families = new TreeMap<>();

    private PrometheusText() {}

    private static final class Family {
        private final String type;
        private final StringBuilder lines = new StringBuilder();

        Family(String type) {
            this.type = type;
        }
    }

    /** Our latencies, then everything Ignite measures on this node. */
    public static String of(Ignite ignite, Latencies latencies) {
        PrometheusText text = new PrometheusText();
        text.ours(latencies);
        PrometheusExporter exporter = PrometheusExporter.of(ignite);
        if (exporter != null) {
            exporter.registries().forEach(text::registry);
        }
        StringBuilder out = new StringBuilder(64 * 1024);
        text.families.forEach((name, family) -> out.append("# TYPE ")
                .append(name)
                .append(' ')
                .append(family.type)
                .append('\n')
                .append(family.lines));
        return out.toString();
    }

    private void ours(Latencies latencies) {
        latencies.forEachStatus((endpoint, status, count) -> line(
                "glucogrid_http_requests_total",
                "counter",
                "",
                "endpoint=\"" + label(endpoint) + "\",status=\"" + status + "\"",
                count));
        latencies.forEach(this::latency);
    }

    private void latency(String endpoint, Histogram micros) {
        String name = "glucogrid_http_request_seconds";
        String label = "endpoint=\"" + label(endpoint) + "\"";
        for (double quantile : QUANTILES) {
            line(
                    name,
                    "summary",
                    "",
                    label + ",quantile=\"" + quantile + "\"",
                    micros.getValueAtPercentile(quantile * 100) / MICROS_PER_SECOND);
        }
        line(name, "summary", "_sum", label, micros.getMean() * micros.getTotalCount() / MICROS_PER_SECOND);
        line(name, "summary", "_count", label, micros.getTotalCount());
    }

    private void registry(ReadOnlyMetricRegistry registry) {
        String prefix = registry.name();
        String label = "";
        for (Map.Entry<String, String> labelled : LABELLED.entrySet()) {
            String start = labelled.getKey() + ".";
            if (registry.name().startsWith(start)) {
                prefix = labelled.getKey();
                label = labelled.getValue() + "=\"" + label(registry.name().substring(start.length())) + "\"";
            }
        }
        for (Metric metric : registry) {
            String own = metric.name().substring(registry.name().length() + 1);
            metric(name("ignite." + prefix + "." + own), label, metric);
        }
    }

    private void metric(String name, String label, Metric metric) {
        if (metric instanceof HistogramMetric histogram) {
            histogram(name, label, histogram);
        } else if (metric instanceof IntMetric number) {
            line(name, "gauge", "", label, number.value());
        } else if (metric instanceof LongMetric number) {
            line(name, "gauge", "", label, number.value());
        } else if (metric instanceof DoubleMetric number) {
            line(name, "gauge", "", label, number.value());
        } else if (metric instanceof BooleanMetric flag) {
            line(name, "gauge", "", label, flag.value() ? 1 : 0);
        }
    }

    private void histogram(String name, String label, HistogramMetric histogram) {
        long[] bounds = histogram.bounds();
        long[] counts = histogram.value();
        String more = label.isEmpty() ? "" : label + ",";
        long total = 0;
        for (int i = 0; i < counts.length; i++) {
            total += counts[i];
            String bound = i < bounds.length ? String.valueOf(bounds[i]) : "+Inf";
            line(name, "histogram", "_bucket", more + "le=\"" + bound + "\"", total);
        }
        line(name, "histogram", "_count", label, total);
    }

    private void line(String family, String type, String suffix, String labels, Number value) {
        StringBuilder lines = families.computeIfAbsent(family, name -> new Family(type)).lines;
        lines.append(family).append(suffix);
        if (!labels.isEmpty()) {
            lines.append('{').append(labels).append('}');
        }
        lines.append(' ').append(number(value)).append('\n');
    }

    private static String number(Number value) {
        double real = value.doubleValue();
        return Double.isInfinite(real) ? (real > 0 ? "+Inf" : "-Inf") : value.toString();
    }

    private static String name(String metric) {
        return metric.replaceAll("[^A-Za-z0-9_]", "_");
    }

    private static String label(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}
