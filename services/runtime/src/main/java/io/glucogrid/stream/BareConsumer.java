package io.glucogrid.stream;

import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.store.TableSchema;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * What the streams are measured against: a consumer with their settings and their parser that drops what it has parsed. Nothing
 * but {@code glucogrid bench ingest} runs it.
 */
public final class BareConsumer {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final TableSchema READINGS = new TableSchema(
            "readings",
            List.of(new Field("subject_id", ValueType.INT64)),
            "event_timestamp",
            TableSchema.DEFAULT_CREATED,
            List.of(new Field("glucose", ValueType.INT64)));

    private BareConsumer() {}

    /**
     * Reads the topic from given offsets to its end, over and over, and prints the readings per second of each time.
     *
     * @param arguments bootstrap servers, topic, {@code partition:offset,…}, how often
     */
    public static void main(String[] arguments) throws BadRecordException {
        String topic = arguments[1];
        Map<TopicPartition, Long> from = new HashMap<>();
        for (String pair : arguments[2].split(",", -1)) {
            String[] parts = pair.split(":", -1);
            from.put(new TopicPartition(topic, Integer.parseInt(parts[0])), Long.valueOf(parts[1]));
        }
        Properties properties = new Properties();
        properties.setProperty(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, arguments[0]);
        EventParser parser = EventParser.of(READINGS, EventLimits.DEFAULT, Clock.systemUTC());
        StringBuilder rates = new StringBuilder("rates");
        try (Consumer<byte[], byte[]> consumer = new KafkaClients(properties).consumer()) {
            consumer.assign(from.keySet());
            Map<TopicPartition, Long> ends = consumer.endOffsets(from.keySet());
            long total = from.entrySet().stream()
                    .mapToLong(partition -> ends.getOrDefault(partition.getKey(), 0L) - partition.getValue())
                    .sum();
            for (int round = 0; round < Integer.parseInt(arguments[3]); round++) {
                from.forEach(consumer::seek);
                rates.append(String.format(Locale.ROOT, " %.0f", rate(consumer, parser, total)));
            }
        }
        System.out.println(rates);
    }

    /** Readings per second, from the first ones in hand to the last. */
    private static double rate(Consumer<byte[], byte[]> consumer, EventParser parser, long total)
            throws BadRecordException {
        long start = 0;
        long first = 0;
        long seen = 0;
        while (seen < total) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                parser.parse(record.value());
                seen++;
            }
            if (start == 0 && seen > 0) {
                start = System.nanoTime();
                first = seen;
            }
        }
        return (seen - first) / ((System.nanoTime() - start) / 1e9);
    }
}
