package io.glucogrid.node;

import io.glucogrid.api.Endpoint;
import io.glucogrid.api.GridApi;
import io.glucogrid.cgm.LiveFeed;
import io.glucogrid.door.GridApiService;
import io.glucogrid.feature.FeatureStore;
import io.glucogrid.grid.Buckets;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.LocalService;
import io.glucogrid.http.FeatureApiService;
import io.glucogrid.metrics.PrometheusExporter;
import io.glucogrid.model.Predictor;
import io.glucogrid.serving.FeatureStoreService;
import io.glucogrid.store.OfflineStore;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.ignite.Ignite;
import org.apache.ignite.Ignition;
import org.apache.ignite.cache.CacheAtomicityMode;
import org.apache.ignite.cache.CacheMode;
import org.apache.ignite.cache.CacheWriteSynchronizationMode;
import org.apache.ignite.cache.PartitionLossPolicy;
import org.apache.ignite.cache.affinity.rendezvous.RendezvousAffinityFunction;
import org.apache.ignite.configuration.CacheConfiguration;
import org.apache.ignite.configuration.DataRegionConfiguration;
import org.apache.ignite.configuration.DataStorageConfiguration;
import org.apache.ignite.configuration.ExecutorConfiguration;
import org.apache.ignite.configuration.IgniteConfiguration;
import org.apache.ignite.services.Service;
import org.apache.ignite.services.ServiceConfiguration;
import org.apache.ignite.spi.communication.tcp.TcpCommunicationSpi;
import org.apache.ignite.spi.discovery.tcp.TcpDiscoverySpi;
import org.apache.ignite.spi.discovery.tcp.ipfinder.vm.TcpDiscoveryVmIpFinder;
import org.awaitility.Awaitility;

/** Server nodes with the services of this module, the stores of other modules replaced by ones in memory. */
public final class TestNode {
    private final TcpDiscoveryVmIpFinder finder = new TcpDiscoveryVmIpFinder(true);
    private final Path workDir;
    private final String tier;
    private final Map<String, String> settings = new LinkedHashMap<>();
    private final Map<String, Service> more = new LinkedHashMap<>();
    private boolean withTier = true;
    private boolean withBackups = true;

    public TestNode(Path workDir, String tier) {
        this.workDir = workDir;
        this.tier = tier;
        settings.put("GRID_HTTP_HOST", "127.0.0.1");
        settings.put("GRID_HTTP_PORT", "0");
        settings.put("GRID_HTTP_PORTS", "1");
        settings.put("GRID_WORK_DIR", workDir.toString());
        settings.put("GRID_OFFLINE_URI", workDir.resolve("tier").toString());
        settings.put("GRID_FEATURES", definitions().toString());
        settings.put("GRID_KAFKA_PROPERTIES", "none");
        settings.put("GRID_KAFKA_BOOTSTRAP", "");
        settings.put("GRID_TOPIC", "cgm_readings");
        settings.put("GRID_STREAMS", "true");
        settings.put("GRID_EXPECTED_NODES", "1");
        settings.put("GRID_COMMIT_ROWS", "1000");
        settings.put("GRID_COMMIT_MS", "5");
        settings.put("GRID_PARQUET_VERSION", "2");
        settings.put("GRID_PARQUET_CODEC", "zstd:3");
        settings.put("GRID_COMPACT_SEGMENTS", "0");
        settings.put("GRID_JOIN_MB", "4");
        settings.put("GRID_DEADLINE_MS", "5000");
        settings.put("GRID_TEARDOWN", "true");
        settings.put("GRID_LOG_READINGS", "false");
        settings.put("GRID_HTTP_BODY_KB", "8192");
        settings.put("GRID_HTTP_HEADER_KB", "32");
        settings.put("GRID_HTTP_ENTITIES", "10000");
        settings.put("GRID_HTTP_NESTING", "32");
        settings.put("GRID_HTTP_WAITING", "512");
        settings.put("GRID_HTTP_READ_MS", "10000");
    }

    /** The definitions that the distribution ships. */
    public static Path definitions() {
        return Path.of("../../config-xml/src/main/resources/glucogrid/features.yaml")
                .toAbsolutePath()
                .normalize();
    }

    public TestNode with(String key, String value) {
        settings.put(key, value);
        return this;
    }

    /** Leaves the offline store out, as on a node whose other services have not started. */
    public TestNode withoutTier() {
        withTier = false;
        return this;
    }

    /** Keeps one copy of each row, and takes none for empty whose copy is gone. */
    public TestNode withoutBackups() {
        withBackups = false;
        return this;
    }

    /** Adds a service to each node. */
    public TestNode withService(String name, Service service) {
        more.put(name, service);
        return this;
    }

    public Ignite start(String name) {
        return Ignition.start(configuration(name));
    }

    /** A node's feature store. */
    public static FeatureStoreService store(Ignite ignite) {
        return new LocalService<>(ignite, FeatureStore.NAME, FeatureStoreService.class).get();
    }

    /** A node's offline store. */
    public static OfflineStore offline(Ignite ignite) {
        return new LocalService<>(ignite, OfflineStore.NAME, OfflineStore.class).get();
    }

    /** Where a node's feature API listens. */
    public static URI api(Ignite ignite) {
        LocalService<FeatureApiService> service = new LocalService<>(ignite, Endpoint.NAME, FeatureApiService.class);
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(service::isReady);
        return service.get().address();
    }

    private IgniteConfiguration configuration(String name) {
        List<ServiceConfiguration> services = new ArrayList<>();
        services.add(service(Endpoint.NAME, new FeatureApiService()));
        services.add(service(GridApi.NAME, new GridApiService()));
        services.add(service(FeatureStore.NAME, new FeatureStoreService()));
        services.add(service("online-store", new LatestWinsOnlineStore()));
        services.add(service(Predictor.NAME, new ShippedModel()));
        services.add(service(LiveFeed.NAME, new PulsingFeed()));
        if (withTier) {
            services.add(service(OfflineStore.NAME, new MemoryOfflineStore(tier)));
        }
        more.forEach((added, service) -> services.add(service(added, service)));
        return new IgniteConfiguration()
                .setIgniteInstanceName(name)
                .setConsistentId(name)
                .setWorkDirectory(workDir.resolve(name).toString())
                .setLocalHost("127.0.0.1")
                .setUserAttributes(settings)
                .setConnectorConfiguration(null)
                .setClientConnectorConfiguration(null)
                .setMetricsLogFrequency(0)
                .setPublicThreadPoolSize(4)
                .setSystemThreadPoolSize(4)
                .setStripedPoolSize(4)
                .setExecutorConfiguration(
                        new ExecutorConfiguration("serve").setSize(4),
                        new ExecutorConfiguration("loads").setSize(2),
                        new ExecutorConfiguration("joins").setSize(4),
                        new ExecutorConfiguration("reads").setSize(2))
                .setDiscoverySpi(new TcpDiscoverySpi()
                        .setIpFinder(finder)
                        .setLocalPort(48_500)
                        .setLocalPortRange(200))
                .setCommunicationSpi(
                        new TcpCommunicationSpi().setLocalPort(48_100).setLocalPortRange(200))
                .setMetricExporterSpi(new PrometheusExporter())
                .setDataStorageConfiguration(new DataStorageConfiguration()
                        .setDefaultDataRegionConfiguration(new DataRegionConfiguration()
                                .setInitialSize(32L << 20)
                                .setMaxSize(128L << 20)))
                .setCacheConfiguration(
                        replicated(Caches.REGISTRY.name()), partitioned("online-*"), partitioned("history-*"))
                .setServiceConfiguration(services.toArray(ServiceConfiguration[]::new));
    }

    private static ServiceConfiguration service(String name, Service service) {
        return new ServiceConfiguration().setName(name).setMaxPerNodeCount(1).setService(service);
    }

    private static CacheConfiguration<Object, Object> replicated(String name) {
        return new CacheConfiguration<>(name)
                .setCacheMode(CacheMode.REPLICATED)
                .setAtomicityMode(CacheAtomicityMode.ATOMIC)
                .setWriteSynchronizationMode(CacheWriteSynchronizationMode.FULL_SYNC);
    }

    private CacheConfiguration<Object, Object> partitioned(String name) {
        return new CacheConfiguration<>(name)
                .setCacheMode(CacheMode.PARTITIONED)
                .setBackups(withBackups ? 1 : 0)
                .setPartitionLossPolicy(withBackups ? PartitionLossPolicy.IGNORE : PartitionLossPolicy.READ_WRITE_SAFE)
                .setAtomicityMode(CacheAtomicityMode.ATOMIC)
                .setWriteSynchronizationMode(CacheWriteSynchronizationMode.FULL_SYNC)
                .setAffinity(new RendezvousAffinityFunction(false, Buckets.COUNT));
    }
}
