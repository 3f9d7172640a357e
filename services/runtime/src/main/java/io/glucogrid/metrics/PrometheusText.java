package io.glucogrid.metrics;

import io.glucogrid.grid.LocalService;
import io.glucogrid.store.StreamControl;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    private static final Map<String, String> LABELLED = Map.of(
            "cache", "cache",
            "cacheGroups", "group",
            "io.dataregion", "region",
            "threadPools", "pool",
            "custom.tier", "table",
            "custom.forecasts", "model");

    /** How Ignite calls the registries of metrics that are not its own. */
    private static final String OURS = "custom.";

    private final Map<String, Family> families = new TreeMap<>();

    private PrometheusText() {}

    private static final class Family {
        private final String type;
        private final StringBuilder lines = new StringBuilder();

        Family(String type) {
            this.type = type;
        }
    }

    /** Endpoints whose answers Feast's feature server counts too. */
    private static final Set<String> FEAST_ENDPOINTS = Set.of(
            "/get-online-features", "/push", "/write-to-online-store", "/materialize", "/materialize-incremental");

    private static final double[] FEAST_SECONDS = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
    private static final int FIRST_ERROR = 400;

    /**
     * Our latencies and Feast's figures, then everything Ignite measures on this node.
     *
     * @param active requests whose answer is not out yet, the one that asks among them
     * @param waiting those of them that wait for something now
     * @param freshness age of each view's last whole materialization
     */
    public static String of(
            Ignite ignite, Latencies latencies, FeastFigures feast, int active, int waiting, Freshness freshness) {
        PrometheusText text = new PrometheusText();
        text.ours(latencies);
        text.line("glucogrid_http_active_requests", "gauge", "", "", active);
        text.line("glucogrid_http_waiting_requests", "gauge", "", "", waiting);
        text.feast(latencies, feast);
        text.freshness(freshness);
        text.stream("online", new LocalService<>(ignite, StreamControl.ONLINE, StreamControl.class));
        text.stream("offline", new LocalService<>(ignite, StreamControl.OFFLINE, StreamControl.class));
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

    /** A stream of this node: what it has done, and how far it is behind in each partition that it reads. */
    private void stream(String name, LocalService<StreamControl> control) {
        if (!control.isReady()) {
            return;
        }
        Map<String, Object> status = control.get().status();
        String stream = "stream=\"" + name + "\"";
        line(
                "glucogrid_stream_state",
                "gauge",
                "",
                stream + ",state=\"" + label(String.valueOf(status.get("state"))) + "\"",
                1);
        for (String outcome : List.of("applied", "dead_letters", "unpredicted")) {
            if (status.get(outcome) instanceof Number count) {
                line("glucogrid_stream_" + outcome + "_total", "counter", "", stream, count);
            }
        }
        if (status.get("lag") instanceof Map<?, ?> lag) {
            lag.forEach((partition, behind) -> {
                if (behind instanceof Number records) {
                    String labels = stream + ",partition=\"" + label(String.valueOf(partition)) + "\"";
                    line("glucogrid_stream_lag_records", "gauge", "", labels, records);
                }
            });
        }
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

    private void feast(Latencies latencies, FeastFigures feast) {
        Map<String, long[]> outcomes = new TreeMap<>();
        latencies.forEachStatus((endpoint, status, count) -> {
            if (FEAST_ENDPOINTS.contains(endpoint)) {
                outcomes.computeIfAbsent(endpoint, first -> new long[2])[status < FIRST_ERROR ? 0 : 1] += count;
            }
        });
        outcomes.forEach((endpoint, counts) -> {
            String label = "endpoint=\"" + label(endpoint) + "\",status=\"";
            line("feast_feature_server_request_total", "counter", "", label + "success\"", counts[0]);
            line("feast_feature_server_request_total", "counter", "", label + "error\"", counts[1]);
        });
        latencies.forEach((endpoint, micros) -> {
            if (FEAST_ENDPOINTS.contains(endpoint)) {
                feastLatency("endpoint=\"" + label(endpoint) + "\"", micros);
            }
        });
        feast.forEachCounter((name, labels, count) -> line(name, "counter", "", labels, count));
        feast.forEachHistogram(this::feastHistogram);
    }

    /**
     * How old what was materialized is.
     *
     * @param seconds by view
     */
    public record Freshness(String project, Map<String, Double> seconds) {}

    private void freshness(Freshness freshness) {
        freshness
                .seconds()
                .forEach((view, seconds) -> line(
                        "feast_feature_freshness_seconds",
                        "gauge",
                        "",
                        "feature_view=\"" + label(view) + "\",project=\"" + label(freshness.project()) + "\"",
                        seconds));
    }

    private void feastLatency(String label, Histogram micros) {
        String name = "feast_feature_server_request_latency_seconds";
        for (double bound : FEAST_SECONDS) {
            long count = micros.getCountBetweenValues(0, (long) (bound * MICROS_PER_SECOND));
            line(name, "histogram", "_bucket", label + ",le=\"" + bound + "\"", count);
        }
        line(name, "histogram", "_bucket", label + ",le=\"+Inf\"", micros.getTotalCount());
        line(name, "histogram", "_sum", label, micros.getMean() * micros.getTotalCount() / MICROS_PER_SECOND);
        line(name, "histogram", "_count", label, micros.getTotalCount());
    }

    private void feastHistogram(String name, String labels, FeastFigures.Buckets buckets) {
        String more = labels.isEmpty() ? "" : labels + ",";
        double[] bounds = buckets.bounds();
        long total = 0;
        for (int i = 0; i <= bounds.length; i++) {
            total += buckets.count(i);
            String bound = i < bounds.length ? String.valueOf(bounds[i]) : "+Inf";
            line(name, "histogram", "_bucket", more + "le=\"" + bound + "\"", total);
        }
        line(name, "histogram", "_sum", labels, buckets.sum());
        line(name, "histogram", "_count", labels, total);
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
            String family =
                    prefix.startsWith(OURS) ? "glucogrid." + prefix.substring(OURS.length()) : "ignite." + prefix;
            metric(name(family + "." + own), label, metric);
        }
    }

    private void metric(String name, String label, Metric metric) {
        String type = name.endsWith("_total") ? "counter" : "gauge";
        if (metric instanceof HistogramMetric histogram) {
            histogram(name, label, histogram);
        } else if (metric instanceof IntMetric number) {
            line(name, type, "", label, number.value());
        } else if (metric instanceof LongMetric number) {
            line(name, type, "", label, number.value());
        } else if (metric instanceof DoubleMetric number) {
            line(name, type, "", label, number.value());
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

    static String label(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}
