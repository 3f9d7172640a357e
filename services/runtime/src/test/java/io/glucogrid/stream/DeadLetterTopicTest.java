package io.glucogrid.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.glucogrid.grid.GridException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class DeadLetterTopicTest {
    private static final Duration SOON = Duration.ofSeconds(5);
    private static final int BROKERS_LIMIT = 1_048_588;
    private static final BadRecordException TOO_LARGE =
            new BadRecordException(BadRecordException.Reason.TOO_LARGE, "it is too long");

    private final MockProducer<byte[], byte[]> kafka =
            new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());

    private static ConsumerRecord<byte[], byte[]> record(int keyBytes, int valueBytes) {
        byte[] value = new byte[valueBytes];
        Arrays.fill(value, (byte) 'x');
        return new ConsumerRecord<>("readings", 3, 4711, new byte[keyBytes], value);
    }

    private static String header(ProducerRecord<byte[], byte[]> letter, String name) {
        Header header = letter.headers().lastHeader(name);
        return header == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
    }

    @Test
    void whatIsLongerThanAMessageMayBeIsCutAndSaysHowLongItWas() {
        try (DeadLetterTopic letters = new DeadLetterTopic(() -> kafka)) {
            letters.add(
                    record(2_000_000, 5_000_000),
                    new BadRecordException(BadRecordException.Reason.UNREADABLE, "it said " + "?".repeat(500_000)));
            letters.flush(Deadline.in(SOON));
        }

        ProducerRecord<byte[], byte[]> letter = kafka.history().get(0);
        assertThat(letter.topic()).isEqualTo("readings.dlq");
        assertThat(header(letter, "cut")).isEqualTo("5000000");
        assertThat(header(letter, "offset")).isEqualTo("4711");
        assertThat(header(letter, "reason")).startsWith("unreadable: it said ?");
        assertThat(header(letter, "partition")).isEqualTo("3");
        int headers = Arrays.stream(letter.headers().toArray())
                .mapToInt(header -> header.key().length() + header.value().length + 10)
                .sum();
        assertThat(letter.key().length + letter.value().length + headers).isLessThan(BROKERS_LIMIT - 1_000);
    }

    @Test
    void whatIsShorterIsKeptAsItCame() {
        try (DeadLetterTopic letters = new DeadLetterTopic(() -> kafka)) {
            letters.add(record(10, 900_000), TOO_LARGE);
            letters.flush(Deadline.in(SOON));
        }

        ProducerRecord<byte[], byte[]> letter = kafka.history().get(0);
        assertThat(letter.value()).hasSize(900_000);
        assertThat(header(letter, "cut")).isEmpty();
    }

    @Test
    void aLetterThatIsRefusedFailsTheBatch() {
        MockProducer<byte[], byte[]> refusing =
                new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
        try (DeadLetterTopic letters = new DeadLetterTopic(() -> refusing)) {
            letters.add(record(1, 1), TOO_LARGE);
            refusing.errorNext(new KafkaException("no"));

            assertThatThrownBy(() -> letters.flush(Deadline.in(SOON))).isInstanceOf(GridException.class);
        }
    }
}
