package io.glucogrid.serving;

import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.EntityKey;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.Source;
import io.glucogrid.grid.Buckets;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.OfflineStore;
import io.glucogrid.store.OnlineStore;
import io.glucogrid.store.TableSchema;
import io.glucogrid.window.ViewWindows;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.ignite.Ignite;
import org.apache.ignite.cache.affinity.Affinity;
import org.jspecify.annotations.Nullable;

/**
 * Loads the latest row of every entity from history into the online store.
 *
 * <p>Each node loads the buckets whose online partitions it is primary for, so rows do not cross the grid. Ownership may move
 * meanwhile: nodes report which buckets they did, and what nobody did is asked for again. A row never replaces a newer one, so
 * loading twice, or a bucket on two nodes, changes nothing; and because the latest row is taken whatever its age or arrival, late
 * rows are never missed.
 */
final class Materializer {
    private static final Duration DEADLINE = Duration.ofMinutes(10);
    private static final int BATCH_ROWS = 2_000;
    private static final int ROUNDS = 3;

    private final Ignite ignite;
    private final Registry registry;
    private final Supplier<OfflineStore> offline;
    private final Supplier<OnlineStore> online;
    private final OnlineStates states;
    private final Broadcast broadcast;
    private final Duration batchDeadline;

    Materializer(
            Ignite ignite,
            Registry registry,
            Supplier<OfflineStore> offline,
            Supplier<OnlineStore> online,
            OnlineStates states,
            Broadcast broadcast,
            Duration batchDeadline) {
        this.ignite = ignite;
        this.registry = registry;
        this.offline = offline;
        this.online = online;
        this.states = states;
        this.broadcast = broadcast;
        this.batchDeadline = batchDeadline;
    }

    /** Loads views on all nodes; returns how many rows were offered to the online store. */
    long materialize(Collection<FeatureView> views) {
        return materialize(views, Long.MIN_VALUE, Long.MAX_VALUE);
    }

    /** {@link #materialize(Collection)} of rows whose event time lies in a span, both ends included. */
    long materialize(Collection<FeatureView> views, long fromMicros, long toMicros) {
        List<FeatureView> kept = views.stream().filter(FeatureView::online).toList();
        if (kept.isEmpty()) {
            return 0;
        }
        List<String> names = kept.stream().map(FeatureView::name).toList();
        BitSet left = new BitSet(Buckets.COUNT);
        left.set(0, Buckets.COUNT);
        long rows = 0;
        for (int round = 0; round < ROUNDS && !left.isEmpty(); round++) {
            for (Materialized done :
                    broadcast.call(new Jobs.MaterializeBuckets(names, left, fromMicros, toMicros), DEADLINE)) {
                left.andNot(done.buckets());
                rows += done.rows();
            }
        }
        if (!left.isEmpty()) {
            rows += buckets(names, left, fromMicros, toMicros);
        }
        states.mark(kept, OnlineStates.MATERIALIZED);
        return rows;
    }

    /** Loads those of {@code asked} that this node is primary for. */
    Materialized primaryBuckets(List<String> views, BitSet asked, long fromMicros, long toMicros) {
        FeatureView first = view(views.get(0));
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
        return new Materialized(mine, buckets(views, mine, fromMicros, toMicros));
    }

    private long buckets(List<String> names, BitSet buckets, long fromMicros, long toMicros) {
        if (buckets.isEmpty()) {
            return 0;
        }
        Definitions definitions = registry.snapshot().definitions();
        Map<String, List<Load>> loads = new LinkedHashMap<>();
        for (String name : names) {
            FeatureView view = view(name);
            TableSchema table = definitions.table(definitions.parquetSource(view));
            loads.computeIfAbsent(table.name(), first -> new ArrayList<>())
                    .add(new Load(view, table, definitions.parquetSource(view)));
        }
        long rows = 0;
        for (List<Load> sameTable : loads.values()) {
            TableSchema table = sameTable.get(0).table;
            if (fromMicros == Long.MIN_VALUE && toMicros == Long.MAX_VALUE) {
                offline.get().latest(table, buckets::get, row -> sameTable.forEach(load -> load.add(row)));
            } else {
                // Every row of the span is offered; the online store keeps the latest.
                offline.get().scan(table, buckets::get, row -> {
                    long eventMicros = row.row().eventMicros();
                    if (row.op() == HistoryRow.Op.UPSERT && eventMicros >= fromMicros && eventMicros <= toMicros) {
                        sameTable.forEach(load -> load.add(row));
                    }
                });
            }
            for (Load load : sameTable) {
                load.flush();
                rows += load.rows;
            }
        }
        return rows;
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
                online.get().upsert(view, whole, batchDeadline);
                rows += batch.size();
                batch = new LinkedHashMap<>();
            }
        }
    }
}
