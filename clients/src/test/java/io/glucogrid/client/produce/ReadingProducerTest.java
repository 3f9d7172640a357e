package io.glucogrid.client.produce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.glucogrid.cgm.Reading;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class ReadingProducerTest {
    private static final Replay REPLAY = Replay.of(
            readings -> {
                readings.accept(new Reading(1, 100, 0, 0));
                readings.accept(new Reading(2, 200, 0, 0));
            },
            Replay.Order.AS_IN_FILE,
            "test");
    private static final Instant NOW = Instant.parse("2025-02-03T16:47:02Z");

    @Test
    void everyReadingIsSentUnderItsSubject() {
        MockProducer<byte[], byte[]> kafka = kafka(true);
        List<ProducedReading> acknowledged = new ArrayList<>();
        List<String> sent = new ArrayList<>();

        try (ReadingProducer producer = new ReadingProducer(kafka, "topic", () -> NOW)) {
            producer.run(REPLAY, 10_000, 3, new ReadingProducer.Listener() {
                @Override
                public void sent(long n, String json) {
                    sent.add(n + json);
                }

                @Override
                public void acknowledged(ProducedReading reading) {
                    acknowledged.add(reading);
                }
            });
            assertThat(producer.acknowledged()).isEqualTo(3);
        }

        assertThat(kafka.history().stream().map(message -> new String(message.key(), StandardCharsets.UTF_8)))
                .containsExactly("1", "2", "1");
        assertThat(new String(kafka.history().get(1).value(), StandardCharsets.UTF_8))
                .isEqualTo("{\"event_timestamp\":1738601222,\"subject_id\":2,\"glucose\":200,\"created\":1738601222}");
        assertThat(acknowledged)
                .containsExactly(
                        new ProducedReading(1, 100, 1738601222_000000L, 0, 0),
                        new ProducedReading(2, 200, 1738601222_000000L, 0, 1),
                        new ProducedReading(1, 100, 1738601222_000001L, 0, 2));
        assertThat(sent).hasSize(3);
    }

    @Test
    void aRefusedReadingEndsTheRun() throws Exception {
        MockProducer<byte[], byte[]> kafka = kafka(false);
        try (ReadingProducer producer = new ReadingProducer(kafka, "topic", () -> NOW)) {
            CompletableFuture<Void> run = CompletableFuture.runAsync(
                    () -> producer.run(REPLAY, 1, Long.MAX_VALUE, new ReadingProducer.Listener() {}));
            await().until(() -> kafka.errorNext(new RecordTooLargeException("too large")));

            assertThatThrownBy(() -> run.get(5, TimeUnit.SECONDS)).hasMessageContaining("too large");
            assertThat(producer.acknowledged()).isZero();
        }
    }

    @Test
    void stopEndsAnEndlessRunWithEverythingAcknowledged() throws Exception {
        MockProducer<byte[], byte[]> kafka = kafka(true);
        try (ReadingProducer producer = new ReadingProducer(kafka, "topic", () -> NOW)) {
            CompletableFuture<Void> run = CompletableFuture.runAsync(
                    () -> producer.run(REPLAY, 1, Long.MAX_VALUE, new ReadingProducer.Listener() {}));
            await().until(() -> producer.acknowledged() > 0);

            producer.stop();

            run.get(5, TimeUnit.SECONDS);
            assertThat(producer.acknowledged()).isEqualTo(kafka.history().size());
        }
    }

    private static MockProducer<byte[], byte[]> kafka(boolean acknowledging) {
        return new MockProducer<>(acknowledging, null, new ByteArraySerializer(), new ByteArraySerializer());
    }
}
