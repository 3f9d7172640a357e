package io.glucogrid.stream;

import io.glucogrid.stream.BadRecordException.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.ignite.IgniteDataStreamer;
import org.apache.ignite.lang.IgniteFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;

/** The stage of an Ignite user's own XML: a tuple extractor in front of a data streamer, both configured there. */
final class ExtractorStage<K, V> implements StreamStage<Map<K, V>> {
    private final Deserializer<?> keys;
    private final Deserializer<?> values;
    private final Extractor<K, V> extractor;
    private final IgniteDataStreamer<K, V> streamer;

    /** What a configured extractor makes of one record. */
    interface Extractor<K, V> {
        Map<K, V> extract(ConsumerRecord<Object, Object> record);
    }

    ExtractorStage(
            Deserializer<?> keys,
            Deserializer<?> values,
            Extractor<K, V> extractor,
            IgniteDataStreamer<K, V> streamer) {
        this.keys = keys;
        this.values = values;
        this.extractor = extractor;
        this.streamer = streamer;
    }

    @Override
    public boolean isCurrent() {
        return true;
    }

    @Override
    public Map<K, V> parse(ConsumerRecord<byte[], byte[]> record) throws BadRecordException {
        try {
            return extractor.extract(new ConsumerRecord<>(
                    record.topic(),
                    record.partition(),
                    record.offset(),
                    record.timestamp(),
                    record.timestampType(),
                    record.serializedKeySize(),
                    record.serializedValueSize(),
                    keys.deserialize(record.topic(), record.headers(), record.key()),
                    values.deserialize(record.topic(), record.headers(), record.value()),
                    record.headers(),
                    record.leaderEpoch()));
        } catch (SerializationException unreadable) {
            throw new BadRecordException(Reason.UNREADABLE, String.valueOf(unreadable.getMessage()));
        }
    }

    @Override
    public UnderWay begin(List<Map<K, V>> batch, long startedNanos, Deadline deadline) {
        List<IgniteFuture<?>> futures = new ArrayList<>(batch.size());
        streamer.timeout(deadline.remaining().toMillis());
        for (Map<K, V> tuples : batch) {
            if (!tuples.isEmpty()) {
                futures.add(streamer.addData(tuples));
            }
        }
        streamer.flush();
        for (IgniteFuture<?> future : futures) {
            future.get(deadline.remaining().toMillis());
        }
        return UnderWay.NOTHING;
    }

    /** The data streamer is its owner's, who configured it. */
    @Override
    public void close() {
        keys.close();
        values.close();
    }
}
