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
import java.util.function.Supplier;

/** The demo's Kafka broker: a process of its own, started again on the same data where it dies. */
final class Broker {
    private static final int USUAL_PORT = 29092;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final int MOST_RESTARTS = 5;

    private final Supplier<Child> starter;
    private final int port;
    private final DemoOutput output;
    private volatile Child child;
    private boolean wasReady;
    private int restarts;

    private Broker(Supplier<Child> starter, int port, DemoOutput output, Child first) {
        this.starter = starter;
        this.port = port;
        this.output = output;
        this.child = first;
    }

    /** Starts the process; {@link #awaitReady} does the rest. */
    static Broker start(Launcher launcher, DemoOptions options, DemoOutput output) {
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
        Supplier<Child> starter = () ->
                Child.start(launcher, "kafka", verb, Map.of(), options.logs().resolve("kafka.log"));
        return new Broker(starter, port, output, starter.get());
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
        wasReady = true;
    }

    /** Starts a broker that has died again; NOT_READY where it never was ready, or died too often. */
    synchronized void checkAlive() {
        if (child.isAlive()) {
            return;
        }
        if (wasReady && restarts < MOST_RESTARTS) {
            restarts++;
            output.say(
                    "kafka (pid " + child.pid() + ") died with exit code " + child.exitCode() + ": starting it again");
            child = starter.get();
        } else {
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

    /** Ends the broker at once. */
    void kill() {
        child.kill();
    }

    void stop(Duration time) {
        child.stop(time);
    }
}
