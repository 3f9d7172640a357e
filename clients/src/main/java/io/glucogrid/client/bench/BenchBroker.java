package io.glucogrid.client.bench;

import io.glucogrid.client.process.Child;
import io.glucogrid.client.process.Launcher;
import io.glucogrid.client.process.Ports;
import io.glucogrid.client.produce.KafkaSettings;
import io.glucogrid.client.produce.Topics;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A broker of the benchmark's own, with the topic of readings. */
final class BenchBroker implements AutoCloseable {
    static final String TOPIC = "cgm_readings";
    static final int PARTITIONS = 8;

    private static final Duration STOP = Duration.ofSeconds(20);
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final Child child;
    private final KafkaSettings settings;

    private BenchBroker(Child child, KafkaSettings settings) {
        this.child = child;
        this.settings = settings;
    }

    /** Starts the broker and waits until its topic answers. */
    static BenchBroker start(Launcher launcher, Path workDir) {
        int port = Ports.any();
        Child child = Child.start(
                        launcher,
                        "kafka",
                        List.of(
                                "kafka",
                                "--port",
                                Integer.toString(port),
                                "--data",
                                workDir.resolve("kafka").toString(),
                                "--topic",
                                TOPIC,
                                "--partitions",
                                Integer.toString(PARTITIONS)),
                        Map.of(),
                        workDir.resolve("kafka.log"))
                .endingWithUs();
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (child.line("kafka ready on") == null) {
            if (!child.isAlive() || System.nanoTime() > end) {
                String tail = child.tail(25);
                child.stop(STOP);
                throw new GridException(ErrorCode.NOT_READY, "the broker did not start:\n" + tail);
            }
            BenchNode.pause(Duration.ofMillis(50));
        }
        return new BenchBroker(child, KafkaSettings.of("localhost:" + port, null));
    }

    KafkaSettings settings() {
        return settings;
    }

    Topics topics() {
        return Topics.of(settings, Duration.ofSeconds(20));
    }

    @Override
    public void close() {
        child.stop(STOP);
    }
}
