package io.glucogrid.ml;

import static org.assertj.core.api.Assertions.assertThat;

import io.glucogrid.feature.FeatureStore;
import io.glucogrid.grid.LocalService;
import io.glucogrid.model.Forecasts;
import io.glucogrid.model.Predictor;
import io.glucogrid.model.Trainer;
import io.glucogrid.store.OfflineStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.ignite.Ignite;
import org.apache.ignite.Ignition;
import org.apache.ignite.cache.CacheAtomicityMode;
import org.apache.ignite.cache.CacheMode;
import org.apache.ignite.cache.CacheWriteSynchronizationMode;
import org.apache.ignite.cache.affinity.rendezvous.RendezvousAffinityFunction;
import org.apache.ignite.configuration.CacheConfiguration;
import org.apache.ignite.configuration.DataRegionConfiguration;
import org.apache.ignite.configuration.DataStorageConfiguration;
import org.apache.ignite.configuration.IgniteConfiguration;
import org.apache.ignite.services.Service;
import org.apache.ignite.services.ServiceConfiguration;
import org.apache.ignite.spi.communication.tcp.TcpCommunicationSpi;
import org.apache.ignite.spi.discovery.tcp.TcpDiscoverySpi;
import org.apache.ignite.spi.discovery.tcp.ipfinder.vm.TcpDiscoveryVmIpFinder;
import org.awaitility.Awaitility;

/** Server nodes of one grid in this JVM, with the real predictor and trainer over a {@link FakeTier}. */
final class TestGrid implements AutoCloseable {
    private final TcpDiscoveryVmIpFinder finder = new TcpDiscoveryVmIpFinder(true);
    private final String name = "ml-" + UUID.randomUUID().toString().substring(0, 8);
    private final List<Ignite> nodes = new ArrayList<>();
    private final List<HeldFits> fits = new ArrayList<>();
    private final FakeTier tier;
    private final Path work;
    private final int regionMegabytes;
    private int started;

    private TestGrid(FakeTier tier, Path work, int regionMegabytes) {
        this.tier = tier;
        this.work = work;
        this.regionMegabytes = regionMegabytes;
    }

    static TestGrid start(int nodes, FakeTier tier, Path work) {
        return start(nodes, tier, work, 64);
    }

    static TestGrid start(int nodes, FakeTier tier, Path work, int regionMegabytes) {
        TestGrid grid = new TestGrid(tier, work, regionMegabytes);
        for (int i = 0; i < nodes; i++) {
            grid.startNode();
        }
        return grid;
    }

    /** Starts another node and waits until its services are there. */
    int startNode() {
        Ignite node = Ignition.start(configuration(name + "-" + started++));
        nodes.add(node);
        int index = nodes.size() - 1;
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> service(index, Predictor.NAME, Predictor.class).isReady()
                        && service(index, Trainer.NAME, Trainer.class).isReady()
                        && service(index, OfflineStore.NAME, OfflineStore.class).isReady());
        return index;
    }

    void stopNode(int index) {
        Ignition.stop(nodes.get(index).name(), true);
    }

    /** How fits proceed on a node. */
    HeldFits fits(int index) {
        return fits.get(index);
    }

    FakeTier tier() {
        return tier;
    }

    int size() {
        return nodes.size();
    }

    Ignite node(int index) {
        return nodes.get(index);
    }

    Predictor predictor(int index) {
        return service(index, Predictor.NAME, Predictor.class).get();
    }

    Trainer trainer(int index) {
        return service(index, Trainer.NAME, Trainer.class).get();
    }

    ForecastService forecasts(int index) {
        return service(index, Forecasts.NAME, ForecastService.class).get();
    }

    /** Waits until every node serves by name. */
    TestGrid ready() {
        Awaitility.await().atMost(Duration.ofSeconds(20)).ignoreExceptions().untilAsserted(() -> {
            for (int i = 0; i < nodes.size(); i++) {
                predictor(i).model("v1");
                assertThat(((PredictorService) predictor(i)).registry().isRestored())
                        .isTrue();
                forecasts(i);
            }
            for (Ignite node : nodes) {
                if (Ignition.allGrids().contains(node)) {
                    assertThat(node.cache("registry").containsKey("forecast-states-restored"))
                            .isTrue();
                    assertThat(node.cache("registry").containsKey(WarningPoints.RESTORED))
                            .isTrue();
                }
            }
        });
        return this;
    }

    /** Names of caches and of node-local entries that a training should not leave behind, on any running node. */
    List<String> remains() {
        List<String> remains = new ArrayList<>();
        for (Ignite node : nodes) {
            if (Ignition.allGrids().contains(node)) {
                node.cacheNames().stream()
                        .filter(cache -> cache.startsWith("training-"))
                        .forEach(remains::add);
                node.cluster().nodeLocalMap().keySet().stream()
                        .filter(ForgetDatasets::isDataset)
                        .forEach(key -> remains.add(key.toString()));
            }
        }
        return remains;
    }

    @Override
    public void close() {
        for (int i = nodes.size() - 1; i >= 0; i--) {
            Ignition.stop(nodes.get(i).name(), true);
        }
    }

    private <T> LocalService<T> service(int index, String service, Class<T> type) {
        return new LocalService<>(nodes.get(index), service, type);
    }

    private IgniteConfiguration configuration(String node) {
        HeldFits held = new HeldFits();
        fits.add(held);
        return new IgniteConfiguration()
                .setCollisionSpi(held)
                .setIgniteInstanceName(node)
                .setConsistentId(node)
                .setWorkDirectory(work.resolve(node).toString())
                .setLocalHost("127.0.0.1")
                .setMetricsLogFrequency(0)
                .setPublicThreadPoolSize(4)
                .setSystemThreadPoolSize(4)
                .setConnectorConfiguration(null)
                .setClientConnectorConfiguration(null)
                .setDiscoverySpi(new TcpDiscoverySpi()
                        .setIpFinder(finder)
                        .setLocalPort(48600)
                        .setLocalPortRange(200))
                .setCommunicationSpi(
                        new TcpCommunicationSpi().setLocalPort(48900).setLocalPortRange(200))
                .setDataStorageConfiguration(new DataStorageConfiguration()
                        .setDefaultDataRegionConfiguration(new DataRegionConfiguration()
                                .setName("default")
                                .setInitialSize(10L << 20)
                                .setMaxSize((long) regionMegabytes << 20)))
                .setCacheConfiguration(
                        replicated("models"), replicated("active-models"), replicated("registry"), states())
                .setServiceConfiguration(
                        everywhere(Predictor.NAME, new PredictorService()),
                        everywhere(Trainer.NAME, new TrainerService()),
                        everywhere(Forecasts.NAME, forecasts()),
                        everywhere(FeatureStore.NAME, new FakeFeatureStoreService()),
                        everywhere(OfflineStore.NAME, new FakeOfflineStoreService(tier.id)));
    }

    private static CacheConfiguration<Object, Object> replicated(String cache) {
        return new CacheConfiguration<>(cache)
                .setCacheMode(CacheMode.REPLICATED)
                .setAffinity(new RendezvousAffinityFunction(false, 16))
                .setAtomicityMode(CacheAtomicityMode.ATOMIC)
                .setWriteSynchronizationMode(CacheWriteSynchronizationMode.FULL_SYNC);
    }

    private static CacheConfiguration<Object, Object> states() {
        return new CacheConfiguration<>("subject-states")
                .setAffinity(new RendezvousAffinityFunction(false, 64))
                .setAtomicityMode(CacheAtomicityMode.ATOMIC)
                .setBackups(1)
                .setWriteSynchronizationMode(CacheWriteSynchronizationMode.FULL_SYNC);
    }

    /** Every forecast is watched. */
    private static ForecastService forecasts() {
        ForecastService service = new ForecastService();
        service.setWatchedShare(1);
        return service;
    }

    private static ServiceConfiguration everywhere(String service, Service instance) {
        ServiceConfiguration configuration = new ServiceConfiguration();
        configuration.setName(service);
        configuration.setService(instance);
        configuration.setMaxPerNodeCount(1);
        return configuration;
    }
}
