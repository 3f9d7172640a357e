package io.glucogrid.ml;

import io.glucogrid.cgm.Reading;
import java.nio.file.Path;
import java.util.List;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.Ignition;
import org.apache.ignite.cache.CacheAtomicityMode;
import org.apache.ignite.configuration.CacheConfiguration;
import org.apache.ignite.configuration.DataRegionConfiguration;
import org.apache.ignite.configuration.DataStorageConfiguration;
import org.apache.ignite.configuration.IgniteConfiguration;
import org.apache.ignite.logger.NullLogger;
import org.apache.ignite.spi.communication.tcp.TcpCommunicationSpi;
import org.apache.ignite.spi.discovery.tcp.TcpDiscoverySpi;
import org.apache.ignite.spi.discovery.tcp.ipfinder.vm.TcpDiscoveryVmIpFinder;

/** A grid of one node that owns some subjects' states, so that {@link MlBench} pays for the cache as a real owner does. */
final class OwnerNode implements AutoCloseable {
    private static final int PORTS = 200;

    private final Ignite ignite;
    private final IgniteCache<Long, byte[]> states;

    private OwnerNode(Ignite ignite, IgniteCache<Long, byte[]> states) {
        this.ignite = ignite;
        this.states = states;
    }

    /** A node whose subjects 0, 1, … have the given states. */
    static OwnerNode start(Path work, List<byte[]> states) {
        CacheConfiguration<Long, byte[]> configuration = new CacheConfiguration<>("bench-states");
        configuration.setAtomicityMode(CacheAtomicityMode.ATOMIC);
        Ignite ignite = Ignition.start(new IgniteConfiguration()
                .setIgniteInstanceName("bench-ml")
                .setWorkDirectory(work.resolve("ignite").toAbsolutePath().toString())
                .setLocalHost("127.0.0.1")
                .setGridLogger(new NullLogger())
                .setMetricsLogFrequency(0)
                .setConnectorConfiguration(null)
                .setClientConnectorConfiguration(null)
                .setDiscoverySpi(new TcpDiscoverySpi()
                        .setIpFinder(new TcpDiscoveryVmIpFinder(true))
                        .setLocalPort(49_200)
                        .setLocalPortRange(PORTS))
                .setCommunicationSpi(
                        new TcpCommunicationSpi().setLocalPort(49_500).setLocalPortRange(PORTS))
                .setDataStorageConfiguration(new DataStorageConfiguration()
                        .setDefaultDataRegionConfiguration(new DataRegionConfiguration()
                                .setInitialSize(32L << 20)
                                .setMaxSize(128L << 20)))
                .setCacheConfiguration(configuration));
        IgniteCache<Long, byte[]> cache = ignite.cache("bench-states");
        for (int subject = 0; subject < states.size(); subject++) {
            cache.put((long) subject, states.get(subject));
        }
        return new OwnerNode(ignite, cache);
    }

    byte[] state(long subject) {
        return states.get(subject);
    }

    /** The write path's own entry processor. */
    void learn(Reading reading) {
        states.invoke(reading.subjectId(), new LearnReadings(List.of(reading)));
    }

    @Override
    public void close() {
        ignite.close();
    }
}
