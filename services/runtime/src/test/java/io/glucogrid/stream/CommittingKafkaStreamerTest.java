package io.glucogrid.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.StreamControl.Hold;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RoundRobinPartitioner;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CommittingKafkaStreamerTest {
    private static final String TOPIC = "numbers";
    private static final TopicPartition ZERO = new TopicPartition(TOPIC, 0);
    private static final TopicPartition ONE = new TopicPartition(TOPIC, 1);

    private final Edges edges = new Edges();
    private final StreamFigures figures = new StreamFigures();
    private final CommittingKafkaStreamer<Object, Object> streamer =
            new CommittingKafkaStreamer<>("test", any -> edges, figures, Duration.ofSeconds(10));

    @AfterEach
    void stopStreamer() {
        edges.gate.countDown();
        streamer.stop();
    }

    @Test
    void offsetsFollowWhatWasApplied() {
        edges.log(ZERO, "1", "2", "3");
        edges.log(ONE, "4");

        start();

        await().untilAsserted(() ->
                assertThat(edges.committed).containsEntry(ZERO, 3L).containsEntry(ONE, 1L));
        assertThat(edges.applied).containsExactlyInAnyOrder(1, 2, 3, 4);
        assertThat(streamer.status())
                .containsEntry("state", "running")
                .containsEntry("consumed", 4L)
                .containsEntry("applied", 4L)
                .containsEntry("dead_letters", 0L);
    }

    @Test
    void aBatchThatCannotBeAppliedComesAgainFromTheCommittedOffset() {
        edges.failures.set(2);
        edges.log(ZERO, "1", "2");

        start();

        await().untilAsserted(() -> assertThat(edges.committed).containsEntry(ZERO, 2L));
        assertThat(edges.applied).containsExactly(1, 2);
        assertThat(edges.sources).as("one consumer per attempt").hasValue(3);
        assertThat(edges.closedWithoutCommit).hasValue(2);
    }

    @Test
    void anErrorOfTheStageIsAFailureLikeAnyOtherAndEndsNoStream() {
        edges.errors.set(2);
        edges.log(ZERO, "1", "2");

        start();

        await().untilAsserted(() -> assertThat(edges.committed).containsEntry(ZERO, 2L));
        assertThat(edges.applied).containsExactly(1, 2);
        assertThat(streamer.status()).containsEntry("state", "running");
    }

    @Test
    void aMemberThatWasTakenForDeadAppliesAgainAndLosesNothing() {
        edges.commitFailures.set(1);
        edges.log(ZERO, "1", "2");

        start();

        await().untilAsserted(() -> assertThat(edges.committed).containsEntry(ZERO, 2L));
        assertThat(edges.applied).as("at least once").containsExactly(1, 2, 1, 2);
        assertThat(figures.consumed()).as("counted once").isEqualTo(2);
    }

    @Test
    void aPartitionThatComesInARebalanceIsReadFromItsCommittedOffset() {
        edges.assigned = List.of(ZERO);
        edges.log(ZERO, "1");
        edges.log(ONE, "2", "3");
        edges.committed.put(ONE, 1L);
        start();
        await().untilAsserted(() -> assertThat(edges.committed).containsEntry(ZERO, 1L));

        edges.rebalance(List.of(ZERO, ONE));

        await().untilAsserted(() -> assertThat(edges.committed).containsEntry(ONE, 2L));
        assertThat(edges.applied).containsExactly(1, 3);
    }

    @Test
    void badRecordsAreAmongTheDeadLettersBeforeTheCommitAndTheirNeighboursGoOn() {
        edges.log(ZERO, "1", "many", "3");

        start();

        await().untilAsserted(() -> assertThat(edges.committed).containsEntry(ZERO, 3L));
        assertThat(edges.applied).containsExactly(1, 3);
        assertThat(edges.producer.history()).hasSize(1);
        ProducerRecord<byte[], byte[]> letter = edges.producer.history().get(0);
        assertThat(letter.topic()).isEqualTo("numbers.dlq");
        assertThat(letter.value()).isEqualTo("many".getBytes(StandardCharsets.UTF_8));
        Map<String, String> headers = new HashMap<>();
        letter.headers()
                .forEach(header -> headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8)));
        assertThat(headers)
                .containsEntry("reason", "wrong_type: many")
                .containsEntry("topic", "numbers")
                .containsEntry("partition", "0")
                .containsEntry("offset", "1");
        assertThat(figures.deadLetters()).isEqualTo(1);
    }

    @Test
    void whileADeadLetterCannotBeWrittenNothingIsCommitted() {
        edges.letterFailures.set(2);
        edges.log(ZERO, "many", "2");

        start();

        await().untilAsserted(() -> assertThat(edges.committed).containsEntry(ZERO, 2L));
        assertThat(edges.sources).hasValue(3);
        assertThat(edges.applied).containsExactly(2);
    }

    @Test
    void whatIsMissingIsSaidAndWaitedFor() {
        edges.missing = "the moon is not full";
        edges.log(ZERO, "1");
        start();
        await().untilAsserted(() -> assertThat(streamer.status())
                .containsEntry("state", "waiting")
                .containsEntry("reason", "the moon is not full"));

        edges.missing = "";

        await().untilAsserted(() -> assertThat(edges.committed).containsEntry(ZERO, 1L));
        assertThat(streamer.status()).containsEntry("state", "running").doesNotContainKey("reason");
    }

    @Test
    void aPauseFinishesTheBatchInHandAndLeavesTheOffsets() throws Exception {
        edges.holds = true;
        edges.log(ZERO, "1");
        start();
        assertThat(edges.applying.await(10, TimeUnit.SECONDS)).isTrue();
        Thread pausing = new Thread(() -> streamer.pause(Hold.REGISTRY));
        pausing.start();
        assertThat(streamer.status()).containsEntry("state", "running");

        edges.gate.countDown();
        pausing.join(10_000);

        assertThat(streamer.status()).containsEntry("state", "paused");
        assertThat(edges.committed).containsEntry(ZERO, 1L);
        edges.log(ZERO, "2");
        streamer.resume(Hold.REGISTRY);
        await().untilAsserted(() -> assertThat(edges.committed).containsEntry(ZERO, 2L));
    }

    @Test
    void anOperatorsPauseOutlivesThoseOfTheRegistryAndOfARecovery() {
        start();
        streamer.pause(Hold.OPERATOR);
        streamer.pause(Hold.REGISTRY);
        streamer.pause(Hold.RECOVERY);
        assertThat(streamer.status()).containsEntry("reason", "operator, registry, recovery");

        edges.log(ZERO, "1");
        streamer.resume(Hold.REGISTRY);
        streamer.resume(Hold.RECOVERY);
        streamer.resume(Hold.RECOVERY);

        assertThat(streamer.status()).containsEntry("state", "paused").containsEntry("reason", "operator");
        assertThat(edges.committed).isEmpty();
        streamer.resume(Hold.OPERATOR);
        await().untilAsserted(() -> assertThat(edges.committed).containsEntry(ZERO, 1L));
        assertThat(streamer.status()).containsEntry("state", "running").doesNotContainKey("reason");
    }

    @Test
    void aStageThatIsOutOfDateIsMadeAnewWithoutAPause() {
        edges.log(ZERO, "1");
        start();
        await().untilAsserted(() -> assertThat(edges.committed).containsEntry(ZERO, 1L));

        edges.version.incrementAndGet();
        await().untilAsserted(() -> assertThat(edges.sources).hasValue(2));
        edges.log(ZERO, "2");

        await().untilAsserted(() -> assertThat(edges.committed).containsEntry(ZERO, 2L));
    }

    @Test
    void aStopEndsInOrder() {
        edges.log(ZERO, "1");
        start();
        await().untilAsserted(() -> assertThat(edges.committed).containsEntry(ZERO, 1L));

        streamer.stop();

        assertThat(streamer.status()).containsEntry("state", "stopped");
        assertThat(edges.consumer().closed()).isTrue();
    }

    @Test
    void aStreamerThatIsNotConfiguredDoesNotStart() {
        CommittingKafkaStreamer<Object, Object> plain = new CommittingKafkaStreamer<>();
        assertThatThrownBy(plain::start).isInstanceOf(GridException.class).hasMessageContaining("needs a topic");
        plain.setTopic(List.of(TOPIC));
        assertThatThrownBy(plain::start)
                .isInstanceOf(GridException.class)
                .hasMessageContaining("needs a data streamer and a tuple extractor");
    }

    @Test
    void autoCommitIsOffWhateverThePropertiesSay() {
        Properties properties = new Properties();
        properties.setProperty("bootstrap.servers", "127.0.0.1:1");
        properties.setProperty("group.id", "g");
        properties.setProperty("enable.auto.commit", "true");
        properties.setProperty("value.deserializer", "no.such.Deserializer");
        try (Consumer<byte[], byte[]> consumer = new KafkaClients(properties).consumer()) {
            // With auto-commit a consumer that closes would ask its coordinator, and have to wait for it.
            assertThat(consumer.groupMetadata().groupId()).isEqualTo("g");
            assertThat(KafkaClients.consumerProperties(properties)).containsEntry("enable.auto.commit", "false");
        }
    }

    private void start() {
        streamer.setTopic(List.of(TOPIC));
        streamer.setTimeout(5);
        streamer.start();
    }

    /** A topic, a group and a store in memory; each session gets a mock consumer at the committed offsets. */
    private static final class Edges implements StreamEdges {
        final Map<TopicPartition, Long> committed = new ConcurrentHashMap<>();
        final List<Integer> applied = new CopyOnWriteArrayList<>();
        final AtomicInteger failures = new AtomicInteger();
        final AtomicInteger errors = new AtomicInteger();
        final AtomicInteger commitFailures = new AtomicInteger();
        final AtomicInteger letterFailures = new AtomicInteger();
        final AtomicInteger sources = new AtomicInteger();
        final AtomicInteger closedWithoutCommit = new AtomicInteger();
        final AtomicInteger version = new AtomicInteger();
        final CountDownLatch applying = new CountDownLatch(1);
        final CountDownLatch gate = new CountDownLatch(1);
        final MockProducer<byte[], byte[]> producer = new MockProducer<>(
                true, new RoundRobinPartitioner(), new ByteArraySerializer(), new ByteArraySerializer());
        private final Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> log = new HashMap<>();
        private final List<MockConsumer<byte[], byte[]>> consumers = new ArrayList<>();
        volatile List<TopicPartition> assigned = List.of(ZERO, ONE);
        volatile String missing = "";
        volatile boolean holds;

        synchronized void log(TopicPartition partition, String... values) {
            List<ConsumerRecord<byte[], byte[]>> records = log.computeIfAbsent(partition, any -> new ArrayList<>());
            for (String value : values) {
                ConsumerRecord<byte[], byte[]> record = new ConsumerRecord<>(
                        TOPIC, partition.partition(), records.size(), null, value.getBytes(StandardCharsets.UTF_8));
                records.add(record);
                if (!consumers.isEmpty()
                        && !consumer().closed()
                        && consumer().assignment().contains(partition)) {
                    consumer().addRecord(record);
                }
            }
        }

        synchronized MockConsumer<byte[], byte[]> consumer() {
            return consumers.get(consumers.size() - 1);
        }

        synchronized void rebalance(List<TopicPartition> partitions) {
            assigned = partitions;
            MockConsumer<byte[], byte[]> consumer = consumer();
            consumer.schedulePollTask(() -> assign(consumer));
        }

        private synchronized void assign(MockConsumer<byte[], byte[]> consumer) {
            Map<TopicPartition, Long> beginnings = new HashMap<>();
            Map<TopicPartition, Long> ends = new HashMap<>();
            assigned.forEach(partition -> {
                beginnings.put(partition, 0L);
                ends.put(
                        partition, (long) log.getOrDefault(partition, List.of()).size());
            });
            consumer.updateBeginningOffsets(beginnings);
            consumer.updateEndOffsets(ends);
            consumer.rebalance(assigned);
            assigned.forEach(partition -> {
                long from = committed.getOrDefault(partition, 0L);
                consumer.seek(partition, from);
                log.getOrDefault(partition, List.of()).stream().skip(from).forEach(consumer::addRecord);
            });
        }

        @Override
        public void prepare() {
            if (!missing.isEmpty()) {
                throw new GridException(ErrorCode.NOT_READY, missing);
            }
        }

        @Override
        public StreamStage<?> stage() {
            return new NumberStage(this, version.get());
        }

        @Override
        public synchronized RecordSource source() {
            sources.incrementAndGet();
            MockConsumer<byte[], byte[]> consumer = new GroupConsumer(this);
            consumers.add(consumer);
            RecordSource source = KafkaRecordSource.subscribe(consumer, "test", List.of(TOPIC), InstantSource.system());
            assign(consumer);
            return source;
        }

        @Override
        public DeadLetters deadLetters() {
            return new DeadLetterTopic(() -> {
                if (letterFailures.getAndDecrement() > 0) {
                    throw new KafkaException("no producer today");
                }
                return producer;
            });
        }
    }

    /** Keeps the group's offsets beyond its own life. */
    private static final class GroupConsumer extends MockConsumer<byte[], byte[]> {
        private final Edges edges;
        private boolean hasCommitted;

        GroupConsumer(Edges edges) {
            super("earliest");
            this.edges = edges;
        }

        @Override
        public synchronized void commitSync(Map<TopicPartition, OffsetAndMetadata> offsets, Duration timeout) {
            if (edges.commitFailures.getAndDecrement() > 0) {
                throw new CommitFailedException();
            }
            hasCommitted = true;
            offsets.forEach((partition, offset) -> edges.committed.put(partition, offset.offset()));
        }

        @Override
        public synchronized void close(CloseOptions options) {
            if (!hasCommitted) {
                edges.closedWithoutCommit.incrementAndGet();
            }
            super.close(options);
        }
    }

    private static final class NumberStage implements StreamStage<Integer> {
        private final Edges edges;
        private final int version;

        NumberStage(Edges edges, int version) {
            this.edges = edges;
            this.version = version;
        }

        @Override
        public boolean isCurrent() {
            return edges.version.get() == version;
        }

        @Override
        public Integer parse(ConsumerRecord<byte[], byte[]> record) throws BadRecordException {
            String text = new String(record.value(), StandardCharsets.UTF_8);
            if (!text.matches("\\d+")) {
                throw new BadRecordException(BadRecordException.Reason.WRONG_TYPE, text);
            }
            return Integer.valueOf(text);
        }

        @Override
        public UnderWay begin(List<Integer> batch, long startedNanos, Deadline deadline) {
            edges.applying.countDown();
            if (edges.holds) {
                try {
                    edges.gate.await();
                } catch (InterruptedException interrupted) {
                    throw new IllegalStateException(interrupted);
                }
            }
            if (edges.failures.getAndDecrement() > 0) {
                throw new IllegalStateException("the store is out of order");
            }
            if (edges.errors.getAndDecrement() > 0) {
                throw new AssertionError("the stage is out of its mind");
            }
            edges.applied.addAll(batch);
            return UnderWay.NOTHING;
        }

        @Override
        public void close() {
            // nothing is open
        }
    }
}
