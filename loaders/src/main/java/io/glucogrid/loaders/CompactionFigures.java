package io.glucogrid.loaders;

import java.util.concurrent.atomic.LongAdder;

/** What the background compaction of this node did since it started. Thread-safe. */
final class CompactionFigures {
    private final LongAdder compactions = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder inputs = new LongAdder();
    private final LongAdder rows = new LongAdder();

    void done(Compactor.Result result) {
        if (result.inputs() > 0) {
            compactions.increment();
            inputs.add(result.inputs());
            rows.add(result.rowsRead());
        }
    }

    void failed() {
        failures.increment();
    }

    long compactions() {
        return compactions.sum();
    }

    long failures() {
        return failures.sum();
    }

    long inputs() {
        return inputs.sum();
    }

    long rows() {
        return rows.sum();
    }
}
