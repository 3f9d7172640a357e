package io.glucogrid.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StreamStepTest {
    private static final String TOPIC = "texts";
    private static final TopicPartition ZERO = new TopicPartition(TOPIC, 0);
    private static final TopicPartition ONE = new TopicPartition(TOPIC, 1);

    private final List<Long> commits = new ArrayList<>();
    private final List<String> begun = new ArrayList<>();
    private final List<String> finished = new ArrayList<>();
    private final StreamFigures figures = new StreamFigures();
    private long nanos;
    private int ahead = 2;
    private long next;
    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest") {
        @Override
        public synchronized void commitSync(Map<TopicPartition, OffsetAndMetadata> offsets, Duration timeout) {
            commits.add(offsets.get(ZERO).offset());
        }
    };
    private final StreamStep<String> step = new StreamStep<>(
            KafkaRecordSource.subscribe(consumer, "test", List.of(TOPIC), InstantSource.system()),
            new Texts(),
            new DeadLettersElsewhere(),
            figures,
            Duration.ofSeconds(10),
            () -> nanos);

    @BeforeEach
    void assign() {
        consumer.updateBeginningOffsets(Map.of(ZERO, 0L, ONE, 0L));
        consumer.rebalance(List.of(ZERO, ONE));
    }

    @Test
    void batchesUnderWayAreFinishedInOrderAndCommittedOneByOne() {
        assertThat(poll("a")).isZero();
        assertThat(poll("b")).isZero();
        assertThat(begun).containsExactly("a", "b");
        assertThat(commits).isEmpty();

        assertThat(poll("c")).as("one too many").isEqualTo(1);
        assertThat(finished).containsExactly("a");
        assertThat(commits).containsExactly(1L);

        assertThat(step.run(Duration.ZERO)).as("nothing follows").isEqualTo(1);
        assertThat(step.run(Duration.ZERO)).isEqualTo(1);
        assertThat(step.run(Duration.ZERO)).isZero();
        assertThat(commits).containsExactly(1L, 2L, 3L);
        assertThat(figures.applied()).isEqualTo(3);
    }

    @Test
    void whatIsUnderWayIsCommittedBeforeItsPartitionGoesToAnotherMember() {
        poll("a");
        poll("b");
        consumer.schedulePollTask(() -> consumer.rebalance(List.of(ONE)));

        step.run(Duration.ZERO);

        assertThat(finished).containsExactly("a", "b");
        assertThat(commits).containsExactly(2L);
    }

    @Test
    void nothingIsCommittedAfterABatchThatFailed() {
        poll("broken");
        poll("b");

        assertThatThrownBy(() -> step.run(Duration.ZERO)).hasMessage("broken");
        assertThatThrownBy(step::settle).hasMessage("broken");
        step.close();

        assertThat(commits).isEmpty();
        assertThat(finished).isEmpty();
    }

    @Test
    void aBatchThatCannotBeginDoesNotMakeThoseBeforeItComeAgain() {
        poll("a");
        poll("b");

        assertThatThrownBy(() -> poll("refused")).hasMessage("refused");

        assertThat(commits).containsExactly(2L);
    }

    @Test
    void batchesThatFollowCloselyShareACommit() {
        ahead = 0;
        assertThat(poll("a")).as("the first").isEqualTo(1);
        nanos += 5_000_000;
        assertThat(poll("b")).isZero();
        nanos += 4_000_000;
        assertThat(poll("c")).isZero();
        assertThat(finished).containsExactly("a", "b", "c");
        assertThat(commits).containsExactly(1L);
        nanos += 1_000_000;

        assertThat(poll("d")).isEqualTo(3);

        assertThat(commits).containsExactly(1L, 4L);
        assertThat(poll("e")).isZero();
        assertThat(step.run(Duration.ZERO)).as("nothing follows").isEqualTo(1);
        assertThat(commits).containsExactly(1L, 4L, 5L);
    }

    private int poll(String text) {
        consumer.addRecord(new ConsumerRecord<>(TOPIC, 0, next++, null, text.getBytes(StandardCharsets.UTF_8)));
        return step.run(Duration.ZERO);
    }

    private final class Texts implements StreamStage<String> {
        @Override
        public boolean isCurrent() {
            return true;
        }

        @Override
        public String parse(ConsumerRecord<byte[], byte[]> record) {
            return new String(record.value(), StandardCharsets.UTF_8);
        }

        @Override
        public UnderWay begin(List<String> batch, long startedNanos, Deadline deadline) {
            if (batch.contains("refused")) {
                throw new IllegalStateException("refused");
            }
            begun.addAll(batch);
            return () -> {
                if (batch.contains("broken")) {
                    throw new IllegalStateException("broken");
                }
                finished.addAll(batch);
            };
        }

        @Override
        public int ahead() {
            return ahead;
        }

        @Override
        public void close() {
            // nothing is open
        }
    }
}
