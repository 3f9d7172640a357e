package io.glucogrid.stream;

import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** One member of a consumer group. Used by one thread; after any failure it is closed and a new one starts where the group's
 * committed offsets are. */
interface RecordSource extends AutoCloseable {
    /**
     * Records after the last ones; none where none came in time.
     *
     * @param settle called before partitions go to another member: the last moment to move their offsets
     */
    ConsumerRecords<byte[], byte[]> poll(Duration wait, Runnable settle);

    /** Moves the group's offsets; when this returns they are moved. */
    void commit(Map<TopicPartition, OffsetAndMetadata> offsets, Duration deadline);

    /** Records between the position and the end, by partition number, as last heard. */
    Map<String, Long> lag();

    /** Leaves the group without moving its offsets. */
    @Override
    void close();
}
