package io.glucogrid.client.soak;

import io.glucogrid.client.produce.KafkaSettings;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.time.Duration;
import java.util.BitSet;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends numbered readings at a pace and knows which of them Kafka has acknowledged. What Kafka refuses, because its broker died,
 * is sent again, so in the end every number is acknowledged, some of them late and out of order.
 */
public final class Driver implements AutoCloseable {
    private static final Duration CLOSE = Duration.ofSeconds(30);
    private static final long NAP_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long MOST_IN_FLIGHT = 50_000;

    private final NumberedReadings readings;
    private final String topic;
    private final double perSecond;
    private final Producer<byte[], byte[]> kafka;
    private final Queue<Long> refused = new ConcurrentLinkedQueue<>();
    private final BitSet acknowledged = new BitSet();
    private final AtomicLong inFlight = new AtomicLong();
    private final CountDownLatch stop = new CountDownLatch(1);
    private final Thread thread;
    private volatile long count;
    private volatile long sent;
    private volatile boolean held;

    private Driver(
            NumberedReadings readings, String topic, double perSecond, long count, Producer<byte[], byte[]> kafka) {
        this.readings = readings;
        this.topic = topic;
        this.perSecond = perSecond;
        this.count = count;
        this.kafka = kafka;
        this.thread = new Thread(this::run, "driver");
    }

    /**
     * Starts to send.
     *
     * @param perSecond readings per second
     * @param count how many there are; {@link #end} may lower it
     */
    public static Driver start(
            KafkaSettings settings, String topic, NumberedReadings readings, double perSecond, long count) {
        Driver driver = new Driver(
                readings,
                topic,
                perSecond,
                count,
                new KafkaProducer<>(settings.producer(), new ByteArraySerializer(), new ByteArraySerializer()));
        driver.thread.setDaemon(true);
        driver.thread.start();
        return driver;
    }

    /** Sends nothing new until {@link #goOn}. */
    public void hold() {
        held = true;
    }

    /** Ends a {@link #hold}. */
    public void goOn() {
        held = false;
    }

    /** Sends no new numbers from now on. */
    public void end() {
        count = sent;
    }

    /** How many numbers have been used. */
    public long sent() {
        return sent;
    }

    /** How many readings Kafka has. */
    public long acknowledged() {
        synchronized (acknowledged) {
            return acknowledged.cardinality();
        }
    }

    /** The numbers that Kafka has. */
    public BitSet numbers() {
        synchronized (acknowledged) {
            return (BitSet) acknowledged.clone();
        }
    }

    /** Waits until so many are acknowledged; DEADLINE_EXCEEDED where that takes longer. */
    public void awaitFirst(long many, Duration time) throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        while (acknowledged() < many) {
            if (System.nanoTime() > end) {
                throw new GridException(
                        ErrorCode.DEADLINE_EXCEEDED,
                        "Kafka acknowledged " + acknowledged() + " readings in " + time.toSeconds() + " s");
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    /** Waits until every number is acknowledged; DEADLINE_EXCEEDED where that takes longer. */
    public void awaitAcknowledged(Duration time) throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        while (sent < count || acknowledged() < sent) {
            if (System.nanoTime() > end) {
                throw new GridException(
                        ErrorCode.DEADLINE_EXCEEDED,
                        "Kafka acknowledged " + acknowledged() + " of " + sent + " readings");
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    /** Waits until Kafka has answered for everything that was sent. */
    public void awaitInFlight(Duration time) throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        while (acknowledged() < sent) {
            if (System.nanoTime() > end) {
                throw new GridException(ErrorCode.DEADLINE_EXCEEDED, "Kafka has not answered for every reading");
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    @Override
    public void close() {
        stop.countDown();
        try {
            thread.join(CLOSE.toMillis());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        kafka.close(CLOSE);
    }

    private void run() {
        long due = System.nanoTime();
        long gap = (long) (TimeUnit.SECONDS.toNanos(1) / perSecond);
        while (stop.getCount() > 0) {
            Long again = refused.poll();
            if (again != null) {
                send(again);
            } else if (held || sent >= count || inFlight.get() >= MOST_IN_FLIGHT) {
                LockSupport.parkNanos(NAP_NANOS);
                due = System.nanoTime();
            } else if (System.nanoTime() < due) {
                LockSupport.parkNanos(Math.min(NAP_NANOS, Math.max(1, due - System.nanoTime())));
            } else {
                long number = sent;
                sent = number + 1;
                send(number);
                due += gap;
            }
        }
    }

    private void send(long number) {
        inFlight.incrementAndGet();
        try {
            Future<RecordMetadata> unused = kafka.send(
                    new ProducerRecord<>(topic, readings.key(number), readings.message(number)), (where, failed) -> {
                        inFlight.decrementAndGet();
                        if (failed == null) {
                            synchronized (acknowledged) {
                                acknowledged.set((int) number);
                            }
                        } else {
                            refused.add(number);
                        }
                    });

        } catch (KafkaException unavailable) {
            inFlight.decrementAndGet();
            refused.add(number);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
        }
    }
}
