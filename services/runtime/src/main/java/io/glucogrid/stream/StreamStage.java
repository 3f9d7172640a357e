package io.glucogrid.stream;

import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What a stream does with its records between poll and commit. Used by one thread, made anew after every failure. */
interface StreamStage<T> extends AutoCloseable {
    /** Whether the stage may go on; false where something that it was built from has changed. */
    boolean isCurrent();

    T parse(ConsumerRecord<byte[], byte[]> record) throws BadRecordException;

    /**
     * Takes a batch, in the order of its partitions. When it returns, everything that the stream promises of the batch is
     * done; when it throws, any part may be, and the batch will come again.
     *
     * @param startedNanos {@link System#nanoTime} when the batch arrived
     */
    void apply(List<T> batch, long startedNanos, Deadline deadline);

    /** How many records of the last batch were left out because their entities were forgotten. */
    default int suppressed() {
        return 0;
    }

    @Override
    void close();
}
