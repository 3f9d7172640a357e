package io.glucogrid.online;

import io.glucogrid.grid.Buckets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.ignite.Ignite;
import org.apache.ignite.Ignition;
import org.apache.ignite.cache.CacheAtomicityMode;
import org.apache.ignite.cache.CacheMode;
import org.apache.ignite.cache.CacheWriteSynchronizationMode;
import org.apache.ignite.cache.affinity.rendezvous.RendezvousAffinityFunction;
import org.apache.ignite.cluster.ClusterNode;
import org.apache.ignite.configuration.CacheConfiguration;
import org.apache.ignite.configuration.DataStorageConfiguration;
import org.apache.ignite.configuration.IgniteConfiguration;
import org.apache.ignite.configuration.TopologyValidator;
import org.apache.ignite.services.Service;
import org.apache.ignite.services.ServiceConfiguration;
import org.apache.ignite.spi.communication.tcp.TcpCommunicationSpi;
import org.apache.ignite.spi.discovery.tcp.TcpDiscoverySpi;
import org.apache.ignite.spi.discovery.tcp.ipfinder.vm.TcpDiscoveryVmIpFinder;

/** Real nodes in this JVM that no other grid can find, with the cache templates of the node's XML. */
public final class TestGrid implements AutoCloseable {
    private static final int FIRST_PORT = 41_500;

    private final TcpDiscoveryVmIpFinder peers = new TcpDiscoveryVmIpFinder(true);
    private final String name = "test-" + UUID.randomUUID().toString().substring(0, 8);
    private final Path work;
    private final List<Ignite> nodes = new ArrayList<>();

    public TestGrid(Path work) {
        this.work = work;
    }

    /** Starts a node with the given user attributes and, once per node, the given services. */
    public Ignite node(Map<String, String> attributes, ServiceConfiguration... services) {
        String node = name + "-" + nodes.size();
        IgniteConfiguration configuration = new IgniteConfiguration()
                .setIgniteInstanceName(node)
                .setConsistentId(node)
                .setWorkDirectory(work.resolve(node).toAbsolutePath().toString())
                .setLocalHost("127.0.0.1")
                .setMetricsLogFrequency(0)
                .setUserAttributes(attributes)
                .setConnectorConfiguration(null)
                .setClientConnectorConfiguration(null)
                .setFailureDetectionTimeout(5_000)
                .setPublicThreadPoolSize(4)
                .setSystemThreadPoolSize(4)
                .setStripedPoolSize(4)
                .setDataStreamerThreadPoolSize(2)
                .setDiscoverySpi(new TcpDiscoverySpi()
                        .setIpFinder(peers)
                        .setLocalPort(FIRST_PORT)
                        .setLocalPortRange(400))
                .setCommunicationSpi(
                        new TcpCommunicationSpi().setLocalPort(FIRST_PORT + 500).setLocalPortRange(400))
                .setDataStorageConfiguration(storage())
                .setCacheConfiguration(template("online-*"), template("history-*"))
                .setServiceConfiguration(services);
        Ignite started = Ignition.start(configuration);
        nodes.add(started);
        return started;
    }

    /** A service that every node runs. */
    public static ServiceConfiguration service(String name, Service service) {
        return new ServiceConfiguration().setName(name).setService(service).setMaxPerNodeCount(1);
    }

    @Override
    public void close() {
        for (int i = nodes.size() - 1; i >= 0; i--) {
            Ignition.stop(nodes.get(i).name(), true);
        }
    }

    private static DataStorageConfiguration storage() {
        DataStorageConfiguration storage = new DataStorageConfiguration();
        storage.getDefaultDataRegionConfiguration().setInitialSize(16L << 20).setMaxSize(64L << 20);
        storage.setSystemDataRegionConfiguration(storage.getSystemDataRegionConfiguration()
                .setInitialSize(10L << 20)
                .setMaxSize(32L << 20));
        return storage;
    }

    /** What caches that start meanwhile do with writes: refuse them, as in a minority. */
    public static void refuseWrites(boolean refuse) {
        Writes.refused = refuse;
    }

    /** Asked when a cache starts and when a node comes or goes. */
    private static final class Writes implements TopologyValidator {
        private static final long serialVersionUID = 1L;
        private static volatile boolean refused;

        @Override
        public boolean validate(Collection<ClusterNode> nodes) {
            return !refused;
        }
    }

    private static CacheConfiguration<Object, Object> template(String name) {
        return new CacheConfiguration<>(name)
                .setCacheMode(CacheMode.PARTITIONED)
                .setAtomicityMode(CacheAtomicityMode.ATOMIC)
                .setWriteSynchronizationMode(CacheWriteSynchronizationMode.FULL_SYNC)
                .setBackups(1)
                .setTopologyValidator(new Writes())
                .setAffinity(new RendezvousAffinityFunction(false, Buckets.COUNT));
    }
}
