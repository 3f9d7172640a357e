package io.glucogrid.stream;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Bad records in a topic beside their own: key and bytes as they came, and in the headers {@code reason}, {@code topic},
 * {@code partition}, {@code offset}; {@code replays} where somebody sent it again before. After a crash one may be written twice;
 * topic, partition and offset tell. What is longer than {@value #LONGEST_VALUE} bytes is cut there, and {@code cut} says how long
 * it was; the original is where the headers say.
 */
final class DeadLetterTopic implements DeadLetters {
    /** With its headers a letter must fit Kafka's default limit of a message, or it would block its partition for ever. */
    private static final int LONGEST_VALUE = 1_000_000;

    /** How often a record was replayed, which it brings along and its letter keeps. */
    private static final String REPLAYS = "replays";

    private static final int LONGEST_KEY = 10_000;

    /** Reasons may quote the record, and a foreign extractor's are its own. */
    private static final int LONGEST_HEADER = 10_000;

    private static final Duration CLOSE = Duration.ofSeconds(2);

    private final Supplier<Producer<byte[], byte[]>> producers;
    private final List<Future<RecordMetadata>> pending = new ArrayList<>();
    private @Nullable Producer<byte[], byte[]> producer;

    /** @param producers asked once, when the first bad record comes */
    DeadLetterTopic(Supplier<Producer<byte[], byte[]>> producers) {
        this.producers = producers;
    }

    @Override
    public void add(ConsumerRecord<byte[], byte[]> record, BadRecordException why) {
        Producer<byte[], byte[]> open = producer;
        if (open == null) {
            open = producers.get();
            producer = open;
        }
        ProducerRecord<byte[], byte[]> letter = new ProducerRecord<>(
                record.topic() + Topics.DEAD_LETTERS,
                cut(record.key(), LONGEST_KEY),
                cut(record.value(), LONGEST_VALUE));
        Headers headers = letter.headers();
        headers.add("reason", cut(bytes(why.text()), LONGEST_HEADER));
        headers.add("topic", bytes(record.topic()));
        headers.add("partition", bytes(Integer.toString(record.partition())));
        headers.add("offset", bytes(Long.toString(record.offset())));
        Header replays = record.headers().lastHeader(REPLAYS);
        if (replays != null && replays.value() != null && replays.value().length <= LONGEST_HEADER) {
            headers.add(replays);
        }
        if (record.value() != null && record.value().length > LONGEST_VALUE) {
            headers.add("cut", bytes(Integer.toString(record.value().length)));
        }
        requireNoneFailed();
        pending.add(open.send(letter));
    }

    /** A broker that is away makes each send wait; the first that failed ends the batch. */
    private void requireNoneFailed() {
        if (!pending.isEmpty() && pending.get(pending.size() - 1).isDone()) {
            Deadline.in(Duration.ofSeconds(1)).await(pending.get(pending.size() - 1), "writing a dead letter");
        }
    }

    @Override
    public void flush(Deadline deadline) {
        try {
            for (Future<RecordMetadata> letter : pending) {
                deadline.await(letter, "writing a dead letter");
            }
        } finally {
            pending.clear();
        }
    }

    @Override
    public void close() {
        if (producer != null) {
            producer.close(CLOSE);
        }
    }

    private static byte @Nullable [] cut(byte @Nullable [] bytes, int most) {
        return bytes == null || bytes.length <= most ? bytes : Arrays.copyOf(bytes, most);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
