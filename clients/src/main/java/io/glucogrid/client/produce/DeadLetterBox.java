package io.glucogrid.client.produce;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * The records of a topic that the streams refused, in the topic's {@code .dlq}. They are read from there and stay there: Kafka's
 * retention removes them.
 */
public final class DeadLetterBox {
    private static final String ENDING = ".dlq";
    private static final Duration POLL = Duration.ofMillis(500);

    private final KafkaSettings settings;
    private final String topic;
    private final Duration deadline;

    /**
     * A box; nothing is connected yet.
     *
     * @param topic the topic of readings, whose dead letters these are
     * @param deadline longest that the broker may be silent
     */
    public DeadLetterBox(KafkaSettings settings, String topic, Duration deadline) {
        this.settings = settings;
        this.topic = topic;
        this.deadline = deadline;
    }

    /**
     * What a replay did.
     *
     * @param replayed sent to the topic again
     * @param repeated left out: replayed too often already
     * @param cut left out: the letter holds only the beginning of the record
     */
    public record Replayed(long replayed, long repeated, long cut) {}

    /**
     * Hands over the letters there are now, each record once however often it was refused at its place.
     *
     * @throws GridException NOT_FOUND where the topic has no dead letters' topic, NOT_READY where the broker does not answer
     */
    public void forEach(DeadLetterFilter filter, Consumer<DeadLetter> letters) {
        read(filter, letter -> {
            letters.accept(letter);
            return true;
        });
    }

    /**
     * Sends letters to their topic again, key and bytes as they came. The record says in a header how often it was replayed, and
     * so does its letter if it is refused again. Returns when the broker has all of them.
     *
     * @param mostReplays a record that was replayed so often is left out
     * @param isDryRun whether only to count
     * @param seen called for each letter that is sent, before it is
     */
    public Replayed replay(DeadLetterFilter filter, int mostReplays, boolean isDryRun, Consumer<DeadLetter> seen) {
        long[] counts = new long[3];
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try (Producer<byte[], byte[]> producer = isDryRun ? null : producer()) {
            read(filter, letter -> {
                if (letter.replays() >= mostReplays) {
                    counts[1]++;
                    return false;
                }
                if (letter.isCut()) {
                    counts[2]++;
                    return false;
                }
                seen.accept(letter);
                counts[0]++;
                if (producer != null) {
                    sent.add(producer.send(again(letter)));
                }
                return true;
            });
            for (Future<RecordMetadata> one : sent) {
                one.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (ExecutionException | KafkaException refused) {
            throw new GridException(
                    ErrorCode.NOT_READY, "Kafka took no more records: " + Topics.causeOf(refused), refused);
        } catch (TimeoutException late) {
            throw new GridException(ErrorCode.DEADLINE_EXCEEDED, "Kafka did not acknowledge in time", late);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new GridException(ErrorCode.DEADLINE_EXCEEDED, "interrupted", interrupted);
        }
        return new Replayed(counts[0], counts[1], counts[2]);
    }

    private ProducerRecord<byte[], byte[]> again(DeadLetter letter) {
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, letter.key(), letter.value());
        byte[] replays = Integer.toString(letter.replays() + 1).getBytes(StandardCharsets.UTF_8);
        record.headers().add(DeadLetter.REPLAYS, replays);
        return record;
    }

    private Producer<byte[], byte[]> producer() {
        return new KafkaProducer<>(settings.producer(), new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** Stops at the filter's limit of letters that {@code taken} takes. */
    private void read(DeadLetterFilter filter, Predicate<DeadLetter> taken) {
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings.consumer(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            Map<TopicPartition, Long> ends = seek(consumer, filter.since());
            Set<String> places = new HashSet<>();
            long left = filter.limit();
            long late = System.nanoTime() + deadline.toNanos();
            while (left > 0
                    && !ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue())) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    late = System.nanoTime() + deadline.toNanos();
                    DeadLetter letter = DeadLetter.of(record);
                    if (left > 0 && filter.takes(letter) && places.add(letter.place()) && taken.test(letter)) {
                        left--;
                    }
                }
                if (System.nanoTime() > late) {
                    throw new GridException(ErrorCode.NOT_READY, "no Kafka broker answers at " + settings.bootstrap());
                }
            }
        } catch (KafkaException unreadable) {
            throw new GridException(
                    ErrorCode.NOT_READY,
                    "Kafka at " + settings.bootstrap() + ": " + Topics.causeOf(unreadable),
                    unreadable);
        }
    }

    /** Puts the consumer at the first letter that may be meant; returns where the letters of now end. */
    private Map<TopicPartition, Long> seek(KafkaConsumer<byte[], byte[]> consumer, @Nullable Instant since) {
        String letters = topic + ENDING;
        List<TopicPartition> partitions = consumer.listTopics(deadline).getOrDefault(letters, List.of()).stream()
                .map(partition -> new TopicPartition(letters, partition.partition()))
                .toList();
        if (partitions.isEmpty()) {
            throw new GridException(ErrorCode.NOT_FOUND, "there is no topic " + letters);
        }
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        if (since != null) {
            Map<TopicPartition, Long> times = new HashMap<>();
            partitions.forEach(partition -> times.put(partition, since.toEpochMilli()));
            Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(times, deadline);
            for (TopicPartition partition : partitions) {
                OffsetAndTimestamp first = found.get(partition);
                if (first == null) {
                    consumer.seekToEnd(List.of(partition));
                } else {
                    consumer.seek(partition, first.offset());
                }
            }
        }
        return consumer.endOffsets(partitions, deadline);
    }
}
