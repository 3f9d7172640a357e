package io.glucogrid.stream;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;

/**
 * One turn of a stream, and the whole of its promise:
 *
 * <pre>
 *   poll ─► parse ─► bad ones to the dead letters, and wait ─► apply the good ones, and wait ─► commit
 * </pre>
 *
 * <p>An offset is committed only after everything before it is where it belongs: its row applied (or durable), or its bytes
 * among the dead letters. Each arrow may fail, by an exception or by the death of the process; the turn then ends without a
 * commit, its owner closes source, stage and dead letters, and opens new ones at the committed offset. So every record is
 * handled at least once, and since applying is idempotent (the greatest {@code (event time, created)} stays), once is all that
 * shows. Dead letters may be written again by a replay; whoever reads them tells them apart by topic, partition and offset.
 *
 * <p>Rebalances need nothing more: they happen inside {@code poll}, when nothing is in hand, and a member that was taken for
 * dead while it applied cannot commit any more, which is a failure like any other. Backpressure needs nothing more either: the
 * next poll waits for the commit.
 *
 * <p>No Ignite, no threads, no clock but a stopwatch: this class is simulated with failures at every arrow.
 */
final class StreamStep<T> implements AutoCloseable {
    private final RecordSource source;
    private final StreamStage<T> stage;
    private final DeadLetters deadLetters;
    private final StreamFigures figures;
    private final Duration deadline;

    StreamStep(
            RecordSource source,
            StreamStage<T> stage,
            DeadLetters deadLetters,
            StreamFigures figures,
            Duration deadline) {
        this.source = source;
        this.stage = stage;
        this.deadLetters = deadLetters;
        this.figures = figures;
        this.deadline = deadline;
    }

    /** Whether {@link #run} may be called again. */
    boolean isCurrent() {
        return stage.isCurrent();
    }

    /**
     * Handles what one poll brings; returns the number of records handled and committed.
     *
     * @throws RuntimeException any: nothing was committed, and this step must be closed
     */
    int run(Duration wait) {
        ConsumerRecords<byte[], byte[]> records = source.poll(wait);
        if (records.isEmpty()) {
            return 0;
        }
        long startedNanos = System.nanoTime();
        Deadline until = Deadline.in(deadline);
        List<T> good = new ArrayList<>(records.count());
        int bad = 0;
        for (ConsumerRecord<byte[], byte[]> record : records) {
            try {
                good.add(parsed(record));
            } catch (BadRecordException why) {
                deadLetters.add(record, why);
                bad++;
            }
        }
        if (bad > 0) {
            deadLetters.flush(until);
        }
        if (!good.isEmpty()) {
            stage.apply(good, startedNanos, until);
        }
        source.commit(records.nextOffsets(), until.remaining());
        figures.committed(good.size(), bad);
        if (!good.isEmpty()) {
            figures.suppressed(stage.suppressed());
        }
        return good.size() + bad;
    }

    /** A record that breaks the parser is a bad record: it must not stop its neighbours. */
    private T parsed(ConsumerRecord<byte[], byte[]> record) throws BadRecordException {
        try {
            return stage.parse(record);
        } catch (RuntimeException broken) {
            throw new BadRecordException(BadRecordException.Reason.UNREADABLE, broken.toString());
        }
    }

    Map<String, Long> lag() {
        return source.lag();
    }

    /** Closes all three, whatever becomes of each; the source first, so that nothing polls or commits any more. */
    @Override
    public void close() {
        try {
            source.close();
        } finally {
            try {
                stage.close();
            } finally {
                deadLetters.close();
            }
        }
    }
}
