package io.glucogrid.serving;

import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.FeatureStore;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.Buckets;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.Deadline;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.grid.LocalService;
import io.glucogrid.store.AsOf;
import io.glucogrid.store.AsOfAnswers;
import io.glucogrid.store.AsOfBatch;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.OfflineStore;
import io.glucogrid.store.Suppressions;
import io.glucogrid.store.TableSchema;
import io.glucogrid.window.ViewWindows;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteException;
import org.apache.ignite.cache.affinity.Affinity;
import org.apache.ignite.cluster.ClusterNode;
import org.apache.ignite.lang.IgniteCallable;
import org.apache.ignite.lang.IgniteFuture;
import org.apache.ignite.resources.IgniteInstanceResource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers many point-in-time questions at once: each bucket's by one pass over its segments on the node that owns it, all nodes
 * at the same time, the answers in the order of the questions. The stretches of history that windowed features look at are read
 * there too.
 *
 * <p>The tier is storage that every node sees, so who answers is a matter of speed only. Questions that another node does not
 * answer, because it leaves, follows other definitions or takes more than half of the time, this node answers by itself; what it
 * gives up, the other node does too.
 */
final class BucketJoins {
    /** Fewer questions than this are looked up one by one: a pass reads all of a bucket. */
    static final int LEAST = 1_000;

    /** Executor of the node's XML. */
    static final String EXECUTOR = "joins";

    private static final String WHAT = "the join";
    private static final Logger LOG = LoggerFactory.getLogger(BucketJoins.class);

    private final Ignite ignite;
    private final Supplier<OfflineStore> offline;

    BucketJoins(Ignite ignite, Supplier<OfflineStore> offline) {
        this.ignite = ignite;
        this.offline = offline;
    }

    /**
     * Which rows are wanted.
     *
     * @param ttlMicros oldest that a row may be; {@code Long.MAX_VALUE} for any age
     * @param knownThen whether rows created after a question's time count as not there
     * @param windowed a view of the table whose windowed features are wanted behind the table's columns; null for none
     */
    record Terms(long ttlMicros, boolean knownThen, @Nullable FeatureView windowed) {
        @Nullable
        ViewWindows windows() {
            return windowed == null ? null : ViewWindows.of(windowed);
        }
    }

    /** The row of each question in their order, null where there is none. */
    @Nullable
    FeatureRow[] join(TableSchema table, List<Object[]> keys, long[] atMicros, Terms terms, Duration deadline) {
        Deadline end = Deadline.in(deadline);
        Deadline patience = Deadline.in(deadline.dividedBy(2));
        Suppressions.Filter forgotten = offline.get().suppressions().filter(table.joinKeys());
        Map<ClusterNode, Part> parts = parts(table, keys, forgotten);
        @Nullable FeatureRow[] rows = new FeatureRow[atMicros.length];
        Map<Part, IgniteFuture<@Nullable FeatureRow[]>> elsewhere = new LinkedHashMap<>();
        List<Part> here = new ArrayList<>();
        try {
            parts.forEach((node, part) -> {
                if (node.isLocal()) {
                    here.add(part);
                } else {
                    JoinPart job = JoinPart.of(table, part.keys(keys), part.times(atMicros), terms, deadline);
                    elsewhere.put(
                            part,
                            ignite.compute(ignite.cluster().forNode(node))
                                    .withExecutor(EXECUTOR)
                                    .callAsync(job));
                }
            });
            here.forEach(part -> part.put(rows, local(table, part, keys, atMicros, terms, end)));
            elsewhere.forEach((part, future) -> {
                @Nullable FeatureRow[] found;
                try {
                    found = Waits.within(future, patience.leftNanos(), "a join on its owner");
                } catch (GridException failure) {
                    LOG.debug("join taken over questions={} reason={}", part.size, failure.reason());
                    cancel(future);
                    found = local(table, part, keys, atMicros, terms, end);
                }
                part.put(rows, found);
            });
            return rows;
        } finally {
            // Where one failed, nobody waits for the others any more.
            elsewhere.values().forEach(BucketJoins::cancel);
        }
    }

    private static void cancel(IgniteFuture<?> future) {
        if (future.isDone()) {
            return;
        }
        try {
            future.cancel();
        } catch (IgniteException unreachable) {
            LOG.debug("join not cancelled reason={}", unreachable.getMessage());
        }
    }

    private @Nullable FeatureRow[] local(
            TableSchema table, Part part, List<Object[]> keys, long[] atMicros, Terms terms, Deadline deadline) {
        return answers(offline.get(), table, part.keys(keys), part.times(atMicros), terms, deadline);
    }

    private static @Nullable FeatureRow[] answers(
            OfflineStore offline, TableSchema table, Object[][] keys, long[] atMicros, Terms terms, Deadline deadline) {
        deadline.left(WHAT);
        AsOfBatch batch = batch(table, keys, atMicros).withTtl(terms.ttlMicros());
        AsOfBatch questions = terms.knownThen() ? batch.knownThen() : batch;
        Rows rows = new Rows(atMicros.length, deadline);
        offline.join(table, questions, rows);
        ViewWindows windows = terms.windows();
        if (windows != null) {
            deadline.left(WHAT);
            addWindows(windows, offline, table, questions, rows.found);
        }
        return rows.found;
    }

    /** Takes answers until it is too late for them. */
    private static final class Rows implements AsOfAnswers {
        private final @Nullable FeatureRow[] found;
        private final Deadline deadline;

        Rows(int questions, Deadline deadline) {
            this.found = new FeatureRow[questions];
            this.deadline = deadline;
        }

        @Override
        public void answer(int question, Found row) {
            found[question] = row.row();
        }

        @Override
        public void requireTime() {
            deadline.left(WHAT);
        }
    }

    private static void addWindows(
            ViewWindows windows,
            OfflineStore offline,
            TableSchema table,
            AsOfBatch batch,
            @Nullable FeatureRow[] rows) {
        List<AsOf> questions = new ArrayList<>(rows.length);
        List<@Nullable HistoryRow> found = new ArrayList<>(rows.length);
        for (int i = 0; i < rows.length; i++) {
            AsOf question = batch.question(i);
            FeatureRow row = rows[i];
            questions.add(question);
            found.add(row == null ? null : HistoryRow.upsert(question.joinKeys(), row));
        }
        List<@Nullable HistoryRow> whole = windows.historical(offline, table, questions, found);
        for (int i = 0; i < rows.length; i++) {
            HistoryRow row = whole.get(i);
            rows[i] = row == null ? null : row.row();
        }
    }

    private static AsOfBatch batch(TableSchema table, Object[][] keys, long[] atMicros) {
        if (table.joinKeys().size() != 1 || table.joinKeys().get(0).type() != ValueType.INT64) {
            return AsOfBatch.of(Arrays.asList(keys), atMicros);
        }
        long[] numbers = new long[keys.length];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (Long) keys[i][0];
        }
        return AsOfBatch.of(numbers, atMicros);
    }

    /** Questions by owner, but for those about forgotten entities. */
    private Map<ClusterNode, Part> parts(TableSchema table, List<Object[]> keys, Suppressions.Filter forgotten) {
        ClusterNode[] owners = owners(table);
        Map<ClusterNode, Part> parts = new LinkedHashMap<>();
        for (int question = 0; question < keys.size(); question++) {
            Object[] entity = keys.get(question);
            if (forgotten.isEmpty() || !forgotten.covers(entity)) {
                parts.computeIfAbsent(owners[Buckets.of(entity[0])], node -> new Part())
                        .add(question);
            }
        }
        return parts;
    }

    /** Owner of each bucket; this node where there is no other, or none is known. */
    private ClusterNode[] owners(TableSchema table) {
        ClusterNode[] owners = new ClusterNode[Buckets.COUNT];
        ClusterNode local = ignite.cluster().localNode();
        Arrays.fill(owners, local);
        String cache = Caches.history(table).name();
        if (ignite.cluster().forServers().nodes().size() == 1
                || !ignite.cacheNames().contains(cache)) {
            return owners;
        }
        try {
            Affinity<Object> affinity = ignite.affinity(cache);
            if (affinity.partitions() == Buckets.COUNT) {
                for (int bucket = 0; bucket < Buckets.COUNT; bucket++) {
                    ClusterNode owner = affinity.mapPartitionToNode(bucket);
                    owners[bucket] = owner == null ? local : owner;
                }
            }
        } catch (IgniteException | IllegalStateException changing) {
            LOG.debug("owners of buckets not known now reason={}", changing.getMessage());
        }
        return owners;
    }

    /** Numbers of the questions that one node answers. */
    private static final class Part {
        private int[] questions = new int[64];
        private int size;

        void add(int question) {
            if (size == questions.length) {
                questions = Arrays.copyOf(questions, 2 * size);
            }
            questions[size++] = question;
        }

        Object[][] keys(List<Object[]> all) {
            Object[][] keys = new Object[size][];
            for (int i = 0; i < size; i++) {
                keys[i] = all.get(questions[i]);
            }
            return keys;
        }

        long[] times(long[] all) {
            long[] times = new long[size];
            for (int i = 0; i < size; i++) {
                times[i] = all[questions[i]];
            }
            return times;
        }

        void put(@Nullable FeatureRow[] rows, @Nullable FeatureRow[] found) {
            for (int i = 0; i < size; i++) {
                rows[questions[i]] = found[i];
            }
        }
    }

    /** Answers questions on the node that it is sent to. */
    private static final class JoinPart implements IgniteCallable<@Nullable FeatureRow[]> {
        private static final long serialVersionUID = 1L;

        @IgniteInstanceResource
        private transient Ignite ignite;

        private final String table;

        /** What the asking node takes the table for: answers have its columns, by place. */
        private final String columns;

        private final Object[][] keys;
        private final long[] atMicros;
        private final long ttlMicros;
        private final boolean knownThen;
        private final Duration within;

        /** Name of the view whose windows are asked for; empty for none. */
        private final String view;

        /** What the asking node takes its windows for. */
        private final String windows;

        private JoinPart(String table, String columns, Object[][] keys, long[] atMicros, Terms terms, Duration within) {
            FeatureView windowed = terms.windowed();
            this.table = table;
            this.columns = columns;
            this.keys = keys;
            this.atMicros = atMicros;
            this.ttlMicros = terms.ttlMicros();
            this.knownThen = terms.knownThen();
            this.within = within;
            this.view = windowed == null ? "" : windowed.name();
            this.windows = windowed == null ? "" : windows(windowed);
        }

        private static String windows(FeatureView view) {
            return view.features() + " " + view.aggregations();
        }

        static JoinPart of(TableSchema table, Object[][] keys, long[] atMicros, Terms terms, Duration within) {
            return new JoinPart(table.name(), table.toString(), keys, atMicros, terms, within);
        }

        @Override
        public @Nullable FeatureRow[] call() {
            if (Thread.currentThread().isInterrupted()) { // while it waited for a thread
                throw new GridException(ErrorCode.DEADLINE_EXCEEDED, "the node that asked does not wait any more");
            }
            FeatureStoreService store = new LocalService<>(ignite, FeatureStore.NAME, FeatureStoreService.class).get();
            OfflineStore offline = new LocalService<>(ignite, OfflineStore.NAME, OfflineStore.class).get();
            Definitions definitions = store.runtime().definitions();
            TableSchema schema = definitions.tables().stream()
                    .filter(known ->
                            known.name().equals(table) && known.toString().equals(columns))
                    .findFirst()
                    .orElseThrow(() -> new GridException(
                            ErrorCode.NOT_READY, "this node knows table '" + table + "' with other columns"));
            FeatureView windowed = view.isEmpty() ? null : definitions.views().get(view);
            if (!view.isEmpty() && (windowed == null || !windows(windowed).equals(windows))) {
                throw new GridException(ErrorCode.NOT_READY, "this node knows view '" + view + "' with other windows");
            }
            return answers(
                    offline, schema, keys, atMicros, new Terms(ttlMicros, knownThen, windowed), Deadline.in(within));
        }
    }

    static long micros(@Nullable Duration ttl) {
        return ttl == null ? Long.MAX_VALUE : TimeUnit.MICROSECONDS.convert(ttl);
    }
}
