package io.glucogrid.node;

import io.glucogrid.grid.NodeSettings;
import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;

/** Which brokers a node's streams connect to, for the operator to read. */
final class KafkaAddress {
    private static final String CLASSPATH = "classpath:";

    private KafkaAddress() {}

    /** The bootstrap servers; a word on why they are not known where they are not. */
    static String of(NodeSettings settings) {
        if (!settings.streams()) {
            return "off (GRID_STREAMS=false)";
        }
        if (!settings.kafkaBootstrap().isEmpty()) {
            return settings.kafkaBootstrap();
        }
        String name = settings.kafkaProperties();
        Resource file = name.startsWith(CLASSPATH)
                ? new ClassPathResource(name.substring(CLASSPATH.length()))
                : new FileSystemResource(name);
        Properties properties = new Properties();
        try (InputStream in = file.getInputStream()) {
            properties.load(in);
        } catch (IOException unreadable) {
            return "unknown: " + name + " cannot be read";
        }
        return properties.getProperty("bootstrap.servers", "unknown: no bootstrap.servers in " + name);
    }
}
