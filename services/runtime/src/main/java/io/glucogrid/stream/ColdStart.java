package io.glucogrid.stream;

import io.glucogrid.cluster.Marks;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves the online group back to where the offline group is, once in the life of a grid and again when rows were lost.
 *
 * <p>The online store of a fresh grid holds what was rebuilt from segments, which end at the offline group's offsets. Where the
 * online group had committed further, its rows died with the old grid and would never come again; so before its first poll
 * the group is set to the smaller of both offsets, per partition. The offline group must not move on before that, or readings
 * that became durable meanwhile would be neither rebuilt nor read again: both streams ask here before they begin. That this
 * grid did it is remembered in the grid itself, in a replicated cache that lives and dies with its nodes. Doing it twice is
 * harmless, for replays change nothing.
 */
final class ColdStart {
    private static final Logger LOG = LoggerFactory.getLogger(ColdStart.class);
    /** Longer than any usual session timeout, after which Kafka forgets members that died. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Ignite ignite;
    private final KafkaClients clients;
    private final String onlineGroup;
    private final String offlineGroup;
    /** When members of an earlier grid were first seen, in tries that all ended with that; 0 after any other. */
    private long membersSinceNanos;

    ColdStart(Ignite ignite, KafkaClients clients, String onlineGroup, String offlineGroup) {
        this.ignite = ignite;
        this.clients = clients;
        this.onlineGroup = onlineGroup;
        this.offlineGroup = offlineGroup;
    }

    /**
     * Returns when the group may start.
     *
     * @throws GridException NOT_READY while lost rows are being rebuilt, or while members of a grid that has died are still counted
     *     in, which Kafka ends after their session timeout
     */
    void rewind(String topic, Deadline deadline) {
        IgniteCache<String, String> marks = Caches.REGISTRY.in(ignite);
        long membersSince = membersSinceNanos;
        membersSinceNanos = 0;
        if (marks.containsKey(Marks.REBUILDING)) { // a node that joined meanwhile was not told to hold its streams
            throw new GridException(ErrorCode.NOT_READY, "lost rows are being rebuilt");
        }
        if (marks.containsKey(Marks.OFFSETS_MOVED)) {
            return;
        }
        try (Admin admin = clients.admin()) {
            Map<TopicPartition, Long> target = target(admin, topic, deadline);
            if (!target.isEmpty()) {
                move(admin, target, membersSince, deadline);
            }
        }
        marks.put(Marks.OFFSETS_MOVED, "true");
    }

    /** Offsets that the online group has to be moved back to; empty where it is nowhere ahead. */
    private Map<TopicPartition, Long> target(Admin admin, String topic, Deadline deadline) {
        Map<String, Map<TopicPartition, OffsetAndMetadata>> committed = await(
                admin.listConsumerGroupOffsets(Map.of(
                                onlineGroup, new ListConsumerGroupOffsetsSpec(),
                                offlineGroup, new ListConsumerGroupOffsetsSpec()))
                        .all(),
                "reading committed offsets",
                deadline);
        Map<TopicPartition, Long> online = offsets(committed.getOrDefault(onlineGroup, Map.of()), topic);
        Map<TopicPartition, Long> offline = offsets(committed.getOrDefault(offlineGroup, Map.of()), topic);
        Set<TopicPartition> unknown = online.keySet().stream()
                .filter(partition -> !offline.containsKey(partition))
                .collect(Collectors.toSet());
        if (!unknown.isEmpty()) {
            // Nothing of these is durable: from their beginning.
            await(
                            admin.listOffsets(unknown.stream()
                                            .collect(Collectors.toMap(one -> one, one -> OffsetSpec.earliest())))
                                    .all(),
                            "reading first offsets",
                            deadline)
                    .forEach((partition, first) -> offline.put(partition, first.offset()));
        }
        Map<TopicPartition, Long> target = new HashMap<>();
        online.forEach((partition, offset) -> {
            long durable = offline.getOrDefault(partition, offset);
            if (durable < offset) {
                target.put(partition, durable);
            }
        });
        return target;
    }

    private void move(Admin admin, Map<TopicPartition, Long> target, long membersSince, Deadline deadline) {
        int members = 0;
        for (ConsumerGroupDescription group : await(
                        admin.describeConsumerGroups(List.of(onlineGroup)).all(),
                        "describing group " + onlineGroup,
                        deadline)
                .values()) {
            members += group.members().size();
        }
        if (members > 0) {
            long now = System.nanoTime();
            if (membersSince != 0 && now - membersSince > PATIENCE.toNanos()) {
                LOG.warn(
                        "stream=online event=not-rewound reason=\"group {} has living members outside this grid\""
                                + " offsets={}",
                        onlineGroup,
                        byPartition(target));
                return;
            }
            membersSinceNanos = membersSince == 0 ? now : membersSince;
            throw new GridException(
                    ErrorCode.NOT_READY, "kafka still counts members of an earlier grid in group " + onlineGroup);
        }
        Map<TopicPartition, OffsetAndMetadata> moved = new HashMap<>();
        target.forEach((partition, offset) -> moved.put(partition, new OffsetAndMetadata(offset)));
        await(admin.alterConsumerGroupOffsets(onlineGroup, moved).all(), "moving group " + onlineGroup, deadline);
        LOG.info("stream=online event=rewound reason=\"fresh grid\" offsets={}", byPartition(target));
    }

    private static Map<TopicPartition, Long> offsets(Map<TopicPartition, OffsetAndMetadata> committed, String topic) {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        committed.forEach((partition, offset) -> {
            if (partition.topic().equals(topic) && offset != null) {
                offsets.put(partition, offset.offset());
            }
        });
        return offsets;
    }

    private static Map<Integer, Long> byPartition(Map<TopicPartition, Long> offsets) {
        Map<Integer, Long> named = new TreeMap<>();
        offsets.forEach((partition, offset) -> named.put(partition.partition(), offset));
        return named;
    }

    private static <T> T await(KafkaFuture<T> future, String what, Deadline deadline) {
        return deadline.await(future.toCompletionStage().toCompletableFuture(), "kafka: " + what);
    }
}
