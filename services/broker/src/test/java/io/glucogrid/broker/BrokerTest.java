package io.glucogrid.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokerTest {
    private static final int MESSAGES = 300;

    @Test
    void messagesSurviveAnOrderlyRestart(@TempDir Path data) throws Exception {
        try (BrokerProcess first = BrokerProcess.start(data, 0)) {
            produce(first.awaitReady());
            first.terminate();
            assertThat(first.awaitExit()).as(first.output()).isEqualTo(143);
        }
        try (BrokerProcess second = BrokerProcess.start(data, 0)) {
            int port = second.awaitReady();
            assertThat(second.output()).contains("numbers(3) numbers.dlq(1)");
            assertThat(consume(port))
                    .containsExactlyInAnyOrderElementsOf(IntStream.range(0, MESSAGES)
                            .mapToObj(Integer::toString)
                            .toList());
            second.terminate();
            second.awaitExit();
        }
    }

    @Test
    void aTakenPortIsAClearError(@TempDir Path data) throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                BrokerProcess broker = BrokerProcess.start(data, taken.getLocalPort())) {
            assertThat(broker.awaitExit()).isEqualTo(1);
            assertThat(broker.output())
                    .contains("port " + taken.getLocalPort() + " on localhost is taken")
                    .hasLineCount(1);
        }
    }

    private static void produce(int port) throws Exception {
        Map<String, Object> configuration = Map.of("bootstrap.servers", "localhost:" + port);
        List<Future<?>> sent = new ArrayList<>();
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(configuration, new StringSerializer(), new StringSerializer())) {
            for (int i = 0; i < MESSAGES; i++) {
                sent.add(producer.send(new ProducerRecord<>("numbers", "key" + i, Integer.toString(i))));
            }
            for (Future<?> one : sent) {
                one.get(30, TimeUnit.SECONDS);
            }
        }
    }

    private static List<String> consume(int port) {
        List<String> values = new ArrayList<>();
        Map<String, Object> configuration = Map.of("bootstrap.servers", "localhost:" + port);
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(configuration, new StringDeserializer(), new StringDeserializer())) {
            List<TopicPartition> partitions = IntStream.range(0, 3)
                    .mapToObj(partition -> new TopicPartition("numbers", partition))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (values.size() < MESSAGES && System.nanoTime() < deadline) {
                for (ConsumerRecord<String, String> message : consumer.poll(Duration.ofMillis(200))) {
                    values.add(message.value());
                }
            }
        }
        return values;
    }
}
