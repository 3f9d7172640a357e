package io.glucogrid.stream;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.StreamControl;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.ignite.stream.kafka.KafkaStreamer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * Ignite's Kafka streamer, at least once.
 *
 * <p>It is configured like the one that it extends, by the same setters and so by the same XML: topics, threads, consumer
 * properties, poll timeout, tuple extractor and data streamer. Only the loop between {@link #start} and {@link #stop} is
 * another. The published loop hands records to the data streamer, forgets the futures and lets Kafka commit by the clock, so
 * that buffered records are lost when a node dies (6,290 of 100,000 in a measured {@code kill -9}); it swallows errors; and it
 * calls a method that Kafka 4 does not have. Here each thread runs a {@link StreamLoop} of {@link StreamStep}s: poll, apply,
 * flush, check every future, and only then commit. Auto-commit is off whatever the properties say. Records that the extractor
 * or the configured deserializers refuse go to {@code <topic>.dlq}, not to the log.
 *
 * <p>{@link #start} returns at once; while Kafka is away the streamer waits, retries, and says so in {@link #status}.
 */
public final class CommittingKafkaStreamer<K, V> extends KafkaStreamer<K, V> implements StreamControl {
    /** Longest that a batch may take to be safe; with forecast and commit below Kafka's {@code max.poll.interval.ms}. */
    static final Duration BATCH_DEADLINE = Duration.ofSeconds(60);

    private static final Duration DEFAULT_POLL = Duration.ofMillis(100);
    private static final Duration LONGEST_POLL = Duration.ofMillis(500);
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(200);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(3);

    /** What follows a batch that is safe. */
    private static final Duration AFTERWARDS = CgmForecast.PATIENCE.plus(StreamStep.COMMIT);

    private static final Duration STOP = Duration.ofSeconds(10);

    private final Function<CommittingKafkaStreamer<K, V>, StreamEdges> edges;
    private final String name;
    private final StreamFigures figures;
    private final Duration batchDeadline;
    private final List<Running> running = new ArrayList<>();
    private List<String> topics = List.of();
    private int threads = 1;
    private Properties consumerConfig = new Properties();
    private Duration poll = DEFAULT_POLL;
    private boolean stopped;

    /** A streamer for XML: everything else comes through setters. */
    public CommittingKafkaStreamer() {
        this("kafka-streamer", CommittingKafkaStreamer::configuredEdges, new StreamFigures(), BATCH_DEADLINE);
    }

    /** A streamer whose edges are not made from setters. */
    CommittingKafkaStreamer(
            String name,
            Function<CommittingKafkaStreamer<K, V>, StreamEdges> edges,
            StreamFigures figures,
            Duration batchDeadline) {
        this.name = name;
        this.edges = edges;
        this.figures = figures;
        this.batchDeadline = batchDeadline;
    }

    @Override
    public void setTopic(List<String> topics) {
        this.topics = List.copyOf(topics);
        super.setTopic(this.topics);
    }

    /** Number of consumers on this node; more than the topics' partitions are of no use. */
    @Override
    public void setThreads(int threads) {
        this.threads = threads;
        super.setThreads(threads);
    }

    @Override
    public void setConsumerConfig(Properties consumerConfig) {
        Properties own = new Properties();
        own.putAll(consumerConfig);
        this.consumerConfig = own;
        super.setConsumerConfig(own);
    }

    /** Milliseconds that one poll waits; bounded, because a stop waits for it too. */
    @Override
    public void setTimeout(long timeoutMillis) {
        Duration wanted = Duration.ofMillis(timeoutMillis);
        this.poll = wanted.compareTo(LONGEST_POLL) > 0 ? LONGEST_POLL : wanted;
        super.setTimeout(timeoutMillis);
    }

    /** Starts the consumers and returns at once. */
    @Override
    public void start() {
        if (topics.isEmpty() || threads < 1 || poll.isNegative()) {
            throw new GridException(
                    ErrorCode.INVALID_CONFIG, "the Kafka streamer needs a topic, a thread and a timeout from 0 on");
        }
        synchronized (running) {
            if (!running.isEmpty() || stopped) {
                throw new GridException(ErrorCode.CONFLICT, "the Kafka streamer was started before");
            }
            StreamEdges opened = edges.apply(this);
            for (int i = 0; i < threads; i++) {
                String consumer = threads == 1 ? name : name + "-" + i;
                StreamLoop loop = new StreamLoop(
                        consumer,
                        () -> open(opened),
                        new Backoff(FIRST_BACKOFF, LONGEST_BACKOFF, new SplittableRandom()),
                        poll);
                Thread thread = new Thread(loop, "stream-" + consumer);
                thread.setDaemon(true);
                thread.start();
                running.add(new Running(loop, thread));
            }
        }
    }

    /** Finishes the batches in hand, commits them and leaves the group. */
    @Override
    public void stop() {
        List<Running> ending;
        synchronized (running) {
            stopped = true;
            ending = List.copyOf(running);
        }
        ending.forEach(consumer -> consumer.loop().stop());
        ending.forEach(consumer -> join(consumer.thread())); // without the lock, which a status needs meanwhile
    }

    @Override
    public Map<String, Object> status() {
        StreamLoop.State state = StreamLoop.State.STOPPED;
        String reason = null;
        Map<String, Long> lag = new TreeMap<>();
        for (StreamLoop loop : loops()) {
            // The one that is worst off speaks for all.
            StreamLoop.State one = loop.state();
            if (state == StreamLoop.State.STOPPED || one == StreamLoop.State.WAITING) {
                state = one;
                reason = loop.reason();
            }
            lag.putAll(loop.lag());
        }
        return status(state, reason, lag, figures);
    }

    /** The form that {@link StreamControl#status} promises. */
    static Map<String, Object> status(
            StreamLoop.State state, @Nullable String reason, Map<String, Long> lag, StreamFigures figures) {
        Map<String, Object> status = new LinkedHashMap<>();
        status.put("state", state.name().toLowerCase(Locale.ROOT));
        if (reason != null) {
            status.put("reason", reason);
        }
        status.put("consumed", figures.consumed());
        status.put("applied", figures.applied());
        status.put("dead_letters", figures.deadLetters());
        status.put("suppressed", figures.suppressed());
        status.put("unpredicted", figures.unpredicted());
        status.put("lag", lag);
        status.put("p50_ms", figures.takenMillis(50));
        status.put("p99_ms", figures.takenMillis(99));
        return status;
    }

    /** Waits for the batch in hand; DEADLINE_EXCEEDED where it takes too long, and the pause comes after it all the same. */
    @Override
    public void pause(Hold hold) {
        Deadline deadline = Deadline.in(batchDeadline.plus(AFTERWARDS).plus(LONGEST_BACKOFF));
        for (StreamLoop loop : loops()) {
            if (!loop.pause(hold, deadline.remaining())) {
                throw new GridException(
                        ErrorCode.DEADLINE_EXCEEDED, "stream '" + name + "' is still busy with a batch");
            }
        }
    }

    @Override
    public void resume(Hold hold) {
        loops().forEach(loop -> loop.resume(hold));
    }

    private List<StreamLoop> loops() {
        synchronized (running) {
            return running.stream().map(Running::loop).toList();
        }
    }

    private StreamStep<?> open(StreamEdges opened) {
        opened.prepare();
        return step(opened.stage(), opened);
    }

    private <T> StreamStep<T> step(StreamStage<T> stage, StreamEdges opened) {
        try {
            return new StreamStep<>(
                    opened.source(), stage, opened.deadLetters(), figures, batchDeadline, System::nanoTime);
        } catch (RuntimeException failure) {
            stage.close();
            throw failure;
        }
    }

    private StreamEdges configuredEdges() {
        if (getStreamer() == null || (getSingleTupleExtractor() == null && getMultipleTupleExtractor() == null)) {
            throw new GridException(
                    ErrorCode.INVALID_CONFIG, "the Kafka streamer needs a data streamer and a tuple extractor");
        }
        return new KafkaEdges(
                name,
                new KafkaClients(consumerConfig),
                topics,
                this::extractorStage,
                clients -> new DeadLetterTopic(() -> clients.producer(batchDeadline.dividedBy(2))),
                Clock.systemUTC());
    }

    private ExtractorStage<K, V> extractorStage() {
        return new ExtractorStage<>(
                deserializer(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG),
                deserializer(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG),
                this::extracted,
                getStreamer());
    }

    @SuppressWarnings({"rawtypes", "unchecked"}) // the published class names its record type without arguments
    private Map<K, V> extracted(ConsumerRecord<Object, Object> record) {
        ConsumerRecord untyped = record;
        if (getMultipleTupleExtractor() != null) {
            Map<K, V> tuples = getMultipleTupleExtractor().extract(untyped);
            return tuples == null ? Map.of() : tuples;
        }
        Map.Entry<K, V> tuple = getSingleTupleExtractor().extract(untyped);
        return tuple == null ? Map.of() : Map.of(tuple.getKey(), tuple.getValue());
    }

    /** Bytes are deserialized here and not by the consumer, which a record that it cannot read would stop for ever. */
    private Deserializer<?> deserializer(String property) {
        Object configured = consumerConfig.get(property);
        if (configured == null) {
            return new ByteArrayDeserializer();
        }
        try {
            Class<?> type = configured instanceof Class<?> known
                    ? known
                    : Class.forName(configured.toString(), true, CommittingKafkaStreamer.class.getClassLoader());
            Deserializer<?> made =
                    type.asSubclass(Deserializer.class).getDeclaredConstructor().newInstance();
            Map<String, Object> configuration = new LinkedHashMap<>();
            consumerConfig.forEach((key, value) -> configuration.put(String.valueOf(key), value));
            made.configure(configuration, property.equals(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG));
            return made;
        } catch (ReflectiveOperationException | ClassCastException unusable) {
            throw new GridException(
                    ErrorCode.INVALID_CONFIG, property + " '" + configured + "' cannot be used", unusable);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join(STOP.toMillis());
            if (thread.isAlive()) {
                thread.interrupt();
                thread.join(STOP.toMillis());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private record Running(StreamLoop loop, Thread thread) {}
}
