package io.glucogrid.serving;

import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.EntityKey;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.Source;
import io.glucogrid.grid.Buckets;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.Deadline;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.AsOf;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.OfflineStore;
import io.glucogrid.store.OnlineStore;
import io.glucogrid.store.Suppressions;
import io.glucogrid.store.TableSchema;
import io.glucogrid.value.Timestamps;
import io.glucogrid.window.ViewWindows;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.ignite.Ignite;
import org.apache.ignite.cache.CachePeekMode;
import org.apache.ignite.cache.affinity.Affinity;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads the latest row of every entity from history into the online store.
 *
 * <p><b>What is loaded.</b> The first materialization of a view takes the latest row of every entity, whatever its age. From then
 * on a watermark says what is there already, and it counts neither event times nor anybody's clock: it is the set of segments
 * whose rows were read. Entities with rows in segments that are not in it are looked up again, so a row is not missed however
 * late its event comes and whatever the clock of its writer says. The set is taken before all nodes look into the tier once more,
 * so each node that reads knows these segments, or what compaction made of them; a compacted segment is a new one, and its
 * entities are looked up once more. A view that changed its columns, or whose online rows are gone, begins anew. With a range of
 * event times it is the latest row within it, of every entity; the watermark stays.
 *
 * <p><b>Who loads.</b> Each node loads the buckets whose online partitions it is primary for, some at the same time, so rows do
 * not cross the grid. Ownership may move meanwhile: nodes note which buckets they did, and what nobody did is asked for again.
 * The notes outlive the node that asked: the same request, made again, goes on where it was, and then takes what came since.
 *
 * <p>A row never replaces a newer one, so loading twice, or a bucket on two nodes, changes nothing.
 */
final class Materializer {
    private static final Duration DEADLINE = Duration.ofMinutes(10);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);
    private static final int BATCH_ROWS = 2_000;
    private static final int ROUNDS = 3;
    private static final Logger LOG = LoggerFactory.getLogger(Materializer.class);

    /** Fresh segments hold rows of all buckets, and each part reads them again. */
    private static final int BUCKETS_OF_A_PART = 16;

    private final Ignite ignite;
    private final Registry registry;
    private final Supplier<OfflineStore> offline;
    private final Supplier<OnlineStore> online;
    private final OnlineStates states;
    private final MaterializeProgress progress;
    private final Broadcast broadcast;
    private final Broadcast loading;
    private final InstantSource clock;
    private final Duration batchDeadline;

    Materializer(
            Ignite ignite,
            Registry registry,
            Supplier<OfflineStore> offline,
            Supplier<OnlineStore> online,
            OnlineStates states,
            Broadcast broadcast,
            InstantSource clock,
            Duration batchDeadline) {
        this.ignite = ignite;
        this.registry = registry;
        this.offline = offline;
        this.online = online;
        this.states = states;
        this.progress = new MaterializeProgress(ignite);
        this.broadcast = broadcast;
        this.loading = Broadcast.loading(ignite);
        this.clock = clock;
        this.batchDeadline = batchDeadline;
    }

    /**
     * What a materialization did.
     *
     * @param views how many views it loaded
     * @param rows how many rows it offered to the online store
     * @param incremental how many of the views went on from a watermark
     */
    record Loaded(int views, long rows, int incremental) {}

    /** Loads all rows of views on all nodes, whatever was loaded before. */
    Loaded all(Collection<FeatureView> views) {
        return materialize(views, Long.MIN_VALUE, Long.MAX_VALUE, true);
    }

    /**
     * Loads views on all nodes.
     *
     * @param fromMicros earliest event time
     * @param toMicros latest event time
     * @param anew whether watermarks are ignored
     */
    Loaded materialize(Collection<FeatureView> views, long fromMicros, long toMicros, boolean anew) {
        List<FeatureView> kept = views.stream().filter(FeatureView::online).toList();
        if (kept.isEmpty()) {
            return new Loaded(0, 0, 0);
        }
        boolean ranged = fromMicros != Long.MIN_VALUE || toMicros != Long.MAX_VALUE;
        String id = id(kept, fromMicros, toMicros, anew);
        Map<String, OnlineStates.Watermark> known = ranged || anew ? Map.of() : states.watermarks();
        List<@Nullable SeenSegments> seen = new ArrayList<>();
        for (FeatureView view : kept) {
            seen.add(seen(view, known.get(view.name())));
        }
        MaterializeProgress.Begun fresh = begun(kept, seen);
        List<SeenSegments> asked = fresh.read();
        long rows = 0;
        int incremental = -1;
        for (int attempt = 1; ; attempt++) {
            String shared = attempt < ROUNDS ? id : id + "-" + UUID.randomUUID();
            MaterializeProgress.Run run = progress.begin(shared, names(kept), fresh);
            rows += run(run, kept, fromMicros, toMicros, ranged);
            if (incremental < 0) {
                incremental = (int)
                        run.begun().seen().stream().filter(Objects::nonNull).count();
            }
            if (!run.isShared() || containsAll(run.begun().read(), asked)) {
                return new Loaded(kept.size(), rows, incremental);
            }
            fresh = begun(kept, List.copyOf(run.begun().read())); // what came after that run began is still to be read
        }
    }

    private static boolean containsAll(List<SeenSegments> read, List<SeenSegments> asked) {
        for (int i = 0; i < asked.size(); i++) {
            if (i >= read.size() || !read.get(i).containsAll(asked.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static List<String> names(List<FeatureView> views) {
        return views.stream().map(FeatureView::name).toList();
    }

    /** A run that begins now: when it reads, every node knows at least the segments that this one knows now. */
    private MaterializeProgress.Begun begun(List<FeatureView> views, List<@Nullable SeenSegments> seen) {
        Definitions definitions = registry.snapshot().definitions();
        Map<TableSchema, SeenSegments> tables = new LinkedHashMap<>();
        List<SeenSegments> read = new ArrayList<>();
        for (FeatureView view : views) {
            read.add(tables.computeIfAbsent(
                    definitions.table(definitions.parquetSource(view)),
                    table -> SeenSegments.of(offline.get().segmentPaths(table))));
        }
        broadcast.run(new Jobs.Relist(), DEADLINE);
        return new MaterializeProgress.Begun(
                Timestamps.micros(clock.instant()), Collections.unmodifiableList(seen), List.copyOf(read));
    }

    /**
     * What it came to is remembered once, by the request that ends the run. {@link Recovery} brings back the rows of marked
     * views; what was lost until then, the second look finds and loads again.
     */
    private long run(
            MaterializeProgress.Run run, List<FeatureView> views, long fromMicros, long toMicros, boolean ranged) {
        MaterializeProgress.Begun begun = run.begun();
        MaterializeRun job =
                new MaterializeRun(run.id(), run.token(), names(views), begun.seen(), fromMicros, toMicros);
        String worker = UUID.randomUUID().toString();
        try {
            awaitTurn(run, worker);
            MaterializeProgress.Done done = onAllNodes(job, everyBucket());
            if (!done.isOver()) {
                states.mark(views, OnlineStates.MATERIALIZED);
                done = onAllNodes(job, everyBucket());
            }
            if (!done.isOver()) {
                if (!ranged) {
                    advance(views, begun, done.rows());
                }
                progress.finish(run.id(), run.token(), done.rows());
            }
            return done.rows();
        } finally {
            progress.leaves(run.id(), run.token(), worker);
        }
    }

    /** Returns when nobody else works on a run; it may be over then. */
    private void awaitTurn(MaterializeProgress.Run run, String worker) {
        Deadline end = Deadline.in(DEADLINE.multipliedBy(ROUNDS));
        while (!progress.takes(run.id(), run.token(), worker)) {
            end.left("a materialization that another request began");
            Waits.pause(LOOK_AGAIN);
        }
    }

    /** Forgets, now and then, runs that nobody will go on with. */
    void prune() {
        progress.prune(System.nanoTime());
    }

    /** Forgets runs that are not over; what they have loaded is gone. */
    void forget() {
        progress.clear();
    }

    /** Loads all rows of some buckets of views on all nodes, whatever is noted of other runs. */
    Loaded buckets(List<FeatureView> views, BitSet buckets) {
        if (views.isEmpty()) {
            return new Loaded(0, 0, 0);
        }
        MaterializeProgress.Run run = progress.begin(
                "rebuild-" + UUID.randomUUID(), names(views), begun(views, Collections.nCopies(views.size(), null)));
        try {
            MaterializeRun job = new MaterializeRun(
                    run.id(), run.token(), names(views), run.begun().seen(), Long.MIN_VALUE, Long.MAX_VALUE);
            return new Loaded(views.size(), onAllNodes(job, buckets).rows(), 0);
        } finally {
            progress.end(run.id(), run.token());
        }
    }

    /** Loads {@code wanted} where each is primary, and here what no primary did. */
    private MaterializeProgress.Done onAllNodes(MaterializeRun run, BitSet wanted) {
        MaterializeProgress.Done done = done(run);
        BitSet left = left(done, wanted);
        for (int round = 0; round < ROUNDS && !left.isEmpty(); round++) {
            try {
                loading.run(new Jobs.MaterializeBuckets(run, left), DEADLINE);
            } catch (GridException unreachable) {
                if (unreachable.code() != ErrorCode.NOT_READY) {
                    throw unreachable;
                }
                LOG.warn("a node left while it loaded reason={}", unreachable.reason()); // others take its buckets
            }
            done = done(run);
            left = left(done, wanted);
        }
        if (!left.isEmpty()) {
            parts(run, left);
            done = done(run);
            if (!left(done, wanted).isEmpty()) {
                throw new GridException(
                        ErrorCode.NOT_READY, "online rows were lost while they were loaded; ask for the rest again");
            }
        }
        return done;
    }

    private MaterializeProgress.Done done(MaterializeRun run) {
        MaterializeProgress.Done done = progress.done(run.id(), run.token());
        if (done.isOver() && !done.isWhole()) {
            throw new GridException(
                    ErrorCode.NOT_READY, "the materialization was forgotten before all was loaded; ask for it again");
        }
        return done;
    }

    private static BitSet left(MaterializeProgress.Done done, BitSet wanted) {
        BitSet left = (BitSet) wanted.clone();
        if (done.isOver()) {
            left.clear();
        } else {
            left.andNot(done.buckets());
        }
        return left;
    }

    /** A watermark that would save nothing is not written: each one is a document that stays. */
    private void advance(List<FeatureView> views, MaterializeProgress.Begun begun, long rows) {
        Map<String, OnlineStates.Watermark> reached = new LinkedHashMap<>();
        for (int i = 0; i < views.size(); i++) {
            if (rows > 0 || begun.seen().get(i) == null) {
                FeatureView view = views.get(i);
                reached.put(
                        view.name(),
                        new OnlineStates.Watermark(
                                begun.startedMicros(), shape(view), begun.read().get(i)));
            }
        }
        states.advance(reached);
    }

    /** Segments whose rows a view has; null where it has to be loaded from the beginning. */
    private @Nullable SeenSegments seen(FeatureView view, OnlineStates.@Nullable Watermark watermark) {
        return watermark == null
                        || !watermark.shape().equals(shape(view))
                        || Waits.within(
                                        Caches.online(view).in(ignite).sizeLongAsync(CachePeekMode.PRIMARY),
                                        batchDeadline.toNanos(),
                                        "counting online rows")
                                == 0
                ? null
                : watermark.seen();
    }

    private String shape(FeatureView view) {
        Definitions definitions = registry.snapshot().definitions();
        return digest(view.features() + " of " + definitions.table(definitions.parquetSource(view)));
    }

    /** Names a request: the same request later has the same name. */
    String id(List<FeatureView> views, long fromMicros, long toMicros, boolean anew) {
        StringBuilder text = new StringBuilder();
        text.append(fromMicros).append(' ').append(toMicros).append(' ').append(anew);
        views.forEach(view -> text.append(' ').append(view.name()).append(' ').append(shape(view)));
        return digest(text.toString());
    }

    private static String digest(String text) {
        return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8)).toString();
    }

    private static BitSet everyBucket() {
        BitSet all = new BitSet(Buckets.COUNT);
        all.set(0, Buckets.COUNT);
        return all;
    }

    /** Loads those of {@code asked} that this node is primary for. */
    void primaryBuckets(MaterializeRun run, BitSet asked) {
        FeatureView first = view(run.views().get(0));
        Affinity<Object> affinity = ignite.affinity(Caches.online(first).name());
        if (affinity.partitions() != Buckets.COUNT) {
            throw new GridException(
                    ErrorCode.INVALID_CONFIG,
                    "cache '" + Caches.online(first).name() + "' has " + affinity.partitions() + " partitions, not "
                            + Buckets.COUNT);
        }
        BitSet mine = new BitSet(Buckets.COUNT);
        for (int partition : affinity.primaryPartitions(ignite.cluster().localNode())) {
            mine.set(partition);
        }
        mine.and(asked);
        parts(run, mine);
    }

    /** Loads buckets in parts, as many at a time as there are processors, and notes each part. */
    private void parts(MaterializeRun run, BitSet buckets) {
        List<BitSet> parts = new ArrayList<>();
        BitSet part = new BitSet(Buckets.COUNT);
        for (int bucket = buckets.nextSetBit(0); bucket >= 0; bucket = buckets.nextSetBit(bucket + 1)) {
            part.set(bucket);
            if (part.cardinality() == BUCKETS_OF_A_PART || buckets.nextSetBit(bucket + 1) < 0) {
                parts.add(part);
                part = new BitSet(Buckets.COUNT);
            }
        }
        if (parts.isEmpty()) {
            return;
        }
        int threads = Math.min(parts.size(), Runtime.getRuntime().availableProcessors());
        ExecutorService loaders = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "materialize-" + ignite.name());
            thread.setDaemon(true);
            return thread;
        });
        long end = System.nanoTime() + DEADLINE.toNanos();
        try {
            List<Future<?>> loading = new ArrayList<>();
            for (BitSet next : parts) {
                loading.add(loaders.submit(() -> loadAndNote(run, next)));
            }
            for (Future<?> one : loading) {
                Waits.within(one, end - System.nanoTime(), "loading the online store");
            }
        } finally {
            loaders.shutdownNow();
        }
    }

    private void loadAndNote(MaterializeRun run, BitSet buckets) {
        String loss = progress.lastLoss();
        progress.note(run.id(), run.token(), buckets, load(run, buckets), loss);
    }

    /** Views of one table that need the same rows. */
    private record Question(TableSchema table, @Nullable SeenSegments seen) {}

    private long load(MaterializeRun run, BitSet buckets) {
        Definitions definitions = registry.snapshot().definitions();
        Map<Question, List<Load>> loads = new LinkedHashMap<>();
        for (int i = 0; i < run.views().size(); i++) {
            FeatureView view = view(run.views().get(i));
            TableSchema table = definitions.table(definitions.parquetSource(view));
            loads.computeIfAbsent(new Question(table, run.seen(i)), first -> new ArrayList<>())
                    .add(new Load(view, table, definitions.parquetSource(view)));
        }
        long rows = 0;
        for (Map.Entry<Question, List<Load>> question : loads.entrySet()) {
            TableSchema table = question.getKey().table();
            SeenSegments seen = question.getKey().seen();
            Consumer<HistoryRow> found = row -> question.getValue().forEach(load -> load.add(row));
            if (seen == null && !run.hasRange()) {
                offline.get().latest(table, buckets::get, found);
            } else {
                Lookups lookups = new Lookups(table, run, found);
                SeenSegments known = seen == null ? SeenSegments.NONE : seen;
                offline.get().changed(table, buckets::get, known::contains, lookups);
                lookups.flush();
            }
            for (Load load : question.getValue()) {
                load.flush();
                rows += load.rows;
            }
        }
        return rows;
    }

    /** Asks for the latest rows of entities, many at once. */
    private final class Lookups implements Consumer<Object[]> {
        private final TableSchema table;
        private final MaterializeRun run;
        private final Consumer<HistoryRow> rows;
        private List<AsOf> batch = new ArrayList<>();

        Lookups(TableSchema table, MaterializeRun run, Consumer<HistoryRow> rows) {
            this.table = table;
            this.run = run;
            this.rows = rows;
        }

        @Override
        public void accept(Object[] joinKeys) {
            batch.add(new AsOf(joinKeys, run.fromMicros(), run.toMicros()));
            if (batch.size() >= BATCH_ROWS) {
                flush();
            }
        }

        void flush() {
            if (!batch.isEmpty()) {
                for (HistoryRow row : offline.get().asOf(table, batch)) {
                    if (row != null) {
                        rows.accept(row);
                    }
                }
                batch = new ArrayList<>();
            }
        }
    }

    private FeatureView view(String name) {
        FeatureView view = registry.snapshot().definitions().views().get(name);
        if (view == null) {
            throw new GridException(ErrorCode.NOT_FOUND, "feature view '" + name + "' does not exist");
        }
        return view;
    }

    /** A history row as a row of {@code view}'s online cache. */
    static FeatureRow onlineRow(FeatureView view, TableSchema table, Source.Parquet source, FeatureRow row) {
        @Nullable Object[] values = new Object[view.features().size()];
        for (int i = 0; i < values.length; i++) {
            Field feature = view.features().get(i);
            int column = table.valueIndex(feature.name());
            if (feature.name().equals(source.timestampField())) {
                values[i] = row.eventMicros();
            } else if (feature.name().equals(source.createdField())) {
                values[i] = row.createdMicros();
            } else if (column >= 0 && column < row.size()) {
                values[i] = row.value(column);
            }
        }
        return new FeatureRow(row.eventMicros(), row.createdMicros(), values);
    }

    /** The load of one view, in batches. */
    private final class Load {
        private final FeatureView view;
        private final TableSchema table;
        private final Source.Parquet source;
        private Map<Object, FeatureRow> batch = new LinkedHashMap<>();
        private long rows;

        Load(FeatureView view, TableSchema table, Source.Parquet source) {
            this.view = view;
            this.table = table;
            this.source = source;
        }

        void add(HistoryRow row) {
            batch.merge(
                    EntityKey.of(row.joinKeys()),
                    onlineRow(view, table, source, row.row()),
                    (known, added) -> added.replaces(known) ? added : known);
            if (batch.size() >= BATCH_ROWS) {
                flush();
            }
        }

        void flush() {
            if (!batch.isEmpty()) {
                ViewWindows windows = ViewWindows.of(view);
                Map<Object, FeatureRow> whole =
                        windows == null ? batch : windows.withRecent(offline.get(), table, batch);
                Map<Object, FeatureRow> allowed = allowed(whole);
                if (!allowed.isEmpty()) {
                    online.get().upsert(view, allowed, batchDeadline);
                }
                rows += allowed.size();
                batch = new LinkedHashMap<>();
            }
        }

        /** A load takes minutes, and looked at the list when it began: an entity may have been forgotten since. */
        private Map<Object, FeatureRow> allowed(Map<Object, FeatureRow> loaded) {
            Suppressions.Filter forgotten = offline.get().suppressions().filter(table.joinKeys());
            if (forgotten.isEmpty()) {
                return loaded;
            }
            Map<Object, FeatureRow> allowed = new LinkedHashMap<>(loaded);
            allowed.keySet().removeIf(key -> forgotten.covers(EntityKey.joinKeys(key)));
            return allowed;
        }
    }
}
