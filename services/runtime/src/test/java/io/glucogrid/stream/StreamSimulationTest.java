package io.glucogrid.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.store.HistoryKey;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.window.NaiveWindows;
import io.glucogrid.window.RowSums;
import io.glucogrid.window.ViewWindows;
import io.glucogrid.window.WindowLayout;
import io.glucogrid.window.WindowViews;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * The step core against a naive model, with a failure possible at every arrow.
 *
 * <p>Two members share three partitions of late, duplicate and malformed readings. At each arrow (poll, dead letters, begin,
 * finish half-way and after, commit before and after) a draw decides whether the member dies there; at the commit it may also
 * turn out that the group has gone on without it. A member has up to three batches under way, and may settle them when the other
 * joins, or not. Members come back at the committed offsets. After every turn P1 is checked,
 * at the end P2 and P3, and the windowed features of every subject. The same is run with the real record source, on Kafka's mock
 * of a consumer. One seed makes one run: jqwik prints it, and the same seed is the same run.
 */
class StreamSimulationTest {
    private static final String TOPIC = CgmDefinitions.TOPIC;
    private static final int PARTITIONS = 3;
    private static final int SUBJECTS = 5;
    private static final long BASE_SECONDS = 1_738_601_222L;
    private static final FeatureView WINDOWS = WindowViews.view("windows", Duration.ofSeconds(7));
    private static final WindowLayout LAYOUT = WindowLayout.of(WINDOWS);
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.ofEpochSecond(BASE_SECONDS + 1_000));

    @Property(tries = 500)
    void whateverFailsNothingIsLostAndTheGreatestRowStays(@ForAll long seed) {
        run(new World(seed, Source::new));
    }

    @Property(tries = 200)
    void nothingIsLostWhereKafkasConsumerTakesPartitionsAway(@ForAll long seed) {
        run(new World(seed, MockedSource::new));
    }

    private static void run(World world) {
        List<Member> members = List.of(new Member(world), new Member(world));
        world.members = members;
        int turns = 0;
        while (!world.isDrained() || turns < 30) {
            // The last part runs without failures, so that it ends.
            world.calm = turns > 400;
            world.anyTurn();
            world.checkEverythingCommittedIsStored();
            assertThat(turns++).as("turns").isLessThan(2_000);
        }
        world.checkAgainstModel();
    }

    private static final class Crash extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** The broker, the stores, and the draw of what fails. */
    private static final class World {
        final SplittableRandom random;
        final Function<World, Joined> sources;
        final StreamPlan plan = StreamPlan.of(CgmDefinitions.standard(), TOPIC, EventLimits.DEFAULT, CLOCK);
        final List<List<ConsumerRecord<byte[], byte[]>>> log = new ArrayList<>();
        final Set<String> malformed = new HashSet<>();
        final long[] committed = new long[PARTITIONS];
        final Set<HistoryKey> tier = new HashSet<>();
        final Map<Object, FeatureRow> online = new HashMap<>();
        final Map<Object, FeatureRow> windowed = new HashMap<>();
        final Set<String> letters = new HashSet<>();
        List<Member> members = List.of();
        int generation;
        boolean calm;
        private int depth;
        private long nanos;

        World(long seed, Function<World, Joined> sources) {
            this.random = new SplittableRandom(seed);
            this.sources = sources;
            for (int partition = 0; partition < PARTITIONS; partition++) {
                log.add(new ArrayList<>());
            }
            int readings = random.nextInt(120);
            for (int i = 0; i < readings; i++) {
                int subject = random.nextInt(SUBJECTS);
                int partition = subject % PARTITIONS;
                long offset = log.get(partition).size();
                String json = random.nextInt(10) == 0 ? malformed(partition, offset) : reading(subject);
                log.get(partition)
                        .add(new ConsumerRecord<>(
                                TOPIC, partition, offset, null, json.getBytes(StandardCharsets.UTF_8)));
            }
        }

        private String reading(int subject) {
            long event = BASE_SECONDS + random.nextInt(20);
            long created = event + random.nextInt(4);
            // The value follows from the key and both times: rows of equal times are duplicates, not rivals.
            return "{\"event_timestamp\":" + event + ",\"subject_id\":" + subject + ",\"glucose\":"
                    + (100 + (event * 31 + created * 7) % 100) + ",\"created\":" + created + "}";
        }

        private String malformed(int partition, long offset) {
            malformed.add(id(partition, offset));
            return List.of("", "{", "{\"subject_id\":1}", "null", "{\"glucose\":NaN}")
                    .get(random.nextInt(5));
        }

        void anyTurn() {
            depth++;
            members.get(random.nextInt(members.size())).turn();
            depth--;
        }

        /** At an arrow: the member may die, or be so slow that the group goes on without it meanwhile. */
        void arrow() {
            if (calm) {
                return;
            }
            int draw = random.nextInt(40);
            if (draw == 0) {
                throw new Crash();
            }
            if (draw == 1 && depth < 3) {
                anyTurn();
            }
        }

        /** Some commits are due, others wait. */
        long stopwatch() {
            nanos += random.nextLong(10_000_000);
            return nanos;
        }

        boolean isDrained() {
            for (int partition = 0; partition < PARTITIONS; partition++) {
                if (committed[partition] < log.get(partition).size()) {
                    return false;
                }
            }
            return true;
        }

        /** P1. */
        void checkEverythingCommittedIsStored() {
            for (int partition = 0; partition < PARTITIONS; partition++) {
                for (ConsumerRecord<byte[], byte[]> record :
                        log.get(partition).subList(0, (int) committed[partition])) {
                    String id = id(partition, record.offset());
                    if (malformed.contains(id)) {
                        assertThat(letters).contains(id);
                    } else {
                        HistoryRow row = parsed(record);
                        assertThat(tier).contains(key(row));
                        FeatureRow current = online.get(row.joinKeys()[0]);
                        assertThat(current).isNotNull();
                        assertThat(current.equals(row.row()) || current.replaces(row.row()))
                                .isTrue();
                    }
                }
            }
        }

        /** P2 and P3: exactly what one clean pass in any order gives. */
        void checkAgainstModel() {
            Map<Object, FeatureRow> greatest = new HashMap<>();
            Set<HistoryKey> keys = new HashSet<>();
            for (List<ConsumerRecord<byte[], byte[]>> partition : log) {
                for (ConsumerRecord<byte[], byte[]> record : partition) {
                    if (!malformed.contains(id(record.partition(), record.offset()))) {
                        HistoryRow row = parsed(record);
                        keys.add(key(row));
                        greatest.merge(row.joinKeys()[0], row.row(), (a, b) -> b.replaces(a) ? b : a);
                    }
                }
            }
            checkWindows();
            assertThat(tier).isEqualTo(keys);
            assertThat(online).isEqualTo(greatest);
            assertThat(letters).isEqualTo(malformed);
        }

        private void checkWindows() {
            Map<Object, NaiveWindows> naive = new HashMap<>();
            for (List<ConsumerRecord<byte[], byte[]>> partition : log) {
                for (ConsumerRecord<byte[], byte[]> record : partition) {
                    if (!malformed.contains(id(record.partition(), record.offset()))) {
                        HistoryRow row = parsed(record);
                        naive.computeIfAbsent(row.joinKeys()[0], first -> new NaiveWindows())
                                .add(row.row());
                    }
                }
            }
            assertThat(windowed.keySet()).isEqualTo(naive.keySet());
            ViewWindows windows = ViewWindows.of(WINDOWS);
            naive.forEach((subject, readings) -> {
                FeatureRow served = windows.online(windowed.get(subject));
                assertThat(served.eventMicros()).isEqualTo(readings.latestEvent());
                Map<String, Object> expected = new HashMap<>();
                WINDOWS.aggregations().forEach(wanted -> readings.evaluate(wanted, readings.latestEvent(), expected));
                for (int i = 0; i < windows.outputs().size(); i++) {
                    String name = windows.outputs().get(i).name();
                    Object value = served.value(WINDOWS.features().size() + i);
                    if (expected.get(name) instanceof Double real) {
                        assertThat((Double) value).as(name).isCloseTo(real, within(1e-6));
                    } else {
                        assertThat(value).as(name).isEqualTo(expected.get(name));
                    }
                }
            });
        }

        HistoryRow parsed(ConsumerRecord<byte[], byte[]> record) {
            try {
                return plan.parse(record);
            } catch (BadRecordException unexpected) {
                throw new AssertionError(unexpected);
            }
        }

        static HistoryKey key(HistoryRow row) {
            return new HistoryKey(row.joinKeys(), row.row().eventMicros());
        }

        static String id(int partition, long offset) {
            return partition + "@" + offset;
        }
    }

    /** A process that dies and comes back: everything but the world is made anew. */
    private static final class Member {
        private final World world;
        private StreamStep<HistoryRow> step;
        private Joined source;
        private boolean busy;

        Member(World world) {
            this.world = world;
        }

        void turn() {
            if (busy) {
                return;
            }
            busy = true;
            try {
                freeTurn();
            } finally {
                busy = false;
            }
        }

        private void freeTurn() {
            if (step == null) {
                source = world.sources.apply(world);
                step = new StreamStep<>(
                        source,
                        new Stage(world),
                        new Letters(world),
                        new StreamFigures(),
                        Duration.ofMinutes(1),
                        world::stopwatch);
            }
            orDie(() -> step.run(Duration.ZERO));
        }

        /** Others want its partitions: what it has in hand is settled while the group still knows it. */
        void revoke() {
            if (!busy && step != null) {
                busy = true;
                try {
                    orDie(() -> source.giveUp(step::settle));
                } finally {
                    busy = false;
                }
            }
        }

        private void orDie(Runnable work) {
            try {
                work.run();
            } catch (Crash crash) {
                step.close();
                step = null;
            }
        }
    }

    /** Joins at poll, like Kafka's consumer: a new generation starts at the committed offsets. */
    private abstract static class Joined implements RecordSource {
        final World world;
        private int generation = -1;

        Joined(World world) {
            this.world = world;
        }

        /** Starts at the committed offsets. */
        abstract void begin();

        abstract ConsumerRecords<byte[], byte[]> records(Duration wait, Runnable settle);

        abstract void store(Map<TopicPartition, OffsetAndMetadata> offsets, Duration deadline);

        /** Gives the partitions up, for another wants them. */
        abstract void giveUp(Runnable settle);

        final boolean isMember() {
            return generation == world.generation;
        }

        private void join() {
            if (world.random.nextBoolean()) {
                world.members.forEach(Member::revoke);
            }
            generation = ++world.generation;
            begin();
        }

        @Override
        public final ConsumerRecords<byte[], byte[]> poll(Duration wait, Runnable settle) {
            world.arrow();
            if (!isMember()) {
                join();
            }
            return records(wait, settle);
        }

        @Override
        public final void commit(Map<TopicPartition, OffsetAndMetadata> offsets, Duration deadline) {
            world.arrow();
            if (!isMember()) {
                // Taken for dead while it applied: the other member has these partitions now.
                throw new Crash();
            }
            store(offsets, deadline);
            world.arrow();
        }

        @Override
        public final Map<String, Long> lag() {
            return Map.of();
        }
    }

    /** A log with positions in it. */
    private static final class Source extends Joined {
        private final long[] position = new long[PARTITIONS];

        Source(World world) {
            super(world);
        }

        @Override
        void begin() {
            System.arraycopy(world.committed, 0, position, 0, PARTITIONS);
        }

        @Override
        ConsumerRecords<byte[], byte[]> records(Duration wait, Runnable settle) {
            Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> polled = new LinkedHashMap<>();
            Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>();
            for (int partition = 0; partition < PARTITIONS; partition++) {
                List<ConsumerRecord<byte[], byte[]>> log = world.log.get(partition);
                int from = (int) position[partition];
                int to = Math.min(log.size(), from + world.random.nextInt(12));
                if (to > from) {
                    TopicPartition name = new TopicPartition(TOPIC, partition);
                    polled.put(name, log.subList(from, to));
                    next.put(name, new OffsetAndMetadata(to));
                    position[partition] = to;
                }
            }
            return new ConsumerRecords<>(polled, next);
        }

        @Override
        void store(Map<TopicPartition, OffsetAndMetadata> offsets, Duration deadline) {
            offsets.forEach((partition, offset) -> world.committed[partition.partition()] = offset.offset());
        }

        @Override
        void giveUp(Runnable settle) {
            settle.run();
        }

        @Override
        public void close() {
            // leaves without a commit
        }
    }

    /** The real source: each time that it joins it has a consumer of its own, which ends where the group goes on without it. */
    private static final class MockedSource extends Joined {
        private MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
        private KafkaRecordSource source = KafkaRecordSource.subscribe(consumer, "simulation", List.of(TOPIC), CLOCK);

        MockedSource(World world) {
            super(world);
        }

        @Override
        void begin() {
            source.close();
            consumer = new MockConsumer<>("earliest");
            source = KafkaRecordSource.subscribe(consumer, "simulation", List.of(TOPIC), CLOCK);
            Map<TopicPartition, Long> starts = new HashMap<>();
            for (int partition = 0; partition < PARTITIONS; partition++) {
                starts.put(new TopicPartition(TOPIC, partition), world.committed[partition]);
            }
            consumer.updateBeginningOffsets(starts);
            consumer.rebalance(starts.keySet());
            starts.forEach((partition, start) -> {
                List<ConsumerRecord<byte[], byte[]>> log = world.log.get(partition.partition());
                log.subList(start.intValue(), log.size()).forEach(consumer::addRecord);
            });
        }

        @Override
        ConsumerRecords<byte[], byte[]> records(Duration wait, Runnable settle) {
            consumer.setMaxPollRecords(1 + world.random.nextInt(30));
            return source.poll(wait, settle);
        }

        @Override
        void store(Map<TopicPartition, OffsetAndMetadata> offsets, Duration deadline) {
            source.commit(offsets, deadline);
            consumer.committed(offsets.keySet())
                    .forEach((partition, offset) -> world.committed[partition.partition()] = offset.offset());
        }

        /** The listener settles: what it was told at the last poll, and not what the simulation knows. */
        @Override
        void giveUp(Runnable settle) {
            if (isMember()) {
                consumer.rebalance(List.of());
            }
        }

        @Override
        public void close() {
            source.close();
        }
    }

    private static final class Stage implements StreamStage<HistoryRow> {
        private final World world;
        private final int ahead;

        Stage(World world) {
            this.world = world;
            this.ahead = world.random.nextInt(4);
        }

        @Override
        public boolean isCurrent() {
            return true;
        }

        @Override
        public HistoryRow parse(ConsumerRecord<byte[], byte[]> record) throws BadRecordException {
            return world.plan.parse(record);
        }

        @Override
        public UnderWay begin(List<HistoryRow> batch, long startedNanos, Deadline deadline) {
            for (HistoryRow row : batch) {
                world.arrow();
                world.tier.add(World.key(row));
            }
            return () -> {
                for (HistoryRow row : batch) {
                    world.arrow();
                    world.online.merge(row.joinKeys()[0], row.row(), (a, b) -> b.replaces(a) ? b : a);
                }
                RowSums sums = new RowSums(LAYOUT);
                batch.forEach(row -> sums.add(row.joinKeys()[0], row.row()));
                sums.rows().forEach((subject, sum) -> {
                    world.arrow();
                    world.windowed.compute(subject, (same, current) -> LAYOUT.join(current, sum));
                });
                world.arrow();
            };
        }

        @Override
        public int ahead() {
            return ahead;
        }

        @Override
        public void close() {
            // nothing is open
        }
    }

    /** Writes a letter only when flushed, and perhaps only some of them. */
    private static final class Letters implements DeadLetters {
        private final World world;
        private final List<String> pending = new ArrayList<>();

        Letters(World world) {
            this.world = world;
        }

        @Override
        public void add(ConsumerRecord<byte[], byte[]> record, BadRecordException why) {
            pending.add(World.id(record.partition(), record.offset()));
        }

        @Override
        public void flush(Deadline deadline) {
            for (String letter : pending) {
                world.arrow();
                world.letters.add(letter);
            }
            pending.clear();
            world.arrow();
        }

        @Override
        public void close() {
            // nothing is open
        }
    }
}
