package io.glucogrid.node;

import static org.awaitility.Awaitility.await;

import io.glucogrid.client.ApiClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.ignite.Ignite;
import org.apache.ignite.spi.discovery.tcp.ipfinder.vm.TcpDiscoveryVmIpFinder;

/** Server nodes of this JVM, started from the real XML; they share a work directory and, by default, a tier. */
public final class TestGrid implements AutoCloseable {
    private static final String OVERLAY = "classpath:glucogrid/test/in-process.xml";
    private static final TcpDiscoveryVmIpFinder PEERS = new TcpDiscoveryVmIpFinder(true);

    private final Path workDir;
    private final List<GridNode> nodes = new ArrayList<>();
    private final int began;

    private TestGrid(Path workDir, int began) {
        this.workDir = workDir;
        this.began = began;
    }

    /** For the overlay: one finder for all nodes of the JVM. */
    public static TcpDiscoveryVmIpFinder peers() {
        return PEERS;
    }

    static TestGrid start(int size) {
        try {
            TestGrid grid = new TestGrid(Files.createTempDirectory("glucogrid-"), size);
            for (int i = 0; i < size; i++) {
                grid.add(Map.of());
            }
            return grid;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Starts one more node; the caller may close it. */
    public GridNode add(Map<String, String> settings) {
        Map<String, String> values = new TreeMap<>(Map.of(
                "GRID_WORK_DIR", workDir.toString(),
                "GRID_HTTP_PORT", "0",
                "GRID_EXPECTED_NODES", "3",
                "GRID_STREAMS", "false",
                "GRID_TEARDOWN", "true",
                "GRID_DEADLINE_MS", "10000",
                "GRID_REGION_MB", "64",
                "GRID_HISTORY_REGION_MB", "32"));
        List<Integer> free = freePorts(5);
        values.put("GRID_REST_PORT", free.get(0).toString());
        values.put("GRID_CONNECTOR_PORT", free.get(1).toString());
        values.put("GRID_THIN_PORT", free.get(2).toString());
        values.put("GRID_DISCOVERY_PORT", free.get(3).toString());
        values.put("GRID_COMMUNICATION_PORT", free.get(4).toString());
        values.putAll(settings);
        GridNode node = GridNode.start(Settings.of(values), OVERLAY);
        nodes.add(node);
        return node;
    }

    /** The node with that place in the order of starts, from 0. */
    public GridNode node(int index) {
        return nodes.get(index);
    }

    public Ignite ignite(int index) {
        return node(index).ignite();
    }

    /** The feature API of a node. */
    public ApiClient api(int index) {
        return ApiClient.of(node(index).info().api(), Duration.ofSeconds(30));
    }

    /** Returns when all nodes serve that the grid began with; those that were added may be closed by now. */
    public void awaitReady() {
        for (int i = 0; i < began; i++) {
            await().atMost(Duration.ofSeconds(60)).until(api(i)::ready);
        }
    }

    public int size() {
        return nodes.size();
    }

    public Path workDir() {
        return workDir;
    }

    @Override
    public void close() {
        for (int i = nodes.size() - 1; i >= 0; i--) {
            nodes.get(i).close();
        }
        try (Stream<Path> files = Files.walk(workDir)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Distinct ports that nobody listens on now. */
    static List<Integer> freePorts(int count) {
        List<ServerSocket> held = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                held.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return held.stream().map(ServerSocket::getLocalPort).toList();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } finally {
            for (ServerSocket socket : held) {
                try {
                    socket.close();
                } catch (IOException failure) {
                    throw new UncheckedIOException(failure);
                }
            }
        }
    }
}
