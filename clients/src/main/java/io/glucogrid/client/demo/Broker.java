package io.glucogrid.client.demo;

import io.glucogrid.client.process.Child;
import io.glucogrid.client.process.Launcher;
import io.glucogrid.client.process.Ports;
import io.glucogrid.client.process.StopSignal;
import io.glucogrid.client.produce.KafkaSettings;
import io.glucogrid.client.produce.Topics;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The demo's Kafka broker: a process of its own. */
final class Broker {
    private static final int USUAL_PORT = 29092;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Child child;
    private final int port;

    private Broker(Child child, int port) {
        this.child = child;
        this.port = port;
    }

    /** Starts the process; {@link #awaitReady} does the rest. */
    static Broker start(Launcher launcher, DemoOptions options) {
        int port = options.kafkaPort() == 0 ? Ports.from(USUAL_PORT) : options.kafkaPort();
        if (!Ports.isFree(port)) {
            throw new GridException(
                    ErrorCode.CONFLICT,
                    "port " + port + " is taken; choose another with --kafka-port, or leave it out");
        }
        List<String> verb = List.of(
                "kafka",
                "--port",
                Integer.toString(port),
                "--data",
                options.workDir().resolve("kafka").toString(),
                "--partitions",
                Integer.toString(DemoOptions.PARTITIONS));
        return new Broker(
                Child.start(launcher, "kafka", verb, Map.of(), options.logs().resolve("kafka.log")), port);
    }

    /** Waits until the broker answers, and makes sure of the topic. */
    void awaitReady(StopSignal stop) {
        stop.until(
                () -> {
                    checkAlive();
                    return child.line("kafka ready on") != null;
                },
                PATIENCE,
                () -> new GridException(
                        ErrorCode.NOT_READY,
                        "the broker was not ready after " + PATIENCE.toSeconds() + " s; the end of " + child.log()
                                + ":\n" + child.tail(25)));
        try (Topics topics = topics()) {
            topics.ensure(DemoOptions.TOPIC, DemoOptions.PARTITIONS);
        }
    }

    /** A broker that has died is not started again: what it had not flushed is nobody's to promise. */
    void checkAlive() {
        if (!child.isAlive()) {
            throw new GridException(
                    ErrorCode.NOT_READY,
                    "the broker died (exit code " + child.exitCode() + "); the end of " + child.log() + ":\n"
                            + child.tail(25));
        }
    }

    String bootstrap() {
        return "localhost:" + port;
    }

    KafkaSettings settings() {
        return KafkaSettings.of(bootstrap(), null);
    }

    Topics topics() {
        return Topics.of(settings(), Duration.ofSeconds(20));
    }

    long pid() {
        return child.pid();
    }

    void stop(Duration time) {
        child.stop(time);
    }
}
