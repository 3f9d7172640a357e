package io.glucogrid.metrics;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Latency and outcome of each endpoint since the start: one histogram of microseconds per endpoint (three digits, up to ten
 * minutes) and a count per status. Recording is wait-free.
 */
public final class Latencies {
    private static final long MAX_MICROS = Duration.ofMinutes(10).toNanos() / 1_000;
    private static final int DIGITS = 3;

    private final Map<String, Endpoint> endpoints = new ConcurrentSkipListMap<>();

    private static final class Endpoint {
        private final Histogram micros = new ConcurrentHistogram(MAX_MICROS, DIGITS);
        private final Map<Integer, LongAdder> statuses = new ConcurrentSkipListMap<>();
    }

    /** Adds one answer. */
    public void record(String endpoint, int status, long nanos) {
        Endpoint known = endpoints.computeIfAbsent(endpoint, name -> new Endpoint());
        known.micros.recordValue(Math.min(MAX_MICROS, Math.max(0, nanos / 1_000)));
        known.statuses.computeIfAbsent(status, code -> new LongAdder()).increment();
    }

    /** Hands over a copy of each endpoint's histogram, in microseconds, by name. */
    public void forEach(BiConsumer<String, Histogram> reader) {
        endpoints.forEach((name, endpoint) -> reader.accept(name, endpoint.micros.copy()));
    }

    void forEachStatus(StatusReader reader) {
        endpoints.forEach((name, endpoint) ->
                endpoint.statuses.forEach((status, count) -> reader.accept(name, status, count.sum())));
    }

    interface StatusReader {
        void accept(String endpoint, int status, long count);
    }
}
