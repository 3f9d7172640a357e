package io.glucogrid.stream;

import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** Counters of one stream of this node. Thread-safe. */
final class StreamFigures {
    private static final long LONGEST_MICROS = 120_000_000;

    private final LongAdder applied = new LongAdder();
    private final LongAdder deadLetters = new LongAdder();
    private final LongAdder suppressed = new LongAdder();
    private final LongAdder unpredicted = new LongAdder();
    private final Histogram takenMicros = new ConcurrentHistogram(LONGEST_MICROS, 3);

    void committed(int good, int bad) {
        applied.add(good);
        deadLetters.add(bad);
    }

    /** Of the good records of a batch, so many were of forgotten entities. */
    void suppressed(int records) {
        applied.add(-records);
        suppressed.add(records);
    }

    /** Readings that arrived together and took {@code nanos} each, from arrival to prediction. */
    void taken(long nanos, int readings) {
        if (readings > 0) {
            takenMicros.recordValueWithCount(Math.min(Math.max(nanos / 1_000, 1), LONGEST_MICROS), readings);
        }
    }

    void unpredicted(int readings) {
        unpredicted.add(readings);
    }

    /** Records handled and committed. */
    long consumed() {
        return applied.sum() + deadLetters.sum() + suppressed.sum();
    }

    long applied() {
        return applied.sum();
    }

    long deadLetters() {
        return deadLetters.sum();
    }

    /** Records left out because their entities were forgotten. */
    long suppressed() {
        return suppressed.sum();
    }

    /** Readings that were applied but got no prediction. */
    long unpredicted() {
        return unpredicted.sum();
    }

    /** Time per reading at a percentile, milliseconds; 0 where there was none. */
    double takenMillis(double percentile) {
        return takenMicros.getValueAtPercentile(percentile) / 1_000.0;
    }
}
