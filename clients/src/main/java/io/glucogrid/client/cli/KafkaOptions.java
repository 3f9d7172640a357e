package io.glucogrid.client.cli;

import io.glucogrid.client.produce.KafkaSettings;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a verb reaches the broker: the options of every verb that talks to Kafka itself. */
final class KafkaOptions {
    @Option(
            names = "--bootstrap",
            paramLabel = "HOST:PORT",
            description = "Kafka broker. Default: that of the properties file, else " + KafkaSettings.LOCAL)
    private @Nullable String bootstrap;

    @Option(names = "--kafka-properties", paramLabel = "FILE", description = "Kafka client properties")
    private @Nullable Path properties;

    KafkaSettings settings() {
        return KafkaSettings.of(bootstrap, properties);
    }
}
