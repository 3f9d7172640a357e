package io.glucogrid.client.bench;

import io.glucogrid.cgm.Cgm;
import io.glucogrid.client.produce.KafkaSettings;
import io.glucogrid.client.produce.Pace;
import io.glucogrid.client.produce.ReadingMessage;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * How long a reading takes from the call that sends it to the first online answer that has it, while others arrive at a steady
 * rate. Probes are due at a rate of their own and wait for each other; a time counts from when its probe was due.
 */
final class Freshness {
    private static final int SUBJECTS = 500;
    private static final double PROBES_PER_SECOND = 25;
    private static final long LOST_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long BETWEEN_ASKS_NANOS = 1_000_000;

    private final KafkaSettings settings;
    private final URI api;
    private final InstantSource clock = InstantSource.system();

    Freshness(KafkaSettings settings, URI api) {
        this.settings = settings;
        this.api = api;
    }

    /** Nanoseconds of each probe, with {@code perSecond} other readings; probes of the warm-up are left out. */
    Histogram measure(double perSecond, Duration warmUp, Duration time) {
        Histogram nanos = new Histogram(LOST_NANOS, 3);
        long start = System.nanoTime();
        long end = start + warmUp.plus(time).toNanos();
        try (Producer<byte[], byte[]> others = producer();
                Producer<byte[], byte[]> own = producer();
                WireClient client = WireClient.connect(api)) {
            Thread sender = new Thread(() -> others(others, Pace.of(perSecond), start, end), "bench-readings");
            sender.setDaemon(true);
            sender.start();
            Pace pace = Pace.of(PROBES_PER_SECOND);
            for (long n = 0; ; n++) {
                long due = start + pace.dueNanos(n);
                if (due >= end) {
                    break;
                }
                await(due);
                probe(own, client, n);
                if (due - start >= warmUp.toNanos()) {
                    nanos.recordValue(Math.min(System.nanoTime() - due, LOST_NANOS));
                }
            }
            sender.join(TimeUnit.SECONDS.toMillis(20));
        } catch (IOException broken) {
            throw new GridException(ErrorCode.NOT_READY, "the node broke the connection: " + broken, broken);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new GridException(ErrorCode.DEADLINE_EXCEEDED, "interrupted", interrupted);
        }
        return nanos;
    }

    /** Sends one reading of a subject that nobody else sends, and asks until an answer has it. */
    private void probe(Producer<byte[], byte[]> producer, WireClient client, long n) throws IOException {
        long subject = IngestLoad.FIRST_SUBJECT - 1 - n % SUBJECTS;
        long glucose = 40 + (n / SUBJECTS * SUBJECTS + n) % 360;
        byte[] question = WireClient.post(
                "/get_online_features",
                "{\"entities\":[{\"subject_id\":" + subject + "}],\"feature_service\":\"" + Cgm.ONLINE_SERVICE + "\"}");
        String sought = "\"" + Cgm.GLUCOSE + "\":[" + glucose + "]";
        send(producer, subject, glucose);
        long lost = System.nanoTime() + LOST_NANOS;
        while (!client.exchange(question).text().contains(sought)) {
            if (System.nanoTime() > lost) {
                throw new GridException(
                        ErrorCode.DEADLINE_EXCEEDED, "a reading was not served within 10 s of being produced");
            }
            LockSupport.parkNanos(BETWEEN_ASKS_NANOS);
        }
    }

    private void others(Producer<byte[], byte[]> producer, Pace pace, long start, long end) {
        for (long n = 0; ; n++) {
            long due = start + pace.dueNanos(n);
            if (due >= end) {
                return;
            }
            await(due);
            send(producer, IngestLoad.FIRST_SUBJECT + n % SUBJECTS, 40 + n % 360);
        }
    }

    private void send(Producer<byte[], byte[]> producer, long subject, long glucose) {
        long now = ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
        Future<RecordMetadata> unused = producer.send(new ProducerRecord<>(
                BenchBroker.TOPIC,
                Long.toString(subject).getBytes(StandardCharsets.UTF_8),
                ReadingMessage.json(subject, glucose, now).getBytes(StandardCharsets.UTF_8)));
    }

    private Producer<byte[], byte[]> producer() {
        Map<String, Object> properties = new HashMap<>(settings.producer());
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private static void await(long due) {
        for (long early = due - System.nanoTime(); early > 0; early = due - System.nanoTime()) {
            LockSupport.parkNanos(early);
        }
    }
}
