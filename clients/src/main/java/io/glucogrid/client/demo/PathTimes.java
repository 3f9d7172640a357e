package io.glucogrid.client.demo;

import java.util.Locale;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** How long readings took on one path. Thread-safe. */
final class PathTimes {
    private static final long LONGEST_NANOS = 60_000_000_000L;

    private final Histogram nanos = new ConcurrentHistogram(LONGEST_NANOS, 3);

    void record(long taken) {
        nanos.recordValue(Math.min(Math.max(taken, 0), LONGEST_NANOS));
    }

    long count() {
        return nanos.getTotalCount();
    }

    /** A percentile in milliseconds, to the microsecond; NaN where nothing was recorded. */
    double millis(double percentile) {
        return count() == 0 ? Double.NaN : Math.round(nanos.getValueAtPercentile(percentile) / 1e3) / 1e3;
    }

    String text() {
        return count() == 0 ? "-" : String.format(Locale.ROOT, "p50 %.2f p99 %.2f ms", millis(50), millis(99));
    }
}
