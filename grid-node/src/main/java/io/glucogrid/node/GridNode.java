package io.glucogrid.node;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.glucogrid.api.Endpoint;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.grid.LocalService;
import io.glucogrid.grid.NodeSettings;
import io.glucogrid.loaders.TierIdentity;
import io.glucogrid.store.OfflineStore;
import io.glucogrid.store.StreamControl;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCheckedException;
import org.apache.ignite.IgniteException;
import org.apache.ignite.IgniteSpring;
import org.apache.ignite.Ignition;
import org.apache.ignite.cluster.ClusterState;
import org.apache.ignite.configuration.CacheConfiguration;
import org.apache.ignite.configuration.IgniteConfiguration;
import org.apache.ignite.plugin.PluginProvider;
import org.apache.ignite.services.ServiceConfiguration;
import org.apache.ignite.spi.communication.tcp.TcpCommunicationSpi;
import org.apache.ignite.spi.discovery.tcp.TcpDiscoverySpi;
import org.jspecify.annotations.Nullable;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.io.ClassPathResource;

/**
 * One server node of this process, from its checks to its stop. Several may live in one process.
 *
 * <p><b>Start.</b> Everything that can be known to be wrong is found before Ignite starts, because a node that fails half-way
 * has already told its peers that it exists: missing JVM flags, unknown or missing settings, ports that were named and are
 * taken, a work directory or a tier that cannot be written. Then the node takes a name and a directory of its own
 * ({@link NodeSlot}), its XML is loaded with the given values, and Ignite starts from it. Ports that nobody named move up to
 * the next free one, so that the same command started twice on one machine makes a grid of two; a named port must be had.
 * The node counts as started when every service of its XML runs on it.
 *
 * <p><b>Stop.</b> From the outside in: the feature API answers not-ready and finishes what it has, the streams finish their
 * batch and commit, and only then the node leaves the grid; with peers there, it waits until they have copies of its
 * partitions. Each step has a deadline, and a step that fails does not keep the next from running.
 */
public final class GridNode implements AutoCloseable {
    private static final Duration SERVICES_DEADLINE = Duration.ofSeconds(60);
    private static final Duration DRAIN_DEADLINE = Duration.ofSeconds(10);
    private static final Duration PAUSE_DEADLINE = Duration.ofSeconds(20);
    private static final int MOST_NAMES = 20;

    /** With kept rows, a node that has to begin without them starts again. */
    private static final int MOST_STARTS = 50;

    private static final long PAUSE_MILLIS = 3_000;

    /** None comes back into what the others are about to leave; they decide within a few seconds. */
    private static final long DECIDED_PAUSE_MILLIS = 20_000;

    /** How Ignite or peers say that a node with kept rows is of another grid, or of the past of theirs. */
    private static final List<String> NOT_JOINED = List.of(
            KeptRowsGuard.REFUSED, "BaselineTopology", "Joining node has caches with data which are not presented");

    /** How Ignite says that two nodes have one consistent id. */
    private static final String SAME_NAME = "same hash code for partitioned affinity";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final NodeSlot slot;
    private final NodeXml xml;
    private final Ignite ignite;
    private final NodeInfo info;
    private final AtomicBoolean stopped = new AtomicBoolean();

    private GridNode(NodeSlot slot, NodeXml xml, Ignite ignite, NodeInfo info) {
        this.slot = slot;
        this.xml = xml;
        this.ignite = ignite;
        this.info = info;
    }

    /**
     * Starts a node and returns when all its services run.
     *
     * @param environment {@code local}, {@code cluster}, {@code docker}, {@code aws}, an XML file, or {@code classpath:} and
     *     the name of one
     * @throws GridException INVALID_CONFIG, CONFLICT for a port or a name that is taken, NOT_READY where a service did not
     *     start, INTERNAL where Ignite did not; nothing is left running
     */
    public static GridNode start(Settings settings, String environment) {
        long startNanos = System.nanoTime();
        JvmCheck.run();
        Environment where = Environment.of(environment);
        GivenPorts.check(settings);
        Map<String, String> values = new LinkedHashMap<>(settings.given());
        String defaultWorkDir = XmlDefaults.of(where.overlay()).getOrDefault(Setting.WORK_DIR.key(), ".glucogrid");
        Path workDir = Path.of(values.getOrDefault(Setting.WORK_DIR.key(), defaultWorkDir))
                .toAbsolutePath()
                .normalize();
        values.put(Setting.WORK_DIR.key(), workDir.toString());
        sole(settings, values, Setting.HTTP_PORT, Setting.HTTP_PORTS, "1");
        String discoveryPort = settings.value(Setting.DISCOVERY_PORT);
        if (discoveryPort != null) {
            int first = Integer.parseInt(discoveryPort.strip());
            String peers = "127.0.0.1:" + first + ".." + (first + 19);
            sole(settings, values, Setting.DISCOVERY_PORT, Setting.PEERS, peers);
        }

        String givenName = settings.value(Setting.NODE_NAME);
        Set<String> taken = new HashSet<>();
        int again = 0;
        long pauseMillis = 0;
        while (true) {
            pause(pauseMillis);
            NodeSlot slot = NodeSlot.claim(workDir, givenName, taken);
            try {
                return start(slot, where, settings, new LinkedHashMap<>(values), startNanos);
            } catch (StartAgain failure) {
                pauseMillis = failure.isDecided ? DECIDED_PAUSE_MILLIS : PAUSE_MILLIS;
                if (++again == MOST_STARTS) {
                    throw new GridException(ErrorCode.NOT_READY, String.valueOf(failure.getMessage()), failure);
                }
            } catch (NameTaken failure) {
                if (givenName != null || taken.size() == MOST_NAMES) {
                    throw new GridException(
                            ErrorCode.CONFLICT,
                            "the grid has a node '" + slot.name() + "' already; give this one another "
                                    + Setting.NODE_NAME.key(),
                            failure);
                }
                taken.add(slot.name());
            }
        }
    }

    /** The grid has a node of that name; without a given one, another is tried. */
    private static final class NameTaken extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NameTaken(Throwable cause) {
            super(cause);
        }
    }

    /** Kept rows may not be used, or their former node has not been given up yet. */
    private static final class StartAgain extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final boolean isEmpty;
        private final boolean isDecided;

        /**
         * Why, and how.
         *
         * @param isEmpty whether the store is emptied
         * @param cause null where the node decided it, as others may have at about the same time
         */
        StartAgain(String why, boolean isEmpty, @Nullable Throwable cause) {
            super(why, cause);
            this.isEmpty = isEmpty;
            this.isDecided = cause == null;
        }
    }

    private static void pause(long millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new GridException(ErrorCode.INTERNAL, "interrupted before the node started again", interrupted);
        }
    }

    private static GridNode start(
            NodeSlot slot, Environment where, Settings settings, Map<String, String> values, long startNanos) {
        NodeXml xml = null;
        Ignite ignite = null;
        KeptRows rows = null;
        try {
            values.put("node.name", slot.name());
            values.put("node.dir", slot.directory().toString());
            values.put("node.jetty", jettyFile(slot, values).toString());
            xml = NodeXml.load(where, values);
            URI tier = xml.settings().offlineUri();
            Writable.tier(tier);
            KeptRowsGuard guard = new KeptRowsGuard();
            rows = KeptRows.isWanted(values) ? keep(slot, xml, TierIdentity.of(tier), guard) : null;
            ignite = launch(xml, rows);
            if (rows != null) {
                Activation activation = new Activation(ignite, guard);
                begin(activation);
                Thread baseline = new Thread(activation::follow, "baseline-" + slot.name());
                baseline.setDaemon(true);
                baseline.start();
            }
            if (xml.declares(OfflineStore.NAME)) {
                TierIdentity.require(ignite, tier);
            }
            awaitServices(ignite);
            NodeInfo info = inspect(ignite, NodeSettings.of(ignite), settings, startNanos);
            publish(slot, info);
            return new GridNode(slot, xml, ignite, info);
        } catch (RuntimeException | Error failure) {
            undo(slot, xml, ignite, rows, failure);
            throw failure;
        }
    }

    public Ignite ignite() {
        return ignite;
    }

    public NodeInfo info() {
        return info;
    }

    /** Stops in order; {@link #stop} for somebody to tell about it. */
    @Override
    public void close() {
        stop(step -> {});
    }

    /** Stops in order and says each step; does nothing the second time. */
    public void stop(Consumer<String> progress) {
        if (!stopped.compareAndSet(false, true)) {
            return;
        }
        try {
            if (isRunning()) {
                quietly(progress, "draining the feature API", this::drain);
                quietly(progress, "committing the streams", this::pauseStreams);
            }
            progress.accept("leaving the grid");
            Departure.of(ignite);
        } finally {
            xml.close();
            slot.close();
        }
    }

    private boolean isRunning() {
        return Ignition.allGrids().contains(ignite);
    }

    private void drain() {
        LocalService<Endpoint> endpoint = new LocalService<>(ignite, Endpoint.NAME, Endpoint.class);
        if (endpoint.isReady()) {
            endpoint.get().drain(DRAIN_DEADLINE);
        }
    }

    /** Both at once: each waits for its batch in hand. What is not committed by the deadline comes again. */
    private void pauseStreams() {
        List<CompletableFuture<Void>> paused = new ArrayList<>();
        for (String name : List.of(StreamControl.ONLINE, StreamControl.OFFLINE)) {
            LocalService<StreamControl> stream = new LocalService<>(ignite, name, StreamControl.class);
            if (stream.isReady()) {
                StreamControl running = stream.get();
                paused.add(CompletableFuture.runAsync(
                        () -> running.pause(StreamControl.Hold.DEPARTURE), GridNode::inBackground));
            }
        }
        try {
            CompletableFuture.allOf(paused.toArray(CompletableFuture[]::new))
                    .get(PAUSE_DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException failure) {
            throw new GridException(ErrorCode.DEADLINE_EXCEEDED, "a stream did not finish its batch", failure);
        }
    }

    private static void inBackground(Runnable work) {
        Thread thread = new Thread(work, "stream-pause");
        thread.setDaemon(true);
        thread.start();
    }

    private static void quietly(Consumer<String> progress, String step, Runnable action) {
        progress.accept(step);
        try {
            action.run();
        } catch (RuntimeException failure) {
            progress.accept(step + " failed: " + failure);
        }
    }

    private static void sole(
            Settings settings, Map<String, String> values, Setting given, Setting derived, String value) {
        if (settings.has(given) && !"0".equals(settings.value(given))) {
            values.putIfAbsent(derived.key(), value);
        }
    }

    /** The HTTP server of Ignite REST takes its port from a file only. */
    private static Path jettyFile(NodeSlot slot, Map<String, String> values) {
        Path file = slot.directory().resolve("jetty.xml");
        try {
            return Files.writeString(
                    file, NodeXml.resolved(XmlDefaults.text(new ClassPathResource(XmlDefaults.JETTY)), values));
        } catch (IOException failure) {
            throw new UncheckedIOException(file + " cannot be written", failure);
        }
    }

    /** Gives the node the store of its rows. */
    private static KeptRows keep(NodeSlot slot, NodeXml xml, String tier, KeptRowsGuard guard) {
        IgniteConfiguration configuration = xml.configuration();
        int backups = 0;
        for (CacheConfiguration<?, ?> cache : configuration.getCacheConfiguration()) {
            backups = cache.getName().startsWith(Caches.ONLINE_PREFIX) ? cache.getBackups() : backups;
        }
        KeptRows rows = KeptRows.open(
                slot.directory(),
                slot.name(),
                new Version().getVersion()[0] + ", backups " + backups + ", tier " + tier);
        Map<String, Object> attributes = new HashMap<>(configuration.getUserAttributes());
        attributes.putAll(rows.attributes());
        configuration.setUserAttributes(attributes);
        configuration.setConsistentId(rows.id());
        List<PluginProvider<?>> plugins = new ArrayList<>();
        ServiceLoader.load(PluginProvider.class).forEach(plugins::add);
        plugins.add(guard);
        configuration.setPluginProviders(plugins.toArray(PluginProvider[]::new));
        autoActivation(configuration);
        return rows;
    }

    @SuppressWarnings(
            "deprecation") // nothing else keeps Ignite from activating with all of a baseline's nodes, whatever they
    // have
    private static void autoActivation(IgniteConfiguration configuration) {
        configuration.setAutoActivationEnabled(false);
    }

    private static void begin(Activation activation) {
        try {
            Activation.Step step = activation.await();
            if (step != Activation.Step.BEGIN) {
                throw new StartAgain("the grid has not begun", step == Activation.Step.START_EMPTY, null);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new GridException(ErrorCode.INTERNAL, "interrupted before the grid began", interrupted);
        }
    }

    private static Ignite launch(NodeXml xml, @Nullable KeptRows rows) {
        try {
            if (rows != null) {
                rows.opening();
            }
            Ignite ignite = IgniteSpring.start(xml.configuration(), xml.context());
            if (rows != null) {
                rows.opened();
            }
            return ignite;
        } catch (IgniteCheckedException | IgniteException failure) {
            Throwable cause = NestedExceptionUtils.getMostSpecificCause(failure);
            if (rows != null && rows.isKept()) {
                throw unusable(rows, String.valueOf(cause.getMessage()), failure);
            }
            if (isNameTaken(String.valueOf(cause.getMessage()))) {
                throw new NameTaken(failure);
            }
            throw new GridException(ErrorCode.INTERNAL, "the node did not start: " + cause.getMessage(), failure);
        }
    }

    private static boolean isNameTaken(String why) {
        return why.contains(SAME_NAME) || why.contains(KeptRowsGuard.SAME_NAME);
    }

    /** What to do about kept rows with which Ignite did not start. */
    private static RuntimeException unusable(KeptRows rows, String why, Exception failure) {
        if (isNameTaken(why)) {
            rows.opened();
            return new StartAgain("the node's former self is in the grid: " + why, false, failure);
        }
        if (NOT_JOINED.stream().anyMatch(why::contains)) {
            return new StartAgain("the grid has gone on without the kept rows: " + why, true, failure);
        }
        return new GridException(
                ErrorCode.INTERNAL,
                "the node did not start with the rows that it kept: " + why + "; where they are damaged, remove "
                        + rows.directory() + ": they are rebuilt from the tier and Kafka",
                failure);
    }

    private static void awaitServices(Ignite ignite) {
        TreeSet<String> missing = new TreeSet<>();
        ServiceConfiguration[] services = ignite.configuration().getServiceConfiguration();
        for (ServiceConfiguration service : services == null ? new ServiceConfiguration[0] : services) {
            missing.add(service.getName());
        }
        long deadlineNanos = System.nanoTime() + SERVICES_DEADLINE.toNanos();
        while (true) {
            missing.removeIf(name -> new LocalService<>(ignite, name, Object.class).isReady());
            if (missing.isEmpty()) {
                return;
            }
            if (System.nanoTime() > deadlineNanos) {
                throw new GridException(
                        ErrorCode.NOT_READY,
                        "services did not start within " + SERVICES_DEADLINE.toSeconds() + " s: "
                                + String.join(", ", missing) + "; the log says why");
            }
            try {
                TimeUnit.MILLISECONDS.sleep(20);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new GridException(ErrorCode.INTERNAL, "interrupted while the services started", interrupted);
            }
        }
    }

    private static NodeInfo inspect(Ignite ignite, NodeSettings parsed, Settings settings, long startNanos) {
        IgniteConfiguration configuration = ignite.configuration();
        LocalService<Endpoint> endpoint = new LocalService<>(ignite, Endpoint.NAME, Endpoint.class);
        NodeInfo info = new NodeInfo(
                ignite.name(),
                ProcessHandle.current().pid(),
                ignite.cluster().forServers().nodes().size(),
                endpoint.isReady() ? endpoint.get().address().toString() : null,
                port(ignite, "org.apache.ignite.rest.jetty.port"),
                port(ignite, "org.apache.ignite.rest.tcp.port"),
                port(ignite, "clientListenerPort"),
                ((TcpDiscoverySpi) configuration.getDiscoverySpi()).getLocalPort(),
                ((TcpCommunicationSpi) configuration.getCommunicationSpi()).boundPort(),
                parsed.offlineUri().toString(),
                KafkaAddress.of(parsed),
                parsed.workDir().toString(),
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos));
        confirm(settings, Setting.REST_PORT, info.restPort());
        confirm(settings, Setting.CONNECTOR_PORT, info.connectorPort());
        confirm(settings, Setting.THIN_PORT, info.thinPort());
        confirm(settings, Setting.DISCOVERY_PORT, info.discoveryPort());
        confirm(settings, Setting.COMMUNICATION_PORT, info.communicationPort());
        return info;
    }

    private static void confirm(Settings settings, Setting setting, @Nullable Integer actual) {
        if (actual != null) {
            GivenPorts.confirm(settings, setting, actual);
        }
    }

    private static @Nullable Integer port(Ignite ignite, String attribute) {
        Object value = ignite.cluster().localNode().attribute(attribute);
        return value instanceof Integer port ? port : null;
    }

    private static void publish(NodeSlot slot, NodeInfo info) {
        Path target = slot.infoFile();
        Path draft = target.resolveSibling(target.getFileName() + ".tmp");
        try {
            Files.writeString(draft, JSON.writeValueAsString(info.asJson()) + "\n");
            Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failure) {
            throw new UncheckedIOException(target + " cannot be written", failure);
        }
    }

    private static void undo(
            NodeSlot slot, @Nullable NodeXml xml, @Nullable Ignite ignite, @Nullable KeptRows rows, Throwable failure) {
        if (ignite != null && rows != null && ignite.cluster().state() == ClusterState.INACTIVE) {
            Ignition.stop(ignite.name(), true); // there is nothing to hand over
        } else if (ignite != null) {
            Departure.of(ignite);
        }
        if (rows != null && failure instanceof StartAgain again && again.isEmpty) {
            rows.remove();
        }
        if (xml != null) {
            xml.close();
        }
        slot.close();
    }
}
