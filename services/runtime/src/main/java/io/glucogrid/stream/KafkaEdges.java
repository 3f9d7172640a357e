package io.glucogrid.stream;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;

/** The edges of a stream from real Kafka topics. */
final class KafkaEdges implements StreamEdges {
    private static final Duration CONNECT = Duration.ofSeconds(2);
    private static final Duration ANSWER = Duration.ofSeconds(15);

    private final String name;
    private final KafkaClients clients;
    private final List<String> topics;
    private final Supplier<? extends StreamStage<?>> stages;
    private final Function<KafkaClients, DeadLetters> letters;
    private final InstantSource clock;

    KafkaEdges(
            String name,
            KafkaClients clients,
            List<String> topics,
            Supplier<? extends StreamStage<?>> stages,
            Function<KafkaClients, DeadLetters> letters,
            InstantSource clock) {
        this.name = name;
        this.clients = clients;
        this.topics = topics;
        this.stages = stages;
        this.letters = letters;
        this.clock = clock;
    }

    @Override
    public void prepare() {
        clients.requireReachable(CONNECT);
        try (Admin admin = clients.admin()) {
            new Topics(admin).ensure(topics, Deadline.in(ANSWER));
        }
    }

    @Override
    public StreamStage<?> stage() {
        return stages.get();
    }

    @Override
    public RecordSource source() {
        return KafkaRecordSource.subscribe(clients.consumer(), name, topics, clock);
    }

    @Override
    public DeadLetters deadLetters() {
        return letters.apply(clients);
    }
}
