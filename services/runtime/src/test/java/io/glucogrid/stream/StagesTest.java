package io.glucogrid.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.glucogrid.cgm.Reading;
import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.grid.LocalService;
import io.glucogrid.model.Forecasts;
import io.glucogrid.model.LinearModel;
import io.glucogrid.online.HotHistory;
import io.glucogrid.online.TestGrid;
import io.glucogrid.store.ForgottenEntity;
import io.glucogrid.store.HistoryKey;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.StreamControl;
import io.glucogrid.store.Suppressions;
import io.glucogrid.store.TableSchema;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.IgniteDataStreamer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.LongDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StagesTest {
    private static final long EVENT = 1_738_601_222_000_000L;
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.ofEpochSecond(1_738_700_000));
    private static final Definitions DEFINITIONS = CgmDefinitions.standard();
    private static final StreamPlan PLAN = StreamPlan.of(DEFINITIONS, CgmDefinitions.TOPIC, EventLimits.DEFAULT, CLOCK);
    private static TestGrid grid;
    private static Ignite node;
    private static Ignite quietNode;

    @TempDir
    static Path work;

    private final FakeServices.Tier tier = new FakeServices.Tier();
    private final FakeServices.Models models = new FakeServices.Models();
    private final FakeServices.Live live = new FakeServices.Live();
    private final StreamFigures figures = new StreamFigures();
    private FakeServices.Features features;

    @BeforeAll
    static void startNodes() throws Exception {
        Path kafka = Files.writeString(work.resolve("kafka.properties"), "bootstrap.servers=127.0.0.1:1\n");
        grid = new TestGrid(work);
        node = grid.node(
                settings(kafka, "true"), TestGrid.service(Forecasts.NAME, new FakeServices.LearningForecasts()));
        quietNode = grid.node(settings(kafka, "false"));
        Caches.start(node, Caches.online(CgmDefinitions.fresh()));
        Caches.start(node, Caches.history(PLAN.table()));
        await().until(() -> states().isReady());
    }

    @AfterAll
    static void stopNodes() {
        grid.close();
    }

    @BeforeEach
    void makeFeatures() {
        features = new FakeServices.Features(node, tier);
        Caches.online(CgmDefinitions.fresh()).in(node).clear();
        Caches.history(PLAN.table()).in(node).clear();
    }

    @Test
    void theOnlinePathStoresReadsBackPredictsAndTells() {
        try (OnlineStage stage =
                OnlineStage.open(node, features, PLAN, forecast("online", new OnlineLookup(features)))) {
            stage.begin(
                            List.of(
                                    reading(163669001, EVENT, 104),
                                    reading(2, EVENT, 90),
                                    reading(2, EVENT - 1_000_000, 95)),
                            System.nanoTime(),
                            deadline())
                    .finish();
        }

        assertThat(Caches.online(CgmDefinitions.fresh()).in(node).get(2L))
                .isEqualTo(new FeatureRow(EVENT, EVENT, new Object[] {90L, EVENT}));
        assertThat(live.events).hasSize(3);
        assertThat(live.events.get(0).expected()).isCloseTo(104.7388606470258, within(1e-9));
        assertThat(live.events.get(0).model()).isEqualTo("v1@1");
        assertThat(live.events).extracting(event -> event.n()).containsExactly(1L, 2L, 3L);
        assertThat(figures.takenMillis(99)).isPositive();
    }

    @Test
    void statesLearnNothingThatTheOnlineStoreHasRefused() {
        FakeServices.LearningForecasts states = states().get();
        List<HistoryRow> batch = List.of(reading(77, EVENT, 104));
        try (OnlineStage stage = OnlineStage.open(node, features, PLAN, null)) {
            restartOnlineCache(true);
            try {
                assertThatThrownBy(() -> stage.begin(batch, System.nanoTime(), deadline()))
                        .isInstanceOfSatisfying(GridException.class, failure -> assertThat(failure.code())
                                .isEqualTo(ErrorCode.NOT_READY));
            } finally {
                restartOnlineCache(false);
            }
            assertThat(states.learnt).noneMatch(reading -> reading.subjectId() == 77);

            stage.begin(batch, System.nanoTime(), deadline()).finish();

            assertThat(states.learnt).contains(new Reading(77, 104, EVENT, EVENT));
        }
    }

    @Test
    void theOfflinePathIsDurableBeforeItPredictsAsOfTheReading() {
        OfflineStage stage = offline();
        HistoryKey key = new HistoryKey(new Object[] {163669001L}, EVENT);
        Caches.history(PLAN.table()).in(node).put(key, new FeatureRow(EVENT, 1, new Object[] {99L}));

        stage.begin(List.of(reading(163669001, EVENT, 104)), System.nanoTime(), deadline())
                .finish();

        assertThat(tier.rows).hasSize(1);
        assertThat(Caches.history(PLAN.table()).in(node).get(key))
                .isEqualTo(new FeatureRow(EVENT, EVENT, new Object[] {104L}));
        assertThat(live.events.get(0).expected()).isCloseTo(104.7388606470258, within(1e-9));
    }

    @Test
    void readingsOfAForgottenSubjectArePassedOverAndCounted() {
        tier.suppressions = Suppressions.of(1, List.of(new ForgottenEntity(Map.of("subject_id", "2"), EVENT)));
        try (SuppressingStage stage = new SuppressingStage(offline(), () -> tier, PLAN.table())) {
            stage.begin(
                            List.of(reading(1, EVENT, 104), reading(2, EVENT, 90), reading(2, EVENT + 1, 90)),
                            System.nanoTime(),
                            deadline())
                    .finish();
            assertThat(tier.rows).hasSize(1);
            assertThat(stage.suppressed()).isEqualTo(2);
            figures.committed(3, 1);
            figures.suppressed(stage.suppressed());

            stage.begin(List.of(reading(2, EVENT, 90)), System.nanoTime(), deadline())
                    .finish();
            assertThat(tier.rows).hasSize(1);
            tier.suppressions = Suppressions.none();
            stage.begin(List.of(reading(2, EVENT, 90)), System.nanoTime(), deadline())
                    .finish();
            assertThat(tier.rows).hasSize(2);
            assertThat(stage.suppressed()).isZero();
        }

        assertThat(figures.applied()).isEqualTo(1);
        assertThat(figures.suppressed()).isEqualTo(2);
        assertThat(figures.consumed()).isEqualTo(4);
    }

    @Test
    void whatIsNotDurableIsNotToldAndFails() {
        tier.refuses = true;

        assertThatThrownBy(() -> offline()
                        .begin(List.of(reading(1, EVENT, 104)), System.nanoTime(), deadline())
                        .finish())
                .isInstanceOfSatisfying(GridException.class, failure -> assertThat(failure.code())
                        .isEqualTo(ErrorCode.STORAGE_UNAVAILABLE));
        assertThat(live.events).isEmpty();
        assertThat(Caches.history(PLAN.table()).in(node).size()).isZero();
    }

    @Test
    void aHotWindowThatCannotBeWrittenLosesNothing() {
        TableSchema elsewhere = new TableSchema(
                "not-started",
                PLAN.table().joinKeys(),
                PLAN.table().eventTime(),
                PLAN.table().created(),
                PLAN.table().values());
        assertThatThrownBy(() ->
                        new HotHistory(node).update(elsewhere, List.of(reading(1, EVENT, 1)), Duration.ofSeconds(1)))
                .isInstanceOf(GridException.class);
        Caches.history(PLAN.table()).in(node).destroy();
        try {
            offline()
                    .begin(List.of(reading(1, EVENT, 104)), System.nanoTime(), deadline())
                    .finish();
        } finally {
            Caches.start(node, Caches.history(PLAN.table()));
        }
        assertThat(tier.rows).hasSize(1);
        assertThat(live.events).hasSize(1);
    }

    /** Reads of the window go to it and not to the tier, so what it could not be told of must not stay in it. */
    @Test
    void aHotWindowThatCouldNotBeToldIsEmptiedByTheNextBatch() {
        IgniteCache<HistoryKey, FeatureRow> window =
                Caches.history(PLAN.table()).in(node);
        HistoryKey corrected = new HistoryKey(new Object[] {1L}, EVENT);
        OfflineStage stage = offline();
        node.destroyCache(window.getName());
        stage.begin(List.of(reading(1, EVENT, 104)), System.nanoTime(), deadline())
                .finish();
        Caches.start(node, Caches.history(PLAN.table()));
        window = Caches.history(PLAN.table()).in(node);
        window.put(corrected, new FeatureRow(EVENT, 1, new Object[] {99L}));

        stage.begin(List.of(reading(2, EVENT, 104)), System.nanoTime(), deadline())
                .finish();

        assertThat(window.size()).isZero();
        window.put(corrected, new FeatureRow(EVENT, 1, new Object[] {99L}));
        stage.begin(List.of(reading(2, EVENT, 104)), System.nanoTime(), deadline())
                .finish();
        assertThat(window.size()).isOne();
    }

    @Test
    void aModelThatNeedsWhatTheFeaturesLackCostsThePredictionOnly() {
        models.model = new LinearModel("v1", 2, List.of("mood"), 1, new double[] {1}, 0, 0, Map.of());

        offline()
                .begin(List.of(reading(1, EVENT, 104)), System.nanoTime(), deadline())
                .finish();

        assertThat(tier.rows).hasSize(1);
        assertThat(figures.unpredicted()).isEqualTo(1);
        assertThat(live.events.get(0).model()).isNull();
    }

    @Test
    void otherDefinitionsMakeAStageOutOfDate() {
        OfflineStage stage = offline();
        assertThat(stage.isCurrent()).isTrue();
        features.definitions = CgmDefinitions.standard();
        assertThat(stage.isCurrent()).as("equal definitions").isTrue();

        features.definitions = Definitions.empty("other");

        assertThat(stage.isCurrent()).isFalse();
        assertThatThrownBy(() -> StreamPlan.of(features.definitions, CgmDefinitions.TOPIC, EventLimits.DEFAULT, CLOCK))
                .hasMessage("no push source of the definitions reads topic 'cgm_readings'");
    }

    @Test
    void anOnlineStageWaitsForItsCache() {
        Caches.online(CgmDefinitions.fresh()).in(node).destroy();
        try {
            assertThatThrownBy(() -> OnlineStage.open(node, features, PLAN, null))
                    .hasMessage(
                            "cache '" + Caches.online(CgmDefinitions.fresh()).name() + "' does not exist yet");
        } finally {
            Caches.start(node, Caches.online(CgmDefinitions.fresh()));
        }
    }

    @Test
    void anIgniteUsersExtractorAndDeserializersAreUsedAndWhatTheyRefuseIsBad() throws Exception {
        IgniteCache<String, Long> cache = node.createCache("plain");
        try (IgniteDataStreamer<String, Long> streamer = node.dataStreamer("plain");
                ExtractorStage<String, Long> stage = new ExtractorStage<>(
                        new StringDeserializer(),
                        new LongDeserializer(),
                        record -> Map.of((String) record.key(), (Long) record.value()),
                        streamer)) {
            streamer.allowOverwrite(true);
            byte[] key = "a".getBytes(StandardCharsets.UTF_8);
            Map<String, Long> tuples = stage.parse(new ConsumerRecord<>(
                    "t", 0, 0, key, ByteBuffer.allocate(8).putLong(42).array()));

            stage.begin(List.of(tuples, Map.of()), System.nanoTime(), deadline())
                    .finish();

            assertThat(cache.get("a")).isEqualTo(42L);
            assertThatThrownBy(() -> stage.parse(new ConsumerRecord<>("t", 0, 1, key, new byte[] {1})))
                    .isInstanceOf(BadRecordException.class)
                    .hasMessageStartingWith("unreadable: ");
        }
    }

    @Test
    void withoutALiveFeedAStreamGoesOn() {
        CgmForecast forecast = CgmForecast.silent(
                "offline",
                new OfflineLookup(features),
                () -> models,
                () -> {
                    throw new GridException(ErrorCode.NOT_READY, "no feed");
                },
                figures,
                new AtomicLong());

        new OfflineStage(features, tier, new HotHistory(node), PLAN, forecast)
                .begin(List.of(reading(1, EVENT, 104)), System.nanoTime(), deadline())
                .finish();

        assertThat(figures.unpredicted()).isZero();
        assertThat(figures.takenMillis(50)).isPositive();
    }

    @Test
    void withoutKafkaAStreamWaitsAndSaysSoAndStopsAtOnce() {
        try (GridStream stream = GridStream.online(node)) {
            await().untilAsserted(() -> assertThat(stream.status())
                    .containsEntry("state", "waiting")
                    .containsEntry("reason", "kafka at 127.0.0.1:1 does not accept connections"));
            assertThat(stream.status()).containsKeys("consumed", "applied", "dead_letters", "lag", "p50_ms", "p99_ms");
        }
    }

    @Test
    void aNodeWithoutStreamsSaysSoAndIsAsGoodAsPaused() {
        try (GridStream stream = GridStream.offline(quietNode)) {
            assertThat(stream.status())
                    .containsEntry("state", "stopped")
                    .containsEntry("reason", "GRID_STREAMS is false");
            stream.pause(StreamControl.Hold.OPERATOR);
            stream.resume(StreamControl.Hold.OPERATOR);
            assertThat(stream.status()).containsEntry("state", "stopped");
        }
    }

    @Test
    void theServicesAnswerUnderTheirNames() {
        node.services().deployNodeSingleton(StreamControl.OFFLINE, new OfflineStreamService());
        node.services().deployNodeSingleton(StreamControl.ONLINE, new OnlineStreamService());
        StreamControl offline = quietNode.services().serviceProxy(StreamControl.OFFLINE, StreamControl.class, false);
        assertThat(offline.status()).containsEntry("state", "stopped");
        StreamControl online = node.services().serviceProxy(StreamControl.ONLINE, StreamControl.class, false);
        await().untilAsserted(() -> assertThat(online.status()).containsEntry("state", "waiting"));
        online.pause(StreamControl.Hold.OPERATOR);
        assertThat(online.status()).containsEntry("state", "paused").containsEntry("reason", "operator");
        node.services().cancelAll(List.of(StreamControl.OFFLINE, StreamControl.ONLINE));
    }

    private static void restartOnlineCache(boolean refusesWrites) {
        Caches.online(CgmDefinitions.fresh()).in(node).destroy();
        TestGrid.refuseWrites(refusesWrites);
        try {
            Caches.start(node, Caches.online(CgmDefinitions.fresh()));
        } finally {
            TestGrid.refuseWrites(false);
        }
    }

    private static LocalService<FakeServices.LearningForecasts> states() {
        return new LocalService<>(node, Forecasts.NAME, FakeServices.LearningForecasts.class);
    }

    private OfflineStage offline() {
        return new OfflineStage(
                features, tier, new HotHistory(node), PLAN, forecast("offline", new OfflineLookup(features)));
    }

    private CgmForecast forecast(String path, FeatureLookup lookup) {
        return CgmForecast.silent(path, lookup, () -> models, () -> live, figures, new AtomicLong())
                .logging();
    }

    private static Deadline deadline() {
        return Deadline.in(Duration.ofSeconds(20));
    }

    private static HistoryRow reading(long subject, long eventMicros, long glucose) {
        return HistoryRow.upsert(
                new Object[] {subject}, new FeatureRow(eventMicros, eventMicros, new Object[] {glucose}));
    }

    private static Map<String, String> settings(Path kafka, String streams) {
        Map<String, String> values = new HashMap<>();
        values.put("GRID_HTTP_HOST", "127.0.0.1");
        values.put("GRID_HTTP_PORT", "0");
        values.put("GRID_HTTP_PORTS", "1");
        values.put("GRID_WORK_DIR", work.toString());
        values.put("GRID_OFFLINE_URI", work.resolve("tier").toString());
        values.put("GRID_FEATURES", "classpath:features.yaml");
        values.put("GRID_KAFKA_PROPERTIES", kafka.toString());
        values.put("GRID_KAFKA_BOOTSTRAP", "");
        values.put("GRID_TOPIC", CgmDefinitions.TOPIC);
        values.put("GRID_STREAMS", streams);
        values.put("GRID_EXPECTED_NODES", "1");
        values.put("GRID_COMMIT_ROWS", "50000");
        values.put("GRID_COMMIT_MS", "5");
        values.put("GRID_PARQUET_VERSION", "2");
        values.put("GRID_PARQUET_CODEC", "zstd:3");
        values.put("GRID_COMPACT_SEGMENTS", "0");
        values.put("GRID_JOIN_MB", "64");
        values.put("GRID_DEADLINE_MS", "2000");
        values.put("GRID_TEARDOWN", "true");
        values.put("GRID_LOG_READINGS", "true");
        values.put("GRID_HTTP_BODY_KB", "8192");
        values.put("GRID_HTTP_HEADER_KB", "32");
        values.put("GRID_HTTP_ENTITIES", "10000");
        values.put("GRID_HTTP_NESTING", "32");
        values.put("GRID_HTTP_WAITING", "512");
        values.put("GRID_HTTP_READ_MS", "10000");
        return values;
    }
}
