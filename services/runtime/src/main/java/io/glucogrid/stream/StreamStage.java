package io.glucogrid.stream;

import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What a stream does with its records between poll and commit. Used by one thread, made anew after every failure. */
interface StreamStage<T> extends AutoCloseable {
    /** Whether the stage may go on; false where something that it was built from has changed. */
    boolean isCurrent();

    T parse(ConsumerRecord<byte[], byte[]> record) throws BadRecordException;

    /**
     * Begins with a batch, in the order of its partitions, after all before it have begun. When it throws, any part of the batch
     * may be done, and the batch will come again.
     *
     * @param startedNanos {@link System#nanoTime} when the batch arrived
     */
    UnderWay begin(List<T> batch, long startedNanos, Deadline deadline);

    /** How many batches may be under way while the next one is polled and parsed; 0 where each is finished before. */
    default int ahead() {
        return 0;
    }

    /** How many records of the batch begun last were left out because their entities were forgotten. */
    default int suppressed() {
        return 0;
    }

    /** What is still under way may end or not: it was not committed, and comes again. */
    @Override
    void close();

    /** The rest of a batch. */
    interface UnderWay {
        /** Of a batch whose beginning was all of it. */
        UnderWay NOTHING = () -> {};

        /**
         * When it returns, everything that the stream promises of the batch is done; when it throws, any part may be, and the
         * batch will come again.
         */
        void finish();
    }
}
