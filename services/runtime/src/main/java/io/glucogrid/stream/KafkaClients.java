package io.glucogrid.stream;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.grid.NodeSettings;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.clients.ClientUtils;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Makes Kafka clients from one set of properties, each with those that it understands. */
final class KafkaClients {
    private static final String CLASS_PATH = "classpath:";
    private static final String CONNECT_MILLIS = "2000";
    private static final String RECONNECT_MILLIS = "1000";
    private static final String RECONNECT_MAX_MILLIS = "5000";

    private final Properties properties;

    KafkaClients(Properties properties) {
        this.properties = properties;
    }

    /**
     * Client properties of a node.
     *
     * @throws GridException INVALID_CONFIG where the file cannot be read
     */
    static Properties propertiesOf(NodeSettings settings) {
        String where = settings.kafkaProperties();
        Properties properties = new Properties();
        try (InputStream in = open(where)) {
            properties.load(in);
        } catch (IOException | IllegalArgumentException unreadable) {
            throw new GridException(
                    ErrorCode.INVALID_CONFIG,
                    "GRID_KAFKA_PROPERTIES: cannot read '" + where + "': " + unreadable.getMessage(),
                    unreadable);
        }
        if (!settings.kafkaBootstrap().isEmpty()) {
            properties.setProperty(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, settings.kafkaBootstrap());
        }
        if (properties.getProperty(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG) == null) {
            throw new GridException(
                    ErrorCode.INVALID_CONFIG, "GRID_KAFKA_PROPERTIES: '" + where + "' names no bootstrap.servers");
        }
        return properties;
    }

    private static InputStream open(String where) throws IOException {
        if (!where.startsWith(CLASS_PATH)) {
            return Files.newInputStream(Path.of(where));
        }
        String name = where.substring(CLASS_PATH.length());
        InputStream in = KafkaClients.class.getClassLoader().getResourceAsStream(name);
        if (in == null) {
            throw new IOException("no such file in the distribution");
        }
        return in;
    }

    /** {@code host:port} list of the brokers asked first. */
    String bootstrap() {
        return properties.getProperty(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, "");
    }

    /**
     * Fails at once where no broker accepts a connection: Kafka's own clients would log each of their attempts and wait for a
     * minute.
     *
     * @throws GridException NOT_READY
     */
    void requireReachable(Duration each) {
        List<InetSocketAddress> addresses;
        try {
            addresses = ClientUtils.parseAndValidateAddresses(
                    Arrays.asList(bootstrap().split(",")), "use_all_dns_ips");
        } catch (RuntimeException unusable) {
            throw new GridException(
                    ErrorCode.NOT_READY, "kafka at " + bootstrap() + ": " + unusable.getMessage(), unusable);
        }
        for (InetSocketAddress address : addresses) {
            try (Socket socket = new Socket()) {
                socket.connect(address, Math.toIntExact(each.toMillis()));
                return;
            } catch (IOException refused) {
                // the next one may answer
            }
        }
        throw new GridException(ErrorCode.NOT_READY, "kafka at " + bootstrap() + " does not accept connections");
    }

    /** A consumer of bytes that never commits by itself: what it cannot read would otherwise stop it for ever. */
    Consumer<byte[], byte[]> consumer() {
        return new KafkaConsumer<>(
                consumerProperties(properties), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    static Properties consumerProperties(Properties given) {
        Properties own = new Properties();
        own.putAll(given);
        own.putIfAbsent(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        own.putIfAbsent(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        own.putIfAbsent(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, "20000");
        own.putIfAbsent(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, "6000");
        own.putIfAbsent(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, "1500");
        own.putIfAbsent(ConsumerConfig.RECONNECT_BACKOFF_MS_CONFIG, RECONNECT_MILLIS);
        own.putIfAbsent(ConsumerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, RECONNECT_MAX_MILLIS);
        own.putIfAbsent(ConsumerConfig.SOCKET_CONNECTION_SETUP_TIMEOUT_MS_CONFIG, CONNECT_MILLIS);
        own.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        own.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
        own.keySet()
                .removeAll(Set.of(
                        ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG));
        own.keySet().retainAll(ConsumerConfig.configNames());
        return own;
    }

    /** A producer whose messages are acknowledged by all in-sync replicas, in order and once. */
    Producer<byte[], byte[]> producer(Duration delivery) {
        Properties own = new Properties();
        own.putAll(properties);
        own.put(ProducerConfig.ACKS_CONFIG, "all");
        own.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
        own.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, Long.toString(delivery.toMillis() / 2));
        own.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Long.toString(delivery.toMillis()));
        own.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, Long.toString(delivery.toMillis()));
        own.put(ProducerConfig.LINGER_MS_CONFIG, "0");
        own.putIfAbsent(ProducerConfig.RECONNECT_BACKOFF_MS_CONFIG, RECONNECT_MILLIS);
        own.putIfAbsent(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, RECONNECT_MAX_MILLIS);
        own.keySet()
                .removeAll(Set.of(
                        ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG));
        own.keySet().retainAll(ProducerConfig.configNames());
        return new KafkaProducer<>(own, new ByteArraySerializer(), new ByteArraySerializer());
    }

    Admin admin() {
        Map<String, Object> own = new HashMap<>();
        properties.forEach((key, value) -> {
            if (AdminClientConfig.configNames().contains(String.valueOf(key))) {
                own.put(String.valueOf(key), value);
            }
        });
        own.putIfAbsent(AdminClientConfig.SOCKET_CONNECTION_SETUP_TIMEOUT_MS_CONFIG, CONNECT_MILLIS);
        return Admin.create(own);
    }
}
