package io.glucogrid.client.produce;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Replays readings to a topic as if they happened now: key is the subject, value the reference's JSON.
 *
 * <p>{@link #run} sends on the caller's thread at an open-loop pace; {@link #stop} ends it from any other thread. The
 * producer waits for all replicas and is idempotent, every acknowledgement is looked at, and the first refusal ends the run:
 * a reading that is reported as produced lies in the topic once.
 */
public final class ReadingProducer implements AutoCloseable {
    private static final Duration CLOSE = Duration.ofSeconds(30);
    private static final long LONGEST_NAP_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Producer<byte[], byte[]> kafka;
    private final String topic;
    private final InstantSource time;
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicReference<@Nullable Exception> refusal = new AtomicReference<>();
    private volatile boolean stopped;

    ReadingProducer(Producer<byte[], byte[]> kafka, String topic, InstantSource time) {
        this.kafka = kafka;
        this.topic = topic;
        this.time = time;
    }

    /** A producer for a topic that exists already, see {@link Topics#ensure}. */
    public static ReadingProducer to(KafkaSettings settings, String topic) {
        try {
            return new ReadingProducer(
                    new KafkaProducer<>(settings.producer(), new ByteArraySerializer(), new ByteArraySerializer()),
                    topic,
                    InstantSource.system());
        } catch (KafkaException unusable) {
            throw new GridException(ErrorCode.INVALID_REQUEST, "Kafka settings: " + Topics.causeOf(unusable), unusable);
        }
    }

    /** Hears of readings: {@link #sent} on the sending thread, {@link #acknowledged} on Kafka's. */
    public interface Listener {
        default void sent(long n, String json) {}

        default void acknowledged(ProducedReading reading) {}
    }

    /**
     * Sends {@code count} readings, or until stopped, and returns when all of them are acknowledged.
     *
     * @param perSecond readings per second
     * @throws GridException where Kafka refused one; how many were acknowledged, {@link #acknowledged} tells
     */
    public void run(Replay replay, double perSecond, long count, Listener listener) {
        Pace pace = Pace.of(perSecond);
        EventClock clock = EventClock.forRate(perSecond, time);
        long start = System.nanoTime();
        for (long n = 0; n < count && awaitTurn(start + pace.dueNanos(n)); n++) {
            long subject = replay.subject(n);
            long glucose = replay.glucose(n);
            send(n, subject, glucose, clock.next(subject), listener);
        }
        flush();
        check();
    }

    /** Ends {@link #run} after the reading in hand. */
    public void stop() {
        stopped = true;
    }

    /** Readings that lie in the topic. */
    public long acknowledged() {
        return acknowledged.get();
    }

    @Override
    public void close() {
        kafka.close(CLOSE);
    }

    private void send(long n, long subject, long glucose, long eventMicros, Listener listener) {
        String json = ReadingMessage.json(subject, glucose, eventMicros);
        byte[] key = Long.toString(subject).getBytes(StandardCharsets.UTF_8);
        ProducerRecord<byte[], byte[]> message =
                new ProducerRecord<>(topic, key, json.getBytes(StandardCharsets.UTF_8));
        try {
            Future<RecordMetadata> unused = kafka.send(message, (metadata, exception) -> {
                if (exception != null) {
                    refusal.compareAndSet(null, exception);
                } else {
                    acknowledged.incrementAndGet();
                    listener.acknowledged(new ProducedReading(
                            subject, glucose, eventMicros, metadata.partition(), metadata.offset()));
                }
            });
        } catch (KafkaException refused) {
            throw refused(refused);
        }
        listener.sent(n, json);
    }

    /** Waits until a reading is due; false where the run is to end. */
    private boolean awaitTurn(long due) {
        while (!stopped) {
            check();
            long left = due - System.nanoTime();
            if (left <= 0) {
                return true;
            }
            LockSupport.parkNanos(Math.min(left, LONGEST_NAP_NANOS));
            if (Thread.currentThread().isInterrupted()) {
                return false;
            }
        }
        return false;
    }

    private void flush() {
        try {
            kafka.flush();
        } catch (KafkaException interrupted) {
            throw refused(interrupted);
        }
    }

    private void check() {
        Exception refused = refusal.get();
        if (refused != null) {
            throw refused(refused);
        }
    }

    private static GridException refused(Exception refused) {
        return new GridException(
                ErrorCode.NOT_READY, "Kafka took no more readings: " + Topics.causeOf(refused), refused);
    }
}
