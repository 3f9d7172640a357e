package io.glucogrid.serving;

import io.glucogrid.cluster.GridHealth;
import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.FeatureStore;
import io.glucogrid.feature.FeatureTable;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.feature.Source;
import io.glucogrid.feature.ValueType;
import io.glucogrid.forget.Forgetting;
import io.glucogrid.grid.Deadline;
import io.glucogrid.grid.DidYouMean;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.grid.LocalService;
import io.glucogrid.grid.NodeSettings;
import io.glucogrid.model.Predictor;
import io.glucogrid.online.HotHistory;
import io.glucogrid.online.ReadingLearner;
import io.glucogrid.plan.DefinitionsPlan;
import io.glucogrid.registry.DefinitionFiles;
import io.glucogrid.registry.RegistryDocument;
import io.glucogrid.store.OfflineStore;
import io.glucogrid.store.OnlineStore;
import io.glucogrid.store.StreamControl;
import io.glucogrid.value.Timestamps;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.ignite.Ignite;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The feature store of one node: registry, reads, writes and administration behind one face.
 *
 * <p>It implements {@link FeatureStore} for callers that hold typed values (the streams), and takes requests as JSON values for
 * the doors. Everything it needs from other modules is looked up on the node at first use, so the node's services may start in
 * any order; until a part is there, what needs it answers NOT_READY.
 */
public final class FeatureRuntime implements FeatureStore, AutoCloseable {
    /** Name of the service that writes the online store, on every server node. */
    static final String ONLINE_STORE = "online-store";

    private static final Logger LOG = LoggerFactory.getLogger(FeatureRuntime.class);
    private static final int MAX_WAITING_READS = 1_000;
    private static final Duration STOP_DEADLINE = Duration.ofSeconds(5);
    private static final Duration ADMINISTRATION_DEADLINE = Duration.ofSeconds(30);

    /** Of one part of a long join, which may read every bucket. */
    private static final Duration JOIN_DEADLINE = Duration.ofSeconds(60);

    /** Longer than any push or stream batch that started before a change of the definitions: a batch may take a minute. */
    private static final Duration RETIREMENT_GRACE = Duration.ofSeconds(90);

    /** A tier that owes an answer for longer is told. */
    private static final Duration TIER_PATIENCE = Duration.ofSeconds(5);

    private static final int VERSIONS_SHOWN = 100;
    private static final double MICROS_PER_SECOND = 1e6;

    private final Ignite ignite;
    private final NodeSettings settings;
    private final LocalService<OfflineStore> offline;
    private final LocalService<OnlineStore> online;
    private final LocalService<Predictor> predictor;
    private final Broadcast broadcast;
    private final Registry registry;
    private final InstantSource clock;
    private final OnlineStates states;
    private final Materializer materializer;
    private final Administration administration;
    private final OnlineReads onlineReads;
    private final HistoricalReads historicalReads;
    private final Forgetting forgetting;
    private final ReadingLearner learner;
    private final EventWriter writer;
    private final RetiredCaches retired;
    private final Explanations explanations;
    private final GridHealth health;
    private final Recovery recovery;
    private final Upkeep upkeep;
    private final ThreadPoolExecutor readers;
    private final ExecutorService askers;
    private final LastKnown<List<String>> tierProblems;
    private final LastKnown<Map<String, OnlineStates.Watermark>> watermarks;
    private final Thread upkeepThread;
    private final Thread memoryThread;

    private FeatureRuntime(Ignite ignite, NodeSettings settings, InstantSource clock) {
        this.ignite = ignite;
        this.settings = settings;
        this.offline = new LocalService<>(ignite, OfflineStore.NAME, OfflineStore.class);
        this.online = new LocalService<>(ignite, ONLINE_STORE, OnlineStore.class);
        this.predictor = new LocalService<>(ignite, Predictor.NAME, Predictor.class);
        this.broadcast = Broadcast.serving(ignite);
        RowCarrier carrier = new RowCarrier(ignite, ADMINISTRATION_DEADLINE);
        this.registry = new Registry(ignite, offline, broadcast, carrier, clock);
        this.clock = clock;
        this.states = new OnlineStates(offline);
        this.materializer =
                new Materializer(ignite, registry, offline, online, states, broadcast, clock, ADMINISTRATION_DEADLINE);
        DefinitionFiles files = new DefinitionFiles(settings.features());
        this.retired = new RetiredCaches(ignite, registry, carrier, RETIREMENT_GRACE, ADMINISTRATION_DEADLINE);
        this.administration = new Administration(
                ignite,
                registry,
                files,
                offline,
                states,
                materializer,
                carrier,
                retired,
                broadcast,
                settings.teardownEnabled());
        this.health = new GridHealth(ignite);
        this.onlineReads = new OnlineReads(ignite, health, clock);
        this.readers = readers();
        this.historicalReads = new HistoricalReads(offline, new BucketJoins(ignite, offline), readers);
        this.explanations = new Explanations(ignite, health, registry, offline, clock);
        this.learner = ReadingLearner.of(ignite);
        this.forgetting = new Forgetting(
                ignite,
                health.majority(),
                offline,
                online,
                registry::stored,
                learner::forget,
                clock,
                ADMINISTRATION_DEADLINE,
                System::nanoTime);
        this.writer = new EventWriter(offline, online, new HotHistory(ignite), forgetting, learner, states, clock);
        Streams streams = new Streams(ignite);
        this.recovery = new Recovery(ignite, health, registry, materializer, states, streams, broadcast);
        this.upkeep = new Upkeep(
                ignite,
                registry,
                files,
                materializer,
                states,
                streams,
                health,
                recovery,
                new ServingWarmUp(registry, onlineReads, historicalReads, offline),
                retired,
                forgetting,
                administration);
        this.askers = Executors.newFixedThreadPool(2, task -> {
            Thread thread = new Thread(task, "tier-status-" + ignite.name());
            thread.setDaemon(true);
            return thread;
        });
        this.tierProblems = new LastKnown<>(() -> offline.get().problems(), List.of(), askers);
        this.watermarks = new LastKnown<>(states::watermarks, Map.of(), askers);
        this.upkeepThread = new Thread(upkeep, "feature-store-upkeep-" + ignite.name());
        this.upkeepThread.setDaemon(true);
        this.memoryThread = new Thread(upkeep::watchMemory, "online-memory-" + ignite.name());
        this.memoryThread.setDaemon(true);
    }

    /** Builds the store of {@code ignite}'s node and starts loading its definitions in the background. */
    static FeatureRuntime start(Ignite ignite, NodeSettings settings, InstantSource clock) {
        FeatureRuntime runtime = new FeatureRuntime(ignite, settings, clock);
        runtime.upkeepThread.start();
        runtime.memoryThread.start();
        return runtime;
    }

    private static ThreadPoolExecutor readers() {
        int threads = Math.max(4, Runtime.getRuntime().availableProcessors());
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads, threads, 30, TimeUnit.SECONDS, new LinkedBlockingQueue<>(MAX_WAITING_READS), task -> {
                    Thread thread = new Thread(task, "historical-read");
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    @Override
    public void close() {
        upkeep.stop();
        upkeepThread.interrupt();
        memoryThread.interrupt();
        readers.shutdownNow();
        askers.shutdownNow();
        try {
            upkeepThread.join(STOP_DEADLINE.toMillis());
            memoryThread.join(STOP_DEADLINE.toMillis());
            if (!readers.awaitTermination(STOP_DEADLINE.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("historical reads still run after ms={}", STOP_DEADLINE.toMillis());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    Registry registry() {
        return registry;
    }

    /** Removes online caches of former layouts at once, without waiting for writes that may still be under way. */
    void removeRetired() {
        retired.remove();
    }

    Recovery recovery() {
        return recovery;
    }

    Materializer materializer() {
        return materializer;
    }

    @Override
    public Definitions definitions() {
        return registry.snapshot().definitions();
    }

    @Override
    public FeatureTable online(String service, List<Object[]> entities, Duration deadline) {
        ReadPlan plan = typed(registry.snapshot().service(service), service);
        return onlineReads
                .read(plan, entities, List.of(), Deadline.in(deadline))
                .table();
    }

    @Override
    public FeatureTable historical(String service, List<Object[]> entities, long[] atMicros, Duration deadline) {
        ReadPlan plan = typed(registry.snapshot().service(service), service);
        return accepted(() -> historicalReads.read(plan, entities, List.of(), atMicros, Deadline.in(deadline)));
    }

    private static ReadPlan typed(ReadPlan plan, String service) {
        if (!plan.requested().isEmpty()) {
            throw new GridException(
                    ErrorCode.INVALID_REQUEST,
                    "feature service '" + service + "' needs values that come with a request");
        }
        return plan;
    }

    /**
     * Latest values for entities as a request gives them, with what is known of each.
     *
     * @throws GridException NOT_FOUND for an unknown service or feature, INVALID_REQUEST for unusable entities, TOO_LARGE for
     *     too many, DEADLINE_EXCEEDED
     */
    public OnlineAnswer online(Selection selection, @Nullable Object entities, Deadline deadline) {
        ReadPlan plan = selection.plan(registry.snapshot());
        EntityRows rows = EntityRows.online(plan, entities, maxEntities());
        return onlineReads.read(plan, rows.keys(), rows.request(), deadline);
    }

    /** Throws what {@link #online(Selection, Object, Deadline)} would throw of a question that cannot be answered whatever is stored. */
    public void checkOnline(Selection selection, @Nullable Object entities) {
        EntityRows.online(selection.plan(registry.snapshot()), entities, maxEntities());
    }

    /** How long a request may take that says nothing else. */
    public Deadline deadline() {
        return Deadline.in(settings.deadline());
    }

    /** Most entities that one read takes, and most events that one push takes. */
    public int maxEntities() {
        return settings.requests().entities();
    }

    /** As {@link #online(Selection, Object, Deadline)}, where this node holds all rows; null where somebody has to wait for them. */
    public @Nullable OnlineAnswer onlineIfLocal(Selection selection, @Nullable Object entities) {
        ReadPlan plan = selection.plan(registry.snapshot());
        EntityRows rows = EntityRows.online(plan, entities, maxEntities());
        return onlineReads.ifLocal(plan, rows.keys(), rows.request());
    }

    /**
     * What {@link #online(Selection, Object, Deadline)} would have answered at a time, as history knows it: the latest row with event and
     * creation time not after it, ages counted from it. What was only ever pushed online has no history.
     *
     * @param atMicros microseconds since the epoch
     */
    public OnlineAnswer onlineAsOf(Selection selection, @Nullable Object entities, long atMicros, Deadline deadline) {
        ReadPlan plan = selection.plan(registry.snapshot());
        EntityRows rows = EntityRows.online(plan, entities, maxEntities());
        return accepted(() -> historicalReads.online(plan, rows.keys(), rows.request(), atMicros, deadline));
    }

    /**
     * Values as of the entities' {@code event_timestamp}.
     *
     * @param most more entities are TOO_LARGE
     * @param knownThen whether rows created after that time count as not there
     */
    public HistoricalAnswer historical(
            Selection selection, @Nullable Object entities, int most, boolean knownThen, Deadline deadline) {
        ReadPlan plan = selection.plan(registry.snapshot());
        return historical(plan, EntityRows.historical(plan, entities, most), knownThen, deadline);
    }

    /**
     * A historical join whose entities come in parts, so that any number of them fits into memory.
     *
     * @param knownThen as in {@link #historical(Selection, Object, int, boolean, Deadline)}
     */
    public HistoricalJoin historicalJoin(Selection selection, boolean knownThen) {
        return new HistoricalJoin(this, selection.plan(registry.snapshot()), knownThen);
    }

    /** As {@link #historical(Selection, Object, int, boolean, Deadline)}, for a part of a join that has a longer deadline. */
    HistoricalAnswer historical(ReadPlan plan, EntityRows rows, boolean knownThen) {
        return historical(plan, rows, knownThen, Deadline.in(JOIN_DEADLINE));
    }

    private HistoricalAnswer historical(ReadPlan plan, EntityRows rows, boolean knownThen, Deadline deadline) {
        FeatureTable table = accepted(
                () -> historicalReads.read(plan, rows.keys(), rows.request(), rows.atMicros(), knownThen, deadline));
        int own = rows.columns().size();
        int keys = plan.joinKeys().size();
        int features = plan.columns().size();
        List<String> names = new ArrayList<>(rows.columns());
        Set<String> taken = new HashSet<>(names);
        @Nullable ValueType[] types = new ValueType[own + features];
        for (int i = 0; i < features; i++) {
            String name = table.names().get(keys + i);
            while (!taken.add(name)) {
                name += "__";
            }
            names.add(name);
            types[own + i] = table.types().get(keys + i);
        }
        @Nullable Object[][] values = new Object[table.rows().length][];
        for (int i = 0; i < values.length; i++) {
            values[i] = new Object[own + features];
            System.arraycopy(rows.values()[i], 0, values[i], 0, own);
            System.arraycopy(table.rows()[i], keys, values[i], own, features);
        }
        return new HistoricalAnswer(names, types, values);
    }

    private static <T> T accepted(Supplier<T> read) {
        try {
            return read.get();
        } catch (RejectedExecutionException full) {
            throw new GridException(ErrorCode.OVERLOADED, "too many historical reads are waiting; try again", full);
        }
    }

    /**
     * Stores events; returns when every store they are meant for has acknowledged them. All are checked before any is stored.
     *
     * @param storeType {@code online}, {@code offline} or {@code online_and_offline}
     */
    public void push(
            String pushSource, String storeType, List<Map<String, @Nullable Object>> events, Deadline deadline) {
        health.majority().require();
        requireFew(events);
        EventWriter.Target target = null;
        List<String> names = new ArrayList<>();
        for (EventWriter.Target candidate : EventWriter.Target.values()) {
            String name = candidate.name().toLowerCase(Locale.ROOT);
            names.add(name);
            if (name.equals(storeType)) {
                target = candidate;
            }
        }
        if (target == null) {
            throw new GridException(
                    ErrorCode.INVALID_REQUEST,
                    "'store_type' must be one of " + String.join(", ", names) + ", not \"" + storeType + "\""
                            + DidYouMean.suffix(storeType, names));
        }
        Snapshot snapshot = registry.snapshot();
        Source.Push source = snapshot.pushSource(pushSource);
        EventWriter.Target to = target;
        if (to.isOnline()) {
            health.requireRoom(); // before anything of it is durable
        }
        written(() -> writer.push(snapshot.definitions(), snapshot.document().version(), source, to, events, deadline));
    }

    /** Stores rows in the online store of one view only, whatever feeds it; returns when they are there. */
    public void writeOnline(String viewName, List<Map<String, @Nullable Object>> rows, Deadline deadline) {
        health.majority().require();
        requireFew(rows);
        written(() -> writer.writeOnline(definitions(), view(viewName), rows, deadline));
    }

    /** Nothing is acknowledged by a minority, also where it became one meanwhile; a failure says what the grid has lost. */
    private void written(Runnable write) {
        try {
            write.run();
            health.majority().require();
        } catch (GridException failed) {
            throw health.explained(failed);
        }
    }

    private void requireFew(List<?> events) {
        if (events.isEmpty()) {
            throw new GridException(ErrorCode.INVALID_REQUEST, "there is no event");
        }
        if (events.size() > maxEntities()) {
            throw new GridException(ErrorCode.TOO_LARGE, events.size() + " events; one request takes " + maxEntities());
        }
    }

    private FeatureView view(String name) {
        Map<String, FeatureView> views = definitions().views();
        FeatureView view = views.get(name);
        if (view == null) {
            throw new GridException(
                    ErrorCode.NOT_FOUND,
                    "feature view '" + name + "' does not exist" + DidYouMean.suffix(name, views.keySet()));
        }
        return view;
    }

    /** {@link #materialize(List, long, long, boolean)} of all views, from their watermarks. */
    public Map<String, Long> materialize() {
        return materialize(List.of(), Long.MIN_VALUE, Long.MAX_VALUE, false);
    }

    /**
     * Loads the latest rows of views into the online store; never replaces a newer row.
     *
     * @param views names; none for all views that are kept online
     * @param fromMicros earliest event time; {@code Long.MIN_VALUE} for any
     * @param toMicros latest event time; {@code Long.MAX_VALUE} for any
     * @param anew whether all rows are read, and not those ingested since the last time
     * @return {@code views}, {@code rows} offered to the online store, and {@code incremental}: views that went on from a
     *     watermark
     * @throws GridException NOT_FOUND for an unknown view, INVALID_REQUEST for one that is not kept online
     */
    public Map<String, Long> materialize(List<String> views, long fromMicros, long toMicros, boolean anew) {
        List<FeatureView> chosen = new ArrayList<>();
        for (String name : views) {
            FeatureView view = view(name);
            OnlineReads.requireOnline(view);
            chosen.add(view);
        }
        if (views.isEmpty()) {
            definitions().views().values().stream().filter(FeatureView::online).forEach(chosen::add);
        }
        health.majority().require();
        Materializer.Loaded loaded = materializer.materialize(chosen, fromMicros, toMicros, anew);
        Map<String, Long> counts = new LinkedHashMap<>();
        counts.put("views", (long) loaded.views());
        counts.put("rows", loaded.rows());
        counts.put("incremental", (long) loaded.incremental());
        return counts;
    }

    /** Applies the node's definition files; returns the registry's version. */
    public long setup() {
        health.majority().require();
        return administration.setup().version();
    }

    /**
     * What applying definition files would change.
     *
     * @param files text by file name; empty for the node's own files
     * @throws GridException INVALID_REQUEST that names every problem of the files
     */
    public DefinitionsPlan plan(Map<String, String> files) {
        return administration.plan(definitions(files));
    }

    /**
     * Puts definition files in force on every node.
     *
     * @param files text by file name; empty for the node's own files
     * @param expected registry version that the caller planned for; negative for the one of now
     * @return what changed
     * @throws GridException INVALID_REQUEST as {@link #plan}, CONFLICT where the registry has moved on
     */
    public Applied apply(Map<String, String> files, long expected) {
        health.majority().require();
        Definitions definitions = definitions(files);
        DefinitionsPlan plan = administration.plan(definitions);
        return new Applied(
                administration
                        .apply(definitions, expected < 0 ? plan.version() : expected)
                        .version(),
                plan);
    }

    /**
     * Puts the definitions of an earlier version in force again, as a new version.
     *
     * @param expected as in {@link #apply}
     */
    public Applied rollback(long to, long expected) {
        health.majority().require();
        DefinitionsPlan plan = administration.plan(registry.version(to).definitions());
        return new Applied(
                administration
                        .rollback(to, expected < 0 ? plan.version() : expected)
                        .version(),
                plan);
    }

    /** What an apply or rollback came to: the version in force now, and what it changed. */
    public record Applied(long version, DefinitionsPlan plan) {}

    private Definitions definitions(Map<String, String> files) {
        return files.isEmpty() ? administration.ownFiles() : DefinitionFiles.read(files);
    }

    /** A version of the registry; NOT_FOUND where there is none. */
    public RegistryDocument registryVersion(long version) {
        return registry.version(version);
    }

    /** The version that this node serves. */
    public RegistryDocument registryDocument() {
        return registry.snapshot().document();
    }

    /** The newest versions of the registry, the newest first. */
    public List<RegistryDocument> registryVersions() {
        return registry.versions(VERSIONS_SHOWN);
    }

    /**
     * Where each value of a feature service comes from, for some entities, as a JSON tree.
     *
     * @throws GridException as {@link #online(Selection, Object, Deadline)}
     */
    public Map<String, Object> explain(String service, @Nullable Object entities, Deadline deadline) {
        return explanations.tree(service, entities, deadline);
    }

    /** Removes everything but source files; FORBIDDEN unless the node allows it. */
    public void teardown() {
        health.majority().require();
        administration.teardown();
    }

    /** Removes entities for good, and lists those that were. */
    public Forgetting forgetting() {
        return forgetting;
    }

    /**
     * Lets every node look for new segments in the tier.
     *
     * @param newRows whether they may have rows that were not there before, which hot windows then must not hide
     */
    public void relist(boolean newRows) {
        broadcast.run(new Jobs.Relist(), ADMINISTRATION_DEADLINE);
        if (newRows) {
            administration.clearHotHistory();
        }
    }

    /**
     * Pauses or resumes a stream on every node; a pause returns when the batches in hand are committed. A node that starts later
     * runs its streams.
     *
     * @param stream {@code online} or {@code offline}; null for both
     * @throws GridException INVALID_REQUEST for another name, DEADLINE_EXCEEDED where a batch took too long (the pause comes
     *     after it all the same)
     */
    public void switchStreams(@Nullable String stream, boolean running) {
        if (stream != null && !Streams.ALL.contains(stream)) {
            throw new GridException(
                    ErrorCode.INVALID_REQUEST, "there is no stream '" + stream + "'; there are " + Streams.ALL);
        }
        broadcast.run(
                new Jobs.SwitchStreams(
                        stream == null ? Streams.ALL : List.of(stream), StreamControl.Hold.OPERATOR, running),
                ADMINISTRATION_DEADLINE);
    }

    /** Why the node cannot answer everything yet, one sentence per missing part; empty where it can. */
    public List<String> missingParts() {
        List<String> missing = new ArrayList<>(health.reasons());
        if (!registry.isLoaded()) {
            String problem = upkeep.problem();
            missing.add("definitions: " + (problem == null ? "not loaded yet" : problem));
        } else if (!upkeep.isRebuilt()) {
            missing.add("online store: rows are being rebuilt");
        }
        if (!offline.isReady()) {
            missing.add("offline store: not started yet");
        }
        if (!online.isReady()) {
            missing.add("online store: not started yet");
        }
        if (!predictor.isReady()) {
            missing.add("predictor: not started yet");
        }
        if (!learner.isReady()) {
            missing.add("forecasts: not started yet");
        }
        return missing;
    }

    /** State of each stream of this node as a word, with its reason where it waits. */
    public Map<String, String> streamStates() {
        Map<String, String> states = new LinkedHashMap<>();
        if (!settings.streams()) {
            return states;
        }
        Map<String, Map<String, Object>> known = new Streams(ignite).status();
        for (String name : List.of("online", "offline")) {
            Map<String, Object> status = known.get(name);
            Object state = status == null ? "starting" : status.get("state");
            Object reason = status == null ? null : status.get("reason");
            states.put(name, reason == null ? String.valueOf(state) : state + ": " + reason);
        }
        return states;
    }

    /** Records that each stream of this node is behind, by the partitions that it reads now. */
    public Map<String, Object> streamLags() {
        Map<String, Object> lags = new LinkedHashMap<>();
        new Streams(ignite).status().forEach((name, status) -> lags.put(name, status.getOrDefault("lag", Map.of())));
        return lags;
    }

    /** What will be wrong with the grid some day, one sentence each. */
    public List<String> gridWarnings() {
        return health.warnings();
    }

    /** Why no online rows are taken now; null where they are. */
    public @Nullable String memoryProblem() {
        return health.memoryProblem();
    }

    /** One line for each damaged file that the tier leaves out, and one where it does not answer. */
    public List<String> tierProblems() {
        if (!offline.isReady()) {
            return List.of();
        }
        List<String> problems = new ArrayList<>(tierProblems.value());
        Duration unanswered = tierProblems.unanswered();
        if (unanswered.compareTo(TIER_PATIENCE) > 0) {
            problems.add("the tier has not answered for " + unanswered.toSeconds() + " s");
        }
        return problems;
    }

    /** Why subjects' states for forecasting are not all there yet, in a sentence; empty where they are. */
    public String forecastShortfall() {
        return learner.shortfall();
    }

    /**
     * Seconds since when each materialized view may be missing rows, by view: the age of its watermark. Empty until the tier has
     * said.
     */
    public Map<String, Double> freshnessSeconds() {
        Map<String, Double> ages = new TreeMap<>();
        if (!offline.isReady() || !registry.isLoaded()) {
            return ages;
        }
        long nowMicros = Timestamps.micros(clock.instant());
        watermarks.value().forEach((view, watermark) -> {
            if (definitions().views().containsKey(view)) {
                ages.put(view, (nowMicros - watermark.atMicros()) / MICROS_PER_SECOND);
            }
        });
        return ages;
    }

    /** Version in force, 0 before one is loaded. */
    public long definitionsVersion() {
        return registry.isLoaded() ? registry.snapshot().document().version() : 0;
    }

    /** Nodes, definitions, streams and tier, as a JSON tree. */
    public Map<String, Object> status() {
        return new GridStatus(settings, registry, offline, broadcast, new MaterializeProgress(ignite), health).tree();
    }
}
