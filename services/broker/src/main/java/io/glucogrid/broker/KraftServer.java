package io.glucogrid.broker;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/** Broker and controller in one, the controller on the loopback interface only; formats its directory at first use. */
final class KraftServer implements AutoCloseable {
    private static final String HOST = BrokerOptions.LOOPBACK;
    private static final String NODE_ID = "1";

    private final KafkaRaftServer server;

    private KraftServer(KafkaRaftServer server) {
        this.server = server;
    }

    /**
     * Starts and returns when the broker accepts requests.
     *
     * @param host name or address of clients' connections
     * @param port port of clients
     * @param controllerPort port that broker and controller talk over
     * @throws IOException where the directory cannot be made or written
     */
    static KraftServer start(Path data, String host, int port, int controllerPort) throws IOException {
        Files.createDirectories(data);
        format(data);
        KafkaConfig config = new KafkaConfig(properties(data, host, port, controllerPort), false);
        KafkaRaftServer server = new KafkaRaftServer(config, Time.SYSTEM);
        server.startup();
        return new KraftServer(server);
    }

    /** Stops accepting, flushes the log, and returns when everything is down. */
    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
    }

    /** Returns when the broker has stopped, for whatever reason. */
    void awaitShutdown() {
        server.awaitShutdown();
    }

    private static void format(Path data) throws IOException {
        if (Files.exists(data.resolve("meta.properties"))) {
            return;
        }
        try {
            new Formatter()
                    .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
                    .setNodeId(Integer.parseInt(NODE_ID))
                    .setClusterId(Uuid.randomUuid().toString())
                    .setControllerListenerName("CONTROLLER")
                    .setMetadataLogDirectory(data.toString())
                    .addDirectory(data.toString())
                    .setReleaseVersion(MetadataVersion.latestProduction())
                    .run();
        } catch (Exception failure) {
            throw new IOException("cannot format " + data, failure);
        }
    }

    private static Properties properties(Path data, String host, int port, int controllerPort) {
        Properties properties = new Properties();
        properties.setProperty("process.roles", "broker,controller");
        properties.setProperty("node.id", NODE_ID);
        properties.setProperty(
                "listeners", "PLAINTEXT://" + host + ":" + port + ",CONTROLLER://" + HOST + ":" + controllerPort);
        properties.setProperty("advertised.listeners", "PLAINTEXT://" + host + ":" + port);
        properties.setProperty("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        properties.setProperty("controller.listener.names", "CONTROLLER");
        properties.setProperty("controller.quorum.voters", NODE_ID + "@" + HOST + ":" + controllerPort);
        properties.setProperty("log.dirs", data.toString());
        // The first batch sent to a topic that is just being auto-created can be lost (KAFKA-15591).
        properties.setProperty("auto.create.topics.enable", "false");
        properties.setProperty("offsets.topic.replication.factor", "1");
        properties.setProperty("offsets.topic.num.partitions", "1");
        properties.setProperty("transaction.state.log.replication.factor", "1");
        properties.setProperty("transaction.state.log.min.isr", "1");
        properties.setProperty("share.coordinator.state.topic.replication.factor", "1");
        properties.setProperty("share.coordinator.state.topic.min.isr", "1");
        properties.setProperty("group.initial.rebalance.delay.ms", "0");
        properties.setProperty("log.cleaner.dedupe.buffer.size", "2097152");
        properties.setProperty("num.network.threads", "2");
        properties.setProperty("num.io.threads", "4");
        return properties;
    }
}
