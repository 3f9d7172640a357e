package io.glucogrid.stream;

import org.apache.kafka.clients.consumer.ConsumerRecord;

/** For a group beside another one that reads the same topic and keeps the dead letters: here they are only counted. */
final class DeadLettersElsewhere implements DeadLetters {
    @Override
    public void add(ConsumerRecord<byte[], byte[]> record, BadRecordException why) {
        // the other group's
    }

    @Override
    public void flush(Deadline deadline) {
        // nothing is stored here
    }

    @Override
    public void close() {
        // nothing is open
    }
}
