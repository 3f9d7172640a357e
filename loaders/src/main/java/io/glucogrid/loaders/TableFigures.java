package io.glucogrid.loaders;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** What the writer of one table did on this node since it started. Thread-safe. */
final class TableFigures {
    private static final double NANOS_PER_SECOND = 1e9;

    private final String table;
    private final LongAdder writes = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder appends = new LongAdder();
    private final LongAdder rows = new LongAdder();
    private final LongAdder nanos = new LongAdder();
    private final LongAdder within10Millis = new LongAdder();
    private final LongAdder within100Millis = new LongAdder();
    private final LongAdder withinSecond = new LongAdder();

    TableFigures(String table) {
        this.table = table;
    }

    String table() {
        return table;
    }

    /** One segment was made durable. */
    void written(int ofAppends, long ofRows, long tookNanos) {
        writes.increment();
        appends.add(ofAppends);
        rows.add(ofRows);
        nanos.add(tookNanos);
        count(within10Millis, tookNanos, 10);
        count(within100Millis, tookNanos, 100);
        count(withinSecond, tookNanos, 1_000);
    }

    private static void count(LongAdder within, long tookNanos, long millis) {
        if (tookNanos <= TimeUnit.MILLISECONDS.toNanos(millis)) {
            within.increment();
        }
    }

    void failed() {
        failures.increment();
    }

    long writes() {
        return writes.sum();
    }

    long failures() {
        return failures.sum();
    }

    long appends() {
        return appends.sum();
    }

    long rows() {
        return rows.sum();
    }

    double seconds() {
        return nanos.sum() / NANOS_PER_SECOND;
    }

    long within10Millis() {
        return within10Millis.sum();
    }

    long within100Millis() {
        return within100Millis.sum();
    }

    long withinSecond() {
        return withinSecond.sum();
    }
}
