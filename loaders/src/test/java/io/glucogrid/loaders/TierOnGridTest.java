package io.glucogrid.loaders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.Entity;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.FeatureStore;
import io.glucogrid.feature.FeatureTable;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.Source;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.Buckets;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.LocalService;
import io.glucogrid.store.AsOf;
import io.glucogrid.store.HistoryKey;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.OfflineStore;
import io.glucogrid.store.TableSchema;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.Ignition;
import org.apache.ignite.cache.CacheMode;
import org.apache.ignite.cache.CachePeekMode;
import org.apache.ignite.cache.CacheWriteSynchronizationMode;
import org.apache.ignite.cache.affinity.Affinity;
import org.apache.ignite.cache.affinity.rendezvous.RendezvousAffinityFunction;
import org.apache.ignite.configuration.CacheConfiguration;
import org.apache.ignite.configuration.DataStorageConfiguration;
import org.apache.ignite.configuration.IgniteConfiguration;
import org.apache.ignite.services.Service;
import org.apache.ignite.services.ServiceConfiguration;
import org.apache.ignite.spi.communication.tcp.TcpCommunicationSpi;
import org.apache.ignite.spi.discovery.tcp.TcpDiscoverySpi;
import org.apache.ignite.spi.discovery.tcp.ipfinder.vm.TcpDiscoveryVmIpFinder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes over one tier. */
class TierOnGridTest {
    private static final int FIRST_PORT = 47_850;
    private static final TableSchema TABLE = Tiers.READINGS;

    @TempDir
    private static Path folder;

    private static final TcpDiscoveryVmIpFinder FINDER = new TcpDiscoveryVmIpFinder(true);

    private static Ignite one;
    private static Ignite two;

    @BeforeAll
    static void startNodes() {
        FINDER.setAddresses(List.of("127.0.0.1:" + FIRST_PORT + ".." + (FIRST_PORT + 9)));
        one = Ignition.start(configuration("tier-one"));
        two = Ignition.start(configuration("tier-two"));
        Caches.start(one, Caches.history(TABLE));
    }

    @AfterAll
    static void stopNodes() {
        Ignition.stop("tier-two", true);
        Ignition.stop("tier-one", true);
    }

    private static IgniteConfiguration configuration(String name) {
        IgniteConfiguration configuration = new IgniteConfiguration();
        configuration.setIgniteInstanceName(name);
        configuration.setConsistentId(name);
        configuration.setLocalHost("127.0.0.1");
        configuration.setWorkDirectory(folder.resolve(name).toString());
        configuration.setMetricsLogFrequency(0);
        configuration.setConnectorConfiguration(null);
        configuration.setClientConnectorConfiguration(null);
        TcpDiscoverySpi discovery = new TcpDiscoverySpi();
        discovery.setIpFinder(FINDER);
        discovery.setLocalPort(FIRST_PORT);
        discovery.setLocalPortRange(10);
        configuration.setDiscoverySpi(discovery);
        TcpCommunicationSpi communication = new TcpCommunicationSpi();
        communication.setLocalPort(FIRST_PORT + 20);
        communication.setLocalPortRange(20);
        configuration.setCommunicationSpi(communication);
        DataStorageConfiguration storage = new DataStorageConfiguration();
        storage.getDefaultDataRegionConfiguration().setInitialSize(16L << 20).setMaxSize(64L << 20);
        configuration.setDataStorageConfiguration(storage);
        configuration.setUserAttributes(attributes());
        configuration.setCacheConfiguration(
                replicated(Caches.SEGMENTS.name()), replicated(Caches.SEGMENT_VERSIONS.name()), history());
        configuration.setServiceConfiguration(
                service(OfflineStore.NAME, new OfflineStoreService()), service(FeatureStore.NAME, new OneTable()));
        return configuration;
    }

    private static ServiceConfiguration service(String name, Service service) {
        ServiceConfiguration configuration = new ServiceConfiguration();
        configuration.setName(name);
        configuration.setMaxPerNodeCount(1);
        configuration.setService(service);
        return configuration;
    }

    private static <K, V> CacheConfiguration<K, V> replicated(String name) {
        CacheConfiguration<K, V> cache = new CacheConfiguration<>(name);
        cache.setCacheMode(CacheMode.REPLICATED);
        cache.setWriteSynchronizationMode(CacheWriteSynchronizationMode.FULL_SYNC);
        cache.setAffinity(new RendezvousAffinityFunction(false, 16));
        return cache;
    }

    private static CacheConfiguration<HistoryKey, FeatureRow> history() {
        CacheConfiguration<HistoryKey, FeatureRow> cache = new CacheConfiguration<>("history-*");
        cache.setAffinity(new RendezvousAffinityFunction(false, Buckets.COUNT));
        cache.setWriteSynchronizationMode(CacheWriteSynchronizationMode.FULL_SYNC);
        cache.setCacheStoreFactory(new ParquetCacheStoreFactory());
        cache.setReadThrough(true);
        cache.setWriteThrough(true);
        cache.setBackups(0);
        return cache;
    }

    private static Map<String, Object> attributes() {
        Map<String, Object> values = new HashMap<>();
        values.put("GRID_HTTP_HOST", "127.0.0.1");
        values.put("GRID_HTTP_PORT", "0");
        values.put("GRID_HTTP_PORTS", "1");
        values.put("GRID_WORK_DIR", folder.toString());
        values.put("GRID_OFFLINE_URI", folder.resolve("tier").toString());
        values.put("GRID_FEATURES", "none");
        values.put("GRID_KAFKA_PROPERTIES", "none");
        values.put("GRID_KAFKA_BOOTSTRAP", "");
        values.put("GRID_TOPIC", "none");
        values.put("GRID_STREAMS", "false");
        values.put("GRID_EXPECTED_NODES", "1");
        values.put("GRID_COMMIT_ROWS", "1000");
        values.put("GRID_COMMIT_MS", "0");
        values.put("GRID_PARQUET_VERSION", "2");
        values.put("GRID_PARQUET_CODEC", "zstd:3");
        values.put("GRID_COMPACT_SEGMENTS", "0");
        values.put("GRID_JOIN_MB", "1");
        values.put("GRID_DEADLINE_MS", "20000");
        values.put("GRID_TEARDOWN", "true");
        values.put("GRID_LOG_READINGS", "false");
        values.put("GRID_HTTP_BODY_KB", "8192");
        values.put("GRID_HTTP_HEADER_KB", "32");
        values.put("GRID_HTTP_ENTITIES", "10000");
        values.put("GRID_HTTP_NESTING", "32");
        values.put("GRID_HTTP_WAITING", "512");
        values.put("GRID_HTTP_READ_MS", "10000");
        return values;
    }

    private static OfflineStore store(Ignite node) {
        return new LocalService<>(node, OfflineStore.NAME, OfflineStore.class).get();
    }

    private static HistoryRow asOf(Ignite node, long subject, long at) {
        return store(node)
                .asOf(TABLE, List.of(new AsOf(new Object[] {subject}, 0, at)))
                .get(0);
    }

    private static HistoryKey key(long subject, long event) {
        return new HistoryKey(new Object[] {subject}, event);
    }

    private static AsOf at(HistoryKey key) {
        return new AsOf(key.joinKeys(), key.eventMicros(), key.eventMicros());
    }

    private static FeatureRow row(long event, long glucose) {
        return new FeatureRow(event, event, new Object[] {glucose});
    }

    @Test
    void whatOneNodeAcknowledgedTheOtherReadsAtOnce() throws Exception {
        for (int i = 1; i <= 100; i++) {
            Ignite writer = i % 2 == 0 ? one : two;
            Ignite reader = i % 2 == 0 ? two : one;
            store(writer).append(TABLE, List.of(Tiers.reading(1, i, i, i))).get(20, TimeUnit.SECONDS);
            assertThat(asOf(reader, 1, Long.MAX_VALUE).row()).isEqualTo(row(i, i));
        }
    }

    @Test
    void aPutThatReturnedIsInTheTierAndARemoveHidesIt() {
        IgniteCache<HistoryKey, FeatureRow> cache = Caches.history(TABLE).in(one);
        Affinity<HistoryKey> affinity = one.affinity(TABLE.name());
        for (long subject = 1000; subject < 1020; subject++) {
            cache.put(key(subject, 5), row(5, subject));
            Ignite primary = affinity.mapKeyToNode(key(subject, 5)).isLocal() ? one : two;
            assertThat(asOf(primary, subject, 9).row()).isEqualTo(row(5, subject));
            long asked = subject;
            for (Ignite node : List.of(one, two)) {
                await().untilAsserted(() -> assertThat(asOf(node, asked, 9)).isNotNull());
            }
        }
        cache.remove(key(1003, 5));

        assertThat(cache.get(key(1003, 5))).isNull();
        await().untilAsserted(() -> {
            assertThat(asOf(one, 1003, 9)).isNull();
            assertThat(asOf(two, 1003, 9)).isNull();
        });
    }

    @Test
    void whatTheCacheDeletedStaysDeletedAfterACompactionAReplayAndARestart() throws Exception {
        IgniteCache<HistoryKey, FeatureRow> cache = Caches.history(TABLE).in(one);
        Map<HistoryKey, FeatureRow> rows = new HashMap<>();
        for (long subject = 4000; subject < 4020; subject++) {
            rows.put(key(subject, 5), row(5, subject));
            rows.put(key(subject, 6), row(6, subject));
        }
        cache.putAll(rows);
        for (Ignite node : List.of(one, two)) { // which are told of a put right after it
            await().untilAsserted(() -> assertThat(store(node)
                            .asOf(
                                    TABLE,
                                    rows.keySet().stream()
                                            .map(TierOnGridTest::at)
                                            .toList()))
                    .doesNotContainNull());
        }
        cache.remove(key(4003, 6));
        cache.removeAll(Set.of(key(4004, 5), key(4004, 6), key(4005, 6)));
        staysDeleted(cache);

        LocalTier tier = LocalTier.open(folder.resolve("tier"));
        Compactor compactor = Tiers.compactor(tier, new GridBoard(one), CompactionPolicy.everything(Duration.ZERO));
        compactor.compact(TABLE.name());
        compactor.sweep(TABLE.name());
        staysDeleted(cache);

        store(two).append(TABLE, List.of(Tiers.reading(4003, 6, 6, 4003))).get(20, TimeUnit.SECONDS); // a replay
        staysDeleted(cache);
        compactor.compact(TABLE.name());
        compactor.sweep(TABLE.name());

        Ignition.stop("tier-two", true);
        two = Ignition.start(configuration("tier-two"));
        await().ignoreExceptions().until(() -> asOf(two, 4005, 9) != null);
        IgniteCache<HistoryKey, FeatureRow> restarted = Caches.history(TABLE).in(two);
        restarted.clear();
        restarted.loadCache(null);
        staysDeleted(restarted);
        assertThat(restarted.getAll(rows.keySet())).hasSize(36);
    }

    /** For everybody, by every way. */
    private static void staysDeleted(IgniteCache<HistoryKey, FeatureRow> cache) {
        for (Ignite node : List.of(one, two)) {
            await().untilAsserted(() -> {
                assertThat(asOf(node, 4003, 9).row()).isEqualTo(row(5, 4003));
                assertThat(asOf(node, 4004, 9)).isNull();
                assertThat(asOf(node, 4005, 9).row()).isEqualTo(row(5, 4005));
            });
        }
        assertThat(cache.get(key(4003, 6))).isNull();
        assertThat(cache.get(key(4004, 5))).isNull();
        assertThat(cache.get(key(4005, 5))).isNotNull();
    }

    @Test
    void rowsThatAreOnlyInTheTierAreReadThroughAndLoadedWhereTheyBelong() throws Exception {
        List<HistoryRow> rows = new ArrayList<>();
        for (long subject = 2000; subject < 2100; subject++) {
            rows.add(Tiers.reading(subject, 5, 5, subject));
            rows.add(Tiers.reading(subject, 5, 6, subject + 1));
        }
        store(two).append(TABLE, rows).get(20, TimeUnit.SECONDS);
        IgniteCache<HistoryKey, FeatureRow> cache = Caches.history(TABLE).in(one);
        assertThat(cache.get(key(2007, 5)).value(0)).isEqualTo(2008L);
        assertThat(cache.get(key(2007, 6))).isNull();
        cache.loadCache(null);

        Affinity<HistoryKey> affinity = one.affinity(TABLE.name());
        for (long subject = 2000; subject < 2100; subject++) {
            HistoryKey key = key(subject, 5);
            Ignite primary = affinity.mapKeyToNode(key).isLocal() ? one : two;
            FeatureRow held = Caches.history(TABLE).in(primary).localPeek(key, CachePeekMode.PRIMARY);
            assertThat(held).isEqualTo(new FeatureRow(5, 6, new Object[] {subject + 1}));
        }
    }

    @Test
    void aBulkLoadIsSeenEverywhereAfterOneNodeWasTold() throws Exception {
        assertThat(asOf(two, 3001, 9)).isNull();
        RowBatch batch = RowBatch.empty(TABLE, 1);
        batch.add(3001, 5, 77, 5, 0);
        BulkLoad.into(LocalTier.open(folder.resolve("tier")), TABLE).add(batch, true);
        store(one).relist();

        assertThat(asOf(one, 3001, 9).row()).isEqualTo(row(5, 77));
        assertThat(asOf(two, 3001, 9).row()).isEqualTo(row(5, 77));
    }

    /** A cache store asks for tokens within a cache update, where nothing of the grid may be called. */
    @Test
    void aTokenIsKnownWithoutTheGridOnceAChangeOfItHasReturned() {
        GridBoard teller = new GridBoard(one);
        AtomicLong calls = new AtomicLong();
        Ignite counted = (Ignite) Proxy.newProxyInstance(
                Ignite.class.getClassLoader(), new Class<?>[] {Ignite.class}, (proxy, method, arguments) -> {
                    calls.incrementAndGet();
                    return method.invoke(two, arguments);
                });
        GridBoard hearer = new GridBoard(counted);
        hearer.token("tokens", true);
        teller.invalidate("tokens");
        long before = calls.get();
        for (int i = 0; i < 200; i++) {
            String after = teller.invalidate("tokens").after();
            assertThat(hearer.token("tokens", false)).isEqualTo(after);
        }
        assertThat(calls.get()).isEqualTo(before);
        assertThat(hearer.token("none yet", false)).isNull();
    }

    @Test
    void aPutThatReturnsWhileItsNodeStopsIsInTheTierAndNoneHangs() throws Exception {
        Ignite three = Ignition.start(configuration("tier-three"));
        await().ignoreExceptions().until(() -> asOf(three, 1, 1) == null);
        Map<Long, Integer> acknowledged = new ConcurrentHashMap<>();
        AtomicInteger failures = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            long subject = 5_000 + i;
            IgniteCache<HistoryKey, FeatureRow> cache =
                    Caches.history(TABLE).in(i % 2 == 0 ? three : one); // some come over the wire
            Thread thread = new Thread(() -> {
                for (int event = 1; event < 100_000 && !Thread.currentThread().isInterrupted(); event++) {
                    try {
                        cache.putAll(Map.of(
                                key(subject, event), row(event, subject), key(subject + 100, event), row(event, 1)));
                        acknowledged.put(subject, event);
                    } catch (RuntimeException stopping) {
                        failures.incrementAndGet();
                        return;
                    }
                }
            });
            threads.add(thread);
            thread.start();
        }
        await().until(() ->
                acknowledged.size() == 4 && acknowledged.values().stream().allMatch(event -> event > 20));
        Ignition.stop("tier-three", true);
        for (int i = 0; i < 4; i += 2) { // those on the node that is gone end by themselves
            threads.get(i).join(20_000);
            assertThat(threads.get(i).isAlive()).isFalse();
        }
        assertThat(failures.get()).isGreaterThanOrEqualTo(2);
        for (Thread thread : threads) {
            thread.interrupt();
            thread.join(20_000);
            assertThat(thread.isAlive()).isFalse();
        }
        try (ParquetOfflineStore fresh = Tiers.store(folder.resolve("tier"))) {
            acknowledged.forEach((subject, last) -> {
                for (long each : List.of(subject, subject + 100)) {
                    List<HistoryRow> rows = fresh.ranges(TABLE, List.of(new AsOf(new Object[] {each}, 1, last)))
                            .get(0);
                    assertThat(rows).hasSize(last);
                }
            });
        }
    }

    /** Definitions with the readings table and nothing else. */
    public static final class OneTable implements Service, FeatureStore {
        private static final long serialVersionUID = 1L;

        @Override
        public Definitions definitions() {
            Field subject = new Field("subject_id", ValueType.INT64);
            FeatureView view = new FeatureView(
                    "view",
                    List.of("subject"),
                    null,
                    true,
                    FeatureView.OnlineTtl.SERVE,
                    "file",
                    List.of(new Field("glucose", ValueType.INT64)),
                    "",
                    Map.of());
            return new Definitions(
                    "test",
                    Map.of("subject", new Entity("subject", List.of(subject), "", Map.of())),
                    Map.of("file", new Source.Parquet("file", TABLE.name(), null, "event_timestamp", "created")),
                    Map.of("view", view),
                    Map.of(),
                    Map.of());
        }

        @Override
        public FeatureTable online(String service, List<Object[]> entities, Duration deadline) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FeatureTable historical(String service, List<Object[]> entities, long[] atMicros, Duration deadline) {
            throw new UnsupportedOperationException();
        }
    }
}
