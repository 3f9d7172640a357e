package io.glucogrid.client.produce;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.jspecify.annotations.Nullable;

/** How to reach a broker: a client properties file, an address, or both. Immutable. */
public final class KafkaSettings {
    /** Where the broker of {@code glucogrid kafka} listens. */
    public static final String LOCAL = "localhost:29092";

    private final Map<String, Object> values;

    private KafkaSettings(Map<String, Object> values) {
        this.values = values;
    }

    /**
     * Settings from an address, a file, or both.
     *
     * @param bootstrap overrides the file's {@code bootstrap.servers}; null keeps it
     * @param file client properties, such as the security of an external broker; null for none
     * @throws GridException NOT_FOUND where the file cannot be read
     */
    public static KafkaSettings of(@Nullable String bootstrap, @Nullable Path file) {
        Map<String, Object> values = new HashMap<>();
        if (file != null) {
            read(file).forEach((key, value) -> values.put(String.valueOf(key), value));
        }
        if (bootstrap != null) {
            values.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        }
        values.putIfAbsent(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, LOCAL);
        return new KafkaSettings(values);
    }

    private static Properties read(Path file) {
        Properties properties = new Properties();
        try (Reader text = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(text);
        } catch (IOException unreadable) {
            throw new GridException(
                    ErrorCode.NOT_FOUND,
                    "cannot read the Kafka properties " + file + ": " + unreadable.getMessage(),
                    unreadable);
        }
        return properties;
    }

    public String bootstrap() {
        return String.valueOf(values.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG));
    }

    /** Settings of an admin client whose calls end within their deadlines. */
    public Map<String, Object> admin() {
        Map<String, Object> admin = new HashMap<>(values);
        admin.putIfAbsent(CommonClientConfigs.CLIENT_ID_CONFIG, "glucogrid-admin");
        admin.putIfAbsent(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
        // A broker that is not there is tried, and complained about, once a second rather than twenty times.
        admin.putIfAbsent(CommonClientConfigs.RECONNECT_BACKOFF_MS_CONFIG, 1_000L);
        admin.putIfAbsent(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, 2_000L);
        admin.putIfAbsent(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, 10_000);
        return admin;
    }

    /** Settings of a consumer that reads a topic to its end and belongs to no group. */
    public Map<String, Object> consumer() {
        Map<String, Object> consumer = new HashMap<>(values);
        consumer.putIfAbsent(CommonClientConfigs.CLIENT_ID_CONFIG, "glucogrid-read");
        consumer.putIfAbsent(CommonClientConfigs.RECONNECT_BACKOFF_MS_CONFIG, 1_000L);
        consumer.putIfAbsent(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, 2_000L);
        consumer.putIfAbsent(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, 20_000);
        consumer.remove(CommonClientConfigs.GROUP_ID_CONFIG);
        consumer.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        consumer.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        return consumer;
    }

    /** Settings of a producer that neither loses nor doubles a reading. */
    public Map<String, Object> producer() {
        Map<String, Object> producer = new HashMap<>(values);
        producer.putIfAbsent(CommonClientConfigs.CLIENT_ID_CONFIG, "glucogrid-produce");
        producer.putIfAbsent(ProducerConfig.LINGER_MS_CONFIG, 5);
        producer.putIfAbsent(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 60_000);
        producer.putIfAbsent(ProducerConfig.MAX_BLOCK_MS_CONFIG, 20_000);
        producer.put(ProducerConfig.ACKS_CONFIG, "all");
        producer.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        return producer;
    }
}
