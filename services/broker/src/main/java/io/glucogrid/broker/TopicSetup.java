package io.glucogrid.broker;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;

/** Creates topics before anybody produces to them. */
final class TopicSetup {
    static final String DEAD_LETTERS = ".dlq";

    private static final long DEADLINE_SECONDS = 30;

    private TopicSetup() {}

    /**
     * Creates the topic and its dead-letter topic where they are missing and returns when every partition answers.
     *
     * @return partitions by topic, as they are now: a topic that existed keeps its number
     * @throws IllegalStateException where they do not answer in time
     */
    static Map<String, Integer> create(String bootstrap, String topic, int partitions) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        List<NewTopic> wanted =
                List.of(new NewTopic(topic, partitions, (short) 1), new NewTopic(topic + DEAD_LETTERS, 1, (short) 1));
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap))) {
            while (true) {
                try {
                    for (NewTopic one : wanted) {
                        createOne(admin, one);
                    }
                    return answering(admin, wanted.stream().map(NewTopic::name).toList());
                } catch (ExecutionException | TimeoutException failure) {
                    boolean mayPass =
                            failure instanceof TimeoutException || failure.getCause() instanceof RetriableException;
                    if (!mayPass || System.nanoTime() - deadline > 0) {
                        throw new IllegalStateException("the topics do not answer", failure);
                    }
                    TimeUnit.MILLISECONDS.sleep(50);
                }
            }
        }
    }

    private static void createOne(Admin admin, NewTopic topic)
            throws InterruptedException, ExecutionException, TimeoutException {
        try {
            admin.createTopics(List.of(topic)).all().get(DEADLINE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException failure) {
            if (!(failure.getCause() instanceof TopicExistsException)) {
                throw failure;
            }
        }
    }

    private static Map<String, Integer> answering(Admin admin, List<String> topics)
            throws InterruptedException, ExecutionException, TimeoutException {
        Map<String, TopicDescription> found =
                admin.describeTopics(topics).allTopicNames().get(DEADLINE_SECONDS, TimeUnit.SECONDS);
        Map<TopicPartition, OffsetSpec> all = found.values().stream()
                .flatMap(topic -> IntStream.range(0, topic.partitions().size())
                        .mapToObj(partition -> new TopicPartition(topic.name(), partition)))
                .collect(Collectors.toMap(partition -> partition, partition -> OffsetSpec.latest()));
        admin.listOffsets(all).all().get(DEADLINE_SECONDS, TimeUnit.SECONDS);
        return found.values().stream().collect(Collectors.toMap(TopicDescription::name, topic -> topic.partitions()
                .size()));
    }
}
