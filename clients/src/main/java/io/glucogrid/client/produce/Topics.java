package io.glucogrid.client.produce;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/**
 * Looks at topics and groups, and creates a topic before anybody produces to it: records sent to a topic that the broker
 * creates on the way can be lost although they were sent with every guarantee (KAFKA-15591).
 */
public final class Topics implements AutoCloseable {
    private final Admin admin;
    private final String bootstrap;
    private final Duration deadline;

    private Topics(Admin admin, String bootstrap, Duration deadline) {
        this.admin = admin;
        this.bootstrap = bootstrap;
        this.deadline = deadline;
    }

    /**
     * Opens a connection; nothing is asked yet.
     *
     * @throws GridException INVALID_REQUEST where the settings are unusable
     */
    public static Topics of(KafkaSettings settings, Duration deadline) {
        try {
            return new Topics(Admin.create(settings.admin()), settings.bootstrap(), deadline);
        } catch (KafkaException unusable) {
            throw new GridException(ErrorCode.INVALID_REQUEST, "Kafka settings: " + causeOf(unusable), unusable);
        }
    }

    /**
     * Makes sure that the topic is there and that each of its partitions answers.
     *
     * @param partitions of a topic that has to be created
     * @throws GridException NOT_READY where the broker does not answer in time
     */
    public void ensure(String topic, int partitions) {
        long end = System.nanoTime() + deadline.toNanos();
        if (partitions(topic) == 0) {
            create(topic, partitions);
        }
        while (true) {
            try {
                if (!offsets(topic, OffsetSpec.latest()).isEmpty()) {
                    return;
                }
            } catch (GridException notYet) {
                if (System.nanoTime() > end) {
                    throw notYet;
                }
            }
            if (System.nanoTime() > end) {
                throw new GridException(
                        ErrorCode.NOT_READY,
                        "topic " + topic + " did not appear within " + deadline.toSeconds() + " s");
            }
            pause();
        }
    }

    /** Removes a topic with all its records, and returns when it is gone. */
    public void delete(String topic) {
        await(admin.deleteTopics(List.of(topic)).all());
        long end = System.nanoTime() + deadline.toNanos();
        while (partitions(topic) > 0) {
            if (System.nanoTime() > end) {
                throw new GridException(ErrorCode.NOT_READY, "topic " + topic + " is still there");
            }
            pause();
        }
    }

    /** Number of partitions; 0 where there is no such topic. */
    public int partitions(String topic) {
        return topicPartitions(topic).size();
    }

    /** Offset after the last record of each partition; empty where there is no such topic. */
    public Map<Integer, Long> ends(String topic) {
        return offsets(topic, OffsetSpec.latest());
    }

    /** Committed offset of each partition that the group has committed. */
    public Map<Integer, Long> committed(String group, String topic) {
        Map<TopicPartition, OffsetAndMetadata> all =
                await(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
        Map<Integer, Long> committed = new HashMap<>();
        if (all != null) {
            all.forEach((partition, offset) -> {
                if (partition.topic().equals(topic) && offset != null) {
                    committed.put(partition.partition(), offset.offset());
                }
            });
        }
        return committed;
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(5));
    }

    private void create(String topic, int partitions) {
        NewTopic wanted = new NewTopic(topic, Optional.of(partitions), Optional.empty());
        try {
            admin.createTopics(List.of(wanted)).all().get(deadline.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException refused) {
            if (!(refused.getCause() instanceof TopicExistsException)) {
                throw failure(refused);
            }
        } catch (TimeoutException late) {
            throw noBroker(late);
        } catch (InterruptedException interrupted) {
            throw interrupted(interrupted);
        }
    }

    private List<TopicPartition> topicPartitions(String topic) {
        Map<String, TopicDescription> described =
                awaitUnlessUnknown(admin.describeTopics(List.of(topic)).allTopicNames());
        List<TopicPartition> partitions = new ArrayList<>();
        if (described != null) {
            for (TopicDescription description : described.values()) {
                for (TopicPartitionInfo info : description.partitions()) {
                    partitions.add(new TopicPartition(topic, info.partition()));
                }
            }
        }
        return partitions;
    }

    private Map<Integer, Long> offsets(String topic, OffsetSpec which) {
        Collection<TopicPartition> partitions = topicPartitions(topic);
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        partitions.forEach(partition -> asked.put(partition, which));
        Map<Integer, Long> offsets = new HashMap<>();
        if (!asked.isEmpty()) {
            Map<TopicPartition, ListOffsetsResultInfo> answered =
                    await(admin.listOffsets(asked).all());
            if (answered != null) {
                answered.forEach((partition, info) -> offsets.put(partition.partition(), info.offset()));
            }
        }
        return offsets;
    }

    private <T> @Nullable T awaitUnlessUnknown(KafkaFuture<T> future) {
        try {
            return future.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException refused) {
            if (refused.getCause() instanceof UnknownTopicOrPartitionException) {
                return null;
            }
            throw failure(refused);
        } catch (TimeoutException late) {
            throw noBroker(late);
        } catch (InterruptedException interrupted) {
            throw interrupted(interrupted);
        }
    }

    private <T> @Nullable T await(KafkaFuture<T> future) {
        try {
            return future.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException refused) {
            throw failure(refused);
        } catch (TimeoutException late) {
            throw noBroker(late);
        } catch (InterruptedException interrupted) {
            throw interrupted(interrupted);
        }
    }

    private GridException failure(ExecutionException refused) {
        if (refused.getCause() instanceof org.apache.kafka.common.errors.TimeoutException) {
            return noBroker(refused);
        }
        ErrorCode code = refused.getCause() instanceof RetriableException ? ErrorCode.NOT_READY : ErrorCode.INTERNAL;
        return new GridException(code, "Kafka at " + bootstrap + ": " + causeOf(refused), refused);
    }

    private GridException noBroker(Throwable cause) {
        return new GridException(
                ErrorCode.NOT_READY,
                "no Kafka broker answers at " + bootstrap
                        + " (start one with: ./glucogrid kafka; or name another with --bootstrap)",
                cause);
    }

    private static GridException interrupted(InterruptedException cause) {
        Thread.currentThread().interrupt();
        return new GridException(ErrorCode.DEADLINE_EXCEEDED, "interrupted while waiting for Kafka", cause);
    }

    static String causeOf(Throwable thrown) {
        Throwable cause = thrown;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(100);
        } catch (InterruptedException interrupted) {
            throw interrupted(interrupted);
        }
    }
}
