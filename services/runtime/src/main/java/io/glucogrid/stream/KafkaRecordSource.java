package io.glucogrid.stream;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A Kafka consumer that commits by hand. A consumer that hears nothing asks from time to time whether the broker is there. */
final class KafkaRecordSource implements RecordSource {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaRecordSource.class);
    private static final Duration SILENCE = Duration.ofSeconds(3);
    private static final Duration LAG_EVERY = Duration.ofSeconds(1);
    private static final Duration ANSWER = Duration.ofSeconds(3);
    private static final Duration LEAVE = Duration.ofSeconds(3);

    private final Consumer<byte[], byte[]> consumer;
    private final List<String> topics;
    private final InstantSource clock;
    private final Rebalances rebalances;
    private Instant heard;
    private Instant lagAt = Instant.EPOCH;
    private Map<String, Long> lag = Map.of();

    private KafkaRecordSource(
            Consumer<byte[], byte[]> consumer, List<String> topics, Rebalances rebalances, InstantSource clock) {
        this.consumer = consumer;
        this.topics = topics;
        this.rebalances = rebalances;
        this.clock = clock;
        this.heard = clock.instant();
    }

    /** Joins the consumer's group; the consumer is the source's from here on. */
    static KafkaRecordSource subscribe(
            Consumer<byte[], byte[]> consumer, String name, List<String> topics, InstantSource clock) {
        Rebalances rebalances = new Rebalances(name);
        consumer.subscribe(topics, rebalances);
        return new KafkaRecordSource(consumer, topics, rebalances, clock);
    }

    @Override
    public ConsumerRecords<byte[], byte[]> poll(Duration wait, Runnable settle) {
        rebalances.settle = settle;
        ConsumerRecords<byte[], byte[]> records = consumer.poll(wait);
        Instant now = clock.instant();
        if (!records.isEmpty()) {
            heard = now;
        } else if (now.isAfter(heard.plus(SILENCE))) {
            requireAnswer();
            heard = now;
        }
        if (now.isAfter(lagAt.plus(LAG_EVERY))) {
            lagAt = now;
            lag = currentLag();
        }
        return records;
    }

    @Override
    public void commit(Map<TopicPartition, OffsetAndMetadata> offsets, Duration deadline) {
        consumer.commitSync(offsets, deadline);
    }

    @Override
    public Map<String, Long> lag() {
        return lag;
    }

    @Override
    public void close() {
        rebalances.settle = () -> {}; // a consumer that closes gives its partitions up, too
        consumer.close(CloseOptions.timeout(LEAVE));
    }

    /** A consumer whose broker is gone returns nothing for ever; this tells that from a quiet topic. */
    private void requireAnswer() {
        Set<TopicPartition> assigned = consumer.assignment();
        try {
            if (!assigned.isEmpty()) {
                consumer.endOffsets(assigned, ANSWER);
            } else if (!consumer.listTopics(ANSWER).keySet().containsAll(topics)) {
                throw new GridException(ErrorCode.NOT_READY, "kafka has lost one of the topics " + topics);
            }
        } catch (TimeoutException silent) {
            throw new GridException(ErrorCode.NOT_READY, "kafka does not answer any more", silent);
        }
    }

    private Map<String, Long> currentLag() {
        Map<String, Long> current = new TreeMap<>();
        for (TopicPartition partition : consumer.assignment()) {
            OptionalLong behind = consumer.currentLag(partition);
            if (behind.isPresent()) {
                String name = topics.size() == 1 ? Integer.toString(partition.partition()) : partition.toString();
                current.put(name, behind.getAsLong());
            }
        }
        return Map.copyOf(current);
    }

    /** Settles what is in hand before partitions move on, and says where they go. */
    private static final class Rebalances implements ConsumerRebalanceListener {
        private final String name;
        private Runnable settle = () -> {};

        Rebalances(String name) {
            this.name = name;
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            LOG.info("stream={} event=assigned partitions={}", name, partitions);
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            LOG.info("stream={} event=revoked partitions={}", name, partitions);
            settle.run();
        }

        /** The group has gone on without this member: nothing is left to settle. */
        @Override
        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            LOG.info("stream={} event=lost partitions={}", name, partitions);
        }
    }
}
