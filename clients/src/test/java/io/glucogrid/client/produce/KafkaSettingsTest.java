package io.glucogrid.client.produce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaSettingsTest {
    @TempDir
    private Path folder;

    @Test
    void withoutAnythingTheLocalBrokerIsMeant() {
        assertThat(KafkaSettings.of(null, null).bootstrap()).isEqualTo("localhost:29092");
    }

    @Test
    void aNamedBrokerOverridesThatOfTheFile() throws IOException {
        Path file = folder.resolve("kafka.properties");
        Files.writeString(file, "bootstrap.servers=elsewhere:9092\nsecurity.protocol=SASL_SSL\nacks=1\n");

        assertThat(KafkaSettings.of(null, file).bootstrap()).isEqualTo("elsewhere:9092");
        assertThat(KafkaSettings.of("here:1", file).bootstrap()).isEqualTo("here:1");
        assertThat(KafkaSettings.of(null, file).admin()).containsEntry("security.protocol", "SASL_SSL");
    }

    @Test
    void noFileCanWeakenWhatTheProducerPromises() throws IOException {
        Path file = folder.resolve("kafka.properties");
        Files.writeString(file, "acks=1\nenable.idempotence=false\n");

        assertThat(KafkaSettings.of(null, file).producer())
                .containsEntry("acks", "all")
                .containsEntry("enable.idempotence", true);
    }

    @Test
    void aMissingFileIsNamed() {
        assertThatThrownBy(() -> KafkaSettings.of(null, folder.resolve("none"))).hasMessageContaining("none");
    }
}
