package io.glucogrid.stream;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;

/**
 * Makes sure that topics exist and answer before anybody uses them. A topic that a first message creates may lose it
 * (KAFKA-15591), so nothing here relies on that.
 */
final class Topics {
    /** Ending of the topic of dead letters. */
    static final String DEAD_LETTERS = ".dlq";

    private static final int PARTITIONS = 6;

    private final Admin admin;

    Topics(Admin admin) {
        this.admin = admin;
    }

    /**
     * Creates what is missing of the topics and their dead-letter topics, and returns when every partition answers.
     *
     * @throws GridException NOT_READY where they are missing and may not be made, or do not answer
     */
    void ensure(List<String> topics, Deadline deadline) {
        Map<String, Integer> wanted = new TreeMap<>();
        for (String topic : topics) {
            wanted.put(topic, PARTITIONS);
            wanted.put(topic + DEAD_LETTERS, 1);
        }
        Set<String> existing = await(admin.listTopics().names(), "listing topics", deadline);
        for (Map.Entry<String, Integer> topic : wanted.entrySet()) {
            if (!existing.contains(topic.getKey())) {
                create(topic.getKey(), topic.getValue(), deadline);
            }
        }
        Map<TopicPartition, OffsetSpec> partitions = new HashMap<>();
        await(admin.describeTopics(wanted.keySet()).allTopicNames(), "describing topics " + wanted.keySet(), deadline)
                .values()
                .forEach(topic -> topic.partitions()
                        .forEach(partition -> partitions.put(
                                new TopicPartition(topic.name(), partition.partition()), OffsetSpec.latest())));
        await(admin.listOffsets(partitions).all(), "reading the ends of " + wanted.keySet(), deadline);
    }

    private void create(String topic, int partitions, Deadline deadline) {
        NewTopic missing = new NewTopic(topic, Optional.of(partitions), Optional.empty());
        KafkaFuture<Void> created = admin.createTopics(List.of(missing)).all();
        try {
            created.get(deadline.remaining().toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException failure) {
            if (!(failure.getCause() instanceof TopicExistsException)) {
                throw new GridException(
                        ErrorCode.NOT_READY,
                        "topic '" + topic + "' is missing and cannot be created: " + failure.getCause(),
                        failure);
            }
        } catch (TimeoutException late) {
            throw new GridException(ErrorCode.NOT_READY, "creating topic '" + topic + "' took too long", late);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new GridException(ErrorCode.NOT_READY, "creating topic '" + topic + "' was interrupted", interrupted);
        }
    }

    private static <T> T await(KafkaFuture<T> future, String what, Deadline deadline) {
        return deadline.await(future.toCompletionStage().toCompletableFuture(), "kafka: " + what);
    }
}
