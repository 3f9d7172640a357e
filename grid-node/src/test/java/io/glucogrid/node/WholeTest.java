package io.glucogrid.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.glucogrid.cluster.Majority;
import io.glucogrid.cluster.MajorityTopology;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.cache.CacheException;
import org.apache.ignite.Ignite;
import org.apache.ignite.Ignition;
import org.apache.ignite.configuration.CacheConfiguration;
import org.apache.ignite.configuration.IgniteConfiguration;
import org.apache.ignite.spi.communication.tcp.TcpCommunicationSpi;
import org.apache.ignite.spi.discovery.tcp.TcpDiscoverySpi;
import org.apache.ignite.spi.discovery.tcp.ipfinder.TcpDiscoveryIpFinder;
import org.apache.ignite.spi.discovery.tcp.ipfinder.vm.TcpDiscoveryVmIpFinder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that waits for its first majority, and the addresses of its peers. */
class WholeTest {
    /** More than a node's patience. */
    private static final int LOOKS = 60;

    @TempDir
    Path work;

    @Test
    void aNodeWhosePeersAreNamesIsNoStrangerToItself() throws IOException {
        int port = freePort();
        DnsIpFinder names = new DnsIpFinder();
        names.setName("localhost");
        names.setPort(port);

        try (Ignite node = start(port, names)) {
            assertThat(broken(new Whole(node))).isNull();
        }
    }

    @Test
    void aNodeThatHearsAnotherBehindANameEnds() throws IOException {
        int port = freePort();
        try (ServerSocket another = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                Ignite node = start(port, peers("localhost:" + port, "localhost:" + another.getLocalPort()))) {
            assertThat(broken(new Whole(node))).isEqualTo("1 of 3 nodes: no majority, and 2 are up");
        }
    }

    @Test
    void anAddressWithTwoNamesIsOneNode() throws IOException {
        InetAddress same = InetAddress.getLoopbackAddress();
        try (ServerSocket another = new ServerSocket(0, 5, same)) {
            InetSocketAddress peer = new InetSocketAddress(same, another.getLocalPort());

            assertThat(Whole.resolved(List.of(
                            peer,
                            InetSocketAddress.createUnresolved("127.0.0.1", peer.getPort()),
                            InetSocketAddress.createUnresolved("nobody.invalid", peer.getPort()))))
                    .containsExactly(peer);
        }
    }

    @Test
    void aHalfOfMoreNodesThanAreConfiguredDoesNotWriteWhenItsNodesStartAgain() throws IOException {
        int[] ports = {freePort(), freePort()};
        for (int port : ports) {
            Files.createDirectories(work.resolve("whole-" + port));
            Files.writeString(work.resolve("whole-" + port).resolve("grid-size"), "3 4");
        }
        TcpDiscoveryIpFinder finder = peers("127.0.0.1:" + ports[0], "127.0.0.1:" + ports[1]);
        try (Ignite first = start(ports[0], finder);
                Ignite second = start(ports[1], finder)) {
            assertThat(second.cluster().forServers().nodes()).hasSize(2);
            assertThat(new Majority(first).shortfall())
                    .startsWith("2 of 4 nodes: no majority")
                    .contains("remove the file 'grid-size'");
            assertThatThrownBy(() -> second.cache("guarded").put(1, 1)).isInstanceOf(CacheException.class);
        }
    }

    private static String broken(Whole whole) {
        for (int look = 0; look < LOOKS; look++) {
            String broken = whole.broken();
            if (broken != null) {
                return broken;
            }
        }
        return null;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static TcpDiscoveryIpFinder peers(String... addresses) {
        return new TcpDiscoveryVmIpFinder().setAddresses(Arrays.asList(addresses));
    }

    private Ignite start(int port, TcpDiscoveryIpFinder finder) {
        return Ignition.start(new IgniteConfiguration()
                .setIgniteInstanceName("whole-" + port)
                .setWorkDirectory(work.resolve("whole-" + port).toString())
                .setCacheConfiguration(new CacheConfiguration<>("guarded").setTopologyValidator(new MajorityTopology()))
                .setLocalHost("127.0.0.1")
                .setUserAttributes(Map.of("GRID_EXPECTED_NODES", "3"))
                .setConnectorConfiguration(null)
                .setClientConnectorConfiguration(null)
                .setMetricsLogFrequency(0)
                .setDiscoverySpi(new TcpDiscoverySpi()
                        .setLocalPort(port)
                        .setLocalPortRange(0)
                        .setJoinTimeout(1_000)
                        .setIpFinder(finder))
                .setCommunicationSpi(
                        new TcpCommunicationSpi().setLocalPort(48_400).setLocalPortRange(100)));
    }
}
