package io.glucogrid.metrics;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * What Feast's feature server counts, under its names, so that dashboards made for it show ours. Only figures whose meaning is the
 * same; what every endpoint has in common is in {@link Latencies}.
 */
public final class FeastFigures {
    private static final int MAX_SERIES = 1_000;
    private static final double NANOS_PER_SECOND = 1e9;

    private final Buckets entities = new Buckets(1, 5, 10, 25, 50, 100, 250, 500, 1_000);
    private final Map<String, Map<String, LongAdder>> counters = new ConcurrentSkipListMap<>();
    private final Map<String, Buckets> loads = new ConcurrentSkipListMap<>();

    /** A histogram with fixed bounds. */
    static final class Buckets {
        private final double[] bounds;
        private final LongAdder[] counts;
        private final LongAdder nanos = new LongAdder();

        Buckets(double... bounds) {
            this.bounds = bounds;
            this.counts = new LongAdder[bounds.length + 1];
            for (int i = 0; i < counts.length; i++) {
                counts[i] = new LongAdder();
            }
        }

        void add(double value) {
            int bucket = 0;
            while (bucket < bounds.length && value > bounds[bucket]) {
                bucket++;
            }
            counts[bucket].increment();
            nanos.add((long) (value * NANOS_PER_SECOND));
        }

        double[] bounds() {
            return bounds;
        }

        long count(int bucket) {
            return counts[bucket].sum();
        }

        double sum() {
            return nanos.sum() / NANOS_PER_SECOND;
        }
    }

    /** One online read of so many entities. */
    public void onlineRead(int rows) {
        add("feast_online_features_request_total", "", 1);
        entities.add(rows);
    }

    /** Values of a view that were served, and that were not there. */
    public void statuses(String view, long present, long notFound) {
        String name = "feast_online_features_status_total";
        String label = "feature_view=\"" + PrometheusText.label(view) + "\",status=\"";
        if (present > 0) {
            add(name, label + "present\"", present);
        }
        if (notFound > 0) {
            add(name, label + "not_found\"", notFound);
        }
    }

    /** One push that was stored. */
    public void push(String source, String mode) {
        String label = "push_source=\"" + PrometheusText.label(source) + "\",mode=\"" + PrometheusText.label(mode);
        add("feast_push_request_total", label + "\"", 1);
    }

    /** One materialization of views. */
    public void materialized(Collection<String> views, boolean done, long nanos) {
        for (String view : views) {
            String label = "feature_view=\"" + PrometheusText.label(view) + "\"";
            add("feast_materialization_result_total", label + ",status=\"" + (done ? "success" : "failure") + "\"", 1);
            loads.computeIfAbsent(label, first -> new Buckets(1, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600))
                    .add(nanos / NANOS_PER_SECOND);
        }
    }

    private void add(String name, String labels, long count) {
        Map<String, LongAdder> series = counters.computeIfAbsent(name, first -> new ConcurrentHashMap<>());
        // Names are those of definitions, which come and go; what is counted must not grow with them for ever.
        if (series.size() < MAX_SERIES || series.containsKey(labels)) {
            series.computeIfAbsent(labels, first -> new LongAdder()).add(count);
        }
    }

    void forEachCounter(CounterReader reader) {
        counters.forEach((name, series) -> new ConcurrentSkipListMap<>(series)
                .forEach((labels, count) -> reader.accept(name, labels, count.sum())));
    }

    void forEachHistogram(HistogramReader reader) {
        reader.accept("feast_online_features_entity_count", "", entities);
        loads.forEach((label, buckets) -> reader.accept("feast_materialization_duration_seconds", label, buckets));
    }

    interface CounterReader {
        void accept(String name, String labels, long count);
    }

    interface HistogramReader {
        void accept(String name, String labels, Buckets buckets);
    }
}
