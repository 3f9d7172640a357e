package io.glucogrid.node;

import io.glucogrid.cli.Verb;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Runs a Kafka broker in a process of its own, because its libraries and a node's cannot share a class path. Output passes
 * through, a stop of this process stops the broker, and the broker's exit code is this one's.
 */
@Command(name = "kafka", header = "Start a local Kafka broker; any other broker works as well.")
final class KafkaVerb implements Verb {
    private static final String MAIN = "io.glucogrid.broker.Broker";
    private static final long STOP_SECONDS = 20;

    @Option(
            names = "--host",
            paramLabel = "HOST",
            defaultValue = "127.0.0.1",
            description = "Name or address to bind to and to tell clients; the broker knows no passwords."
                    + " Default: ${DEFAULT-VALUE}.")
    private String host = "127.0.0.1";

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "29092",
            description = "Port of clients. Default: ${DEFAULT-VALUE}.")
    private int port = 29092;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Directory of the broker's data. Default: kafka in GRID_WORK_DIR.")
    private @Nullable Path data;

    @Option(
            names = "--topic",
            paramLabel = "NAME",
            defaultValue = "${env:GRID_TOPIC:-cgm_readings}",
            description = "Topic to create beside its dead-letter topic. Default: ${DEFAULT-VALUE}.")
    private String topic = "cgm_readings";

    @Option(
            names = "--partitions",
            paramLabel = "N",
            defaultValue = "6",
            description = "Partitions of the topic where it is created. Default: ${DEFAULT-VALUE}.")
    private int partitions = 6;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Process broker = new ProcessBuilder(command()).inheritIO().start();
        Thread stop = new Thread(() -> stop(broker), "stop-broker");
        Runtime.getRuntime().addShutdownHook(stop);
        return broker.waitFor();
    }

    private List<String> command() {
        Path workDir = Path.of(System.getenv().getOrDefault(Setting.WORK_DIR.key(), ".glucogrid"));
        Path directory = data == null ? workDir.resolve("kafka") : data;
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xms96m", "-Xmx256m", "-XX:+UseSerialGC", "-Djava.net.preferIPv4Stack=true"));
        command.addAll(List.of("-cp", Distribution.broker().resolve("*").toString(), MAIN));
        command.addAll(List.of("--host", host));
        command.addAll(List.of("--port", Integer.toString(port)));
        command.addAll(List.of("--data", directory.toAbsolutePath().toString()));
        command.addAll(List.of("--topic", topic));
        command.addAll(List.of("--partitions", Integer.toString(partitions)));
        return command;
    }

    private static void stop(Process broker) {
        broker.destroy();
        try {
            if (!broker.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                broker.destroyForcibly();
            }
        } catch (InterruptedException interrupted) {
            broker.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
