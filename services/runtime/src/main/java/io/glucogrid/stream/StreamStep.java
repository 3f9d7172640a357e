package io.glucogrid.stream;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

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
 * <p>A commit is a call to the broker, which a handful of readings would mostly wait for. Batches that follow closely upon one
 * another share one: it comes when the last was {@value #COMMIT_EVERY_MILLIS} ms ago, and at once where no records follow.
 *
 * <p>A stage that mostly waits, for a disk, may have some batches under way ({@link StreamStage#ahead}): the next is polled and
 * parsed meanwhile. They begin, end and are committed in the order of their polls, so nothing is committed before what came
 * earlier, and a failure of one leaves it and all after it to come again. Where no records follow, what is under way is finished
 * at once.
 *
 * <p>Rebalances happen inside {@code poll}. What is under way is finished and committed before its partitions go to another
 * member; a member that was taken for dead may commit an offset that the new one has passed, which costs a replay and no reading.
 * Backpressure needs nothing more: the next poll waits for the commit.
 *
 * <p>No Ignite, no threads, no clock but a stopwatch: this class is simulated with failures at every arrow.
 */
final class StreamStep<T> implements AutoCloseable {
    /** Longest wait for more while a batch is under way. */
    private static final Duration MOMENT = Duration.ofMillis(2);

    /** Longest that a commit may take; what it is for is safe. */
    static final Duration COMMIT = Duration.ofSeconds(15);

    private static final long COMMIT_EVERY_MILLIS = 10;
    private static final long COMMIT_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(COMMIT_EVERY_MILLIS);

    private final RecordSource source;
    private final StreamStage<T> stage;
    private final DeadLetters deadLetters;
    private final StreamFigures figures;
    private final Duration deadline;
    private final LongSupplier stopwatch;
    private final Deque<Turn> underWay = new ArrayDeque<>();
    private final List<Turn> uncommitted = new ArrayList<>();
    private long committedNanos;

    /** @param stopwatch nanoseconds since some moment, as {@link System#nanoTime} */
    StreamStep(
            RecordSource source,
            StreamStage<T> stage,
            DeadLetters deadLetters,
            StreamFigures figures,
            Duration deadline,
            LongSupplier stopwatch) {
        this.source = source;
        this.stage = stage;
        this.deadLetters = deadLetters;
        this.figures = figures;
        this.deadline = deadline;
        this.stopwatch = stopwatch;
        this.committedNanos = stopwatch.getAsLong() - COMMIT_EVERY_NANOS;
    }

    /** Whether {@link #run} may be called again. */
    boolean isCurrent() {
        return stage.isCurrent();
    }

    /** A batch between its begin and its commit. */
    private record Turn(
            StreamStage.UnderWay rest,
            Map<TopicPartition, OffsetAndMetadata> next,
            int good,
            int bad,
            int suppressed) {}

    /**
     * Takes in hand what one poll brings, and finishes what must not wait longer; returns the number of records handled and
     * committed.
     *
     * @throws RuntimeException any: nothing of the batch that failed, nor of any after it, was committed, and this step must be
     *     closed
     */
    int run(Duration wait) {
        boolean idle = underWay.isEmpty() && uncommitted.isEmpty();
        ConsumerRecords<byte[], byte[]> records = source.poll(idle ? wait : MOMENT, this::settle);
        if (records.isEmpty()) {
            if (!underWay.isEmpty()) {
                finishFirst();
            }
            return commit();
        }
        try {
            underWay.add(begin(records));
        } catch (RuntimeException failure) {
            settleBefore(failure);
            throw failure;
        }
        while (underWay.size() > stage.ahead()) {
            finishFirst();
        }
        return stopwatch.getAsLong() - committedNanos >= COMMIT_EVERY_NANOS ? commit() : 0;
    }

    /**
     * Finishes and commits all that is in hand.
     *
     * @throws RuntimeException any: not all was committed, and this step must be closed
     */
    void settle() {
        while (!underWay.isEmpty()) {
            finishFirst();
        }
        commit();
    }

    /** What came before a batch that cannot begin need not come again with it, over and over. */
    private void settleBefore(RuntimeException failure) {
        try {
            settle();
        } catch (RuntimeException another) {
            failure.addSuppressed(another);
        }
    }

    private Turn begin(ConsumerRecords<byte[], byte[]> records) {
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
        if (good.isEmpty()) {
            return new Turn(StreamStage.UnderWay.NOTHING, records.nextOffsets(), 0, bad, 0);
        }
        StreamStage.UnderWay rest = stage.begin(good, startedNanos, until);
        return new Turn(rest, records.nextOffsets(), good.size(), bad, stage.suppressed());
    }

    /** A turn that fails stays the first: whatever is called then, nothing after it is committed. */
    private void finishFirst() {
        Turn turn = underWay.element();
        turn.rest.finish();
        uncommitted.add(turn);
        underWay.remove();
    }

    /** Commits what is finished; returns how many records that were. */
    private int commit() {
        if (uncommitted.isEmpty()) {
            return 0;
        }
        Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>();
        uncommitted.forEach(turn -> next.putAll(turn.next));
        source.commit(next, COMMIT);
        committedNanos = stopwatch.getAsLong();
        int handled = 0;
        for (Turn turn : uncommitted) {
            figures.committed(turn.good, turn.bad);
            figures.suppressed(turn.suppressed);
            handled += turn.good + turn.bad;
        }
        uncommitted.clear();
        return handled;
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
