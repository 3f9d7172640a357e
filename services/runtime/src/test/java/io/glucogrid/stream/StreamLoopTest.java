package io.glucogrid.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of a loop whose steps fail in every way. */
class StreamLoopTest {
    private static final long SEED = 20261123;

    private final AtomicInteger opened = new AtomicInteger();
    private volatile boolean isCurrent = true;
    private final StreamLoop loop = new StreamLoop(
            "test",
            this::open,
            new Backoff(Duration.ofMillis(1), Duration.ofMillis(2), new SplittableRandom(SEED)),
            Duration.ofMillis(1));
    private final Thread thread = new Thread(loop, "stream-loop-test");

    @AfterEach
    void stop() throws InterruptedException {
        loop.stop();
        thread.join(10_000);
    }

    @Test
    void aStepThatCannotBeClosedIsFollowedByAnotherOne() {
        start();

        isCurrent = false;

        await().until(() -> opened.get() > 1);
        assertThat(loop.state()).isEqualTo(StreamLoop.State.RUNNING);
    }

    @Test
    void aLoopWhoseStepCannotBeClosedStops() throws InterruptedException {
        start();

        loop.stop();
        thread.join(10_000);

        assertThat(loop.state()).isEqualTo(StreamLoop.State.STOPPED);
    }

    private void start() {
        thread.setUncaughtExceptionHandler((any, failure) -> {});
        thread.start();
        await().until(() -> loop.state() == StreamLoop.State.RUNNING);
    }

    private StreamStep<String> open() {
        if (opened.incrementAndGet() > 1) {
            isCurrent = true;
        }
        return new StreamStep<>(
                KafkaRecordSource.subscribe(
                        new MockConsumer<>("earliest"), "test", List.of("numbers"), InstantSource.system()),
                new Unclosable(),
                new DeadLettersElsewhere(),
                new StreamFigures(),
                Duration.ofSeconds(1),
                System::nanoTime);
    }

    private final class Unclosable implements StreamStage<String> {
        @Override
        public boolean isCurrent() {
            return isCurrent;
        }

        @Override
        public String parse(ConsumerRecord<byte[], byte[]> record) {
            return "";
        }

        @Override
        public UnderWay begin(List<String> batch, long startedNanos, Deadline deadline) {
            return UnderWay.NOTHING;
        }

        @Override
        public void close() {
            throw new NoClassDefFoundError("a class that is needed to close");
        }
    }
}
