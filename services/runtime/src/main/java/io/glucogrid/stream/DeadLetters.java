package io.glucogrid.stream;

import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Where bad records go. Used by one thread. */
interface DeadLetters extends AutoCloseable {
    /** Takes a record, perhaps without having stored it yet. */
    void add(ConsumerRecord<byte[], byte[]> record, BadRecordException why);

    /** Returns when everything added is stored; throws where it may not be. */
    void flush(Deadline deadline);

    @Override
    void close();
}
