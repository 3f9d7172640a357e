package io.glucogrid.client.bench;

import io.glucogrid.client.produce.KafkaSettings;
import io.glucogrid.client.produce.ReadingMessage;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Readings as sensors make them: every subject one each five minutes, subjects in turn, times rising from one call to the next.
 * They are history, so they may be sent as fast as the broker takes them.
 */
final class IngestLoad implements AutoCloseable {
    static final long FIRST_SUBJECT = 1_000_000;

    private static final long START_MICROS = 1_700_000_000_000_000L;
    private static final long STEP_MICROS = TimeUnit.MINUTES.toMicros(5);

    private final Producer<byte[], byte[]> kafka;
    private final int subjects;
    private final SplittableRandom random = new SplittableRandom(1);
    private final AtomicReference<@Nullable Exception> refusal = new AtomicReference<>();
    private long sent;

    private IngestLoad(Producer<byte[], byte[]> kafka, int subjects) {
        this.kafka = kafka;
        this.subjects = subjects;
    }

    static IngestLoad to(KafkaSettings settings, int subjects) {
        return new IngestLoad(
                new KafkaProducer<>(settings.producer(), new ByteArraySerializer(), new ByteArraySerializer()),
                subjects);
    }

    /** Sends so many readings, and returns when the broker has all of them. */
    void send(int readings) {
        for (int i = 0; i < readings; i++) {
            long subject = FIRST_SUBJECT + sent % subjects;
            long event = START_MICROS + sent / subjects * STEP_MICROS;
            sent++;
            String json = ReadingMessage.json(subject, random.nextInt(60, 300), event);
            Future<RecordMetadata> unused = kafka.send(
                    new ProducerRecord<>(
                            BenchBroker.TOPIC,
                            Long.toString(subject).getBytes(StandardCharsets.UTF_8),
                            json.getBytes(StandardCharsets.UTF_8)),
                    (metadata, exception) -> {
                        if (exception != null) {
                            refusal.compareAndSet(null, exception);
                        }
                    });
        }
        kafka.flush();
        Exception refused = refusal.get();
        if (refused != null) {
            throw new GridException(ErrorCode.NOT_READY, "the broker refused a reading: " + refused, refused);
        }
    }

    @Override
    public void close() {
        kafka.close();
    }
}
