package io.glucogrid.serving;

import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.EntityKey;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.Source;
import io.glucogrid.forget.Forgetting;
import io.glucogrid.grid.Deadline;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.online.HotHistory;
import io.glucogrid.online.ReadingLearner;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.OfflineStore;
import io.glucogrid.store.OnlineStore;
import io.glucogrid.store.TableSchema;
import io.glucogrid.value.Coercion;
import io.glucogrid.value.Timestamps;
import io.glucogrid.window.RowSums;
import io.glucogrid.window.WindowLayout;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Writes pushed events. All events of a push are checked before anything of it is stored. */
final class EventWriter {
    private static final String OFFLINE_WRITE = "the offline write";
    private static final String ONLINE_WRITE = "the online write";
    /** A year mistyped or a unit mistaken would be the latest value for ever; a simulation may run some way ahead. */
    private static final Duration AHEAD = Duration.ofDays(366);

    private final Supplier<OfflineStore> offline;
    private final Supplier<OnlineStore> online;
    private final HotHistory hot;
    private final Forgetting forgetting;
    private final ReadingLearner learner;
    private final OnlineStates states;
    private final InstantSource clock;
    private volatile Marked marked = new Marked(0, Set.of());

    EventWriter(
            Supplier<OfflineStore> offline,
            Supplier<OnlineStore> online,
            HotHistory hot,
            Forgetting forgetting,
            ReadingLearner learner,
            OnlineStates states,
            InstantSource clock) {
        this.offline = offline;
        this.online = online;
        this.hot = hot;
        this.forgetting = forgetting;
        this.learner = learner;
        this.states = states;
        this.clock = clock;
    }

    /** Views that are known to be rebuilt after a cold start, under one version of the definitions. */
    private record Marked(long version, Set<String> views) {}

    /** Where an event goes. */
    enum Target {
        ONLINE,
        OFFLINE,
        ONLINE_AND_OFFLINE;

        boolean isOnline() {
            return this != OFFLINE;
        }

        boolean isOffline() {
            return this != ONLINE;
        }
    }

    /**
     * Stores events in every view that {@code source} feeds; returns when the stores have acknowledged them, all within one
     * deadline. Writing them again changes nothing, so a failed push may be repeated.
     *
     * @param version of the definitions
     * @param events field values as JSON has them
     */
    void push(
            Definitions definitions,
            long version,
            Source.Push source,
            Target target,
            List<Map<String, @Nullable Object>> events,
            Deadline deadline) {
        List<FeatureView> views = definitions.viewsOfPushSource(source.name());
        if (views.isEmpty()) {
            throw new GridException(ErrorCode.NOT_FOUND, "no feature view reads push source '" + source.name() + "'");
        }
        if (target.isOnline() && views.stream().noneMatch(FeatureView::online)) {
            throw new GridException(
                    ErrorCode.INVALID_REQUEST,
                    "no feature view that reads push source '" + source.name() + "' is kept online");
        }
        TableSchema table = definitions.table(definitions.parquetSource(views.get(0)));
        List<HistoryRow> rows = checked(table, views, events);
        if (target == Target.ONLINE_AND_OFFLINE) {
            mark(version, views);
        }
        store(target, table, rows, views, definitions, deadline);
    }

    /** Stores rows in the online cache of one view. */
    void writeOnline(
            Definitions definitions, FeatureView view, List<Map<String, @Nullable Object>> rows, Deadline deadline) {
        if (!view.online()) {
            throw new GridException(ErrorCode.INVALID_REQUEST, "feature view '" + view.name() + "' is not kept online");
        }
        TableSchema table = definitions.table(definitions.parquetSource(view));
        List<FeatureView> views = List.of(view);
        store(Target.ONLINE, table, checked(table, views, rows), views, definitions, deadline);
    }

    private List<HistoryRow> checked(
            TableSchema table, List<FeatureView> views, List<Map<String, @Nullable Object>> events) {
        List<HistoryRow> rows = new ArrayList<>(events.size());
        for (int i = 0; i < events.size(); i++) {
            try {
                rows.add(checked(table, views, events.get(i)));
            } catch (GridException unusable) {
                throw events.size() == 1
                        ? unusable
                        : new GridException(unusable.code(), "event " + i + ": " + unusable.reason(), unusable);
            }
        }
        return rows;
    }

    private HistoryRow checked(TableSchema table, List<FeatureView> views, Map<String, @Nullable Object> event) {
        Object[] keys = table.joinKeys().stream()
                .map(key -> Coercion.key(key, present(event, key.name())))
                .toArray();
        Instant now = clock.instant();
        long eventMicros = past(table.eventTime(), present(event, table.eventTime()), now);
        Object created = event.get(table.created());
        long createdMicros = created == null ? Timestamps.micros(now) : past(table.created(), created, now);
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        for (FeatureView view : views) {
            for (Field feature : view.features()) {
                if (table.valueIndex(feature.name()) >= 0) {
                    values.put(feature.name(), Coercion.value(feature, present(event, feature.name())));
                }
            }
        }
        @Nullable Object[] columns = new Object[table.values().size()];
        for (int i = 0; i < columns.length; i++) {
            columns[i] = values.get(table.values().get(i).name());
        }
        return HistoryRow.upsert(keys, new FeatureRow(eventMicros, createdMicros, columns));
    }

    private static long past(String field, @Nullable Object time, Instant now) {
        long micros = Timestamps.micros(field, time);
        if (micros > Timestamps.micros(now.plus(AHEAD))) {
            throw new GridException(
                    ErrorCode.INVALID_REQUEST,
                    "'" + field + "' is " + Timestamps.iso(micros) + ", more than a year ahead of this node's clock");
        }
        return micros;
    }

    /** Offline first: what is durable can be repeated online, not the other way round. */
    private void store(
            Target target,
            TableSchema table,
            List<HistoryRow> rows,
            List<FeatureView> views,
            Definitions definitions,
            Deadline deadline) {
        forgetting.requireAllowed(table, rows);
        OfflineStore tier = target.isOffline() ? offline.get() : null;
        OnlineStore latest = target.isOnline() ? online.get() : null;
        if (tier != null) {
            Waits.within(tier.append(table, rows), deadline.left(OFFLINE_WRITE).toNanos(), OFFLINE_WRITE);
            hot.update(
                    table,
                    rows,
                    deadline.left(OFFLINE_WRITE)); // or its cache would go on answering what it held before
        }
        if (latest != null) {
            for (FeatureView view : views) {
                if (view.online()) {
                    latest.upsert(
                            view,
                            latestByKey(view, table, definitions.parquetSource(view), rows),
                            deadline.left(ONLINE_WRITE));
                }
            }
            learner.learn(table, rows, deadline.left(ONLINE_WRITE));
        }
    }

    /** What is in both stores, a cold start can bring back from one of them; said once, before anything is stored. */
    private void mark(long version, List<FeatureView> views) {
        Marked known = marked;
        Set<String> names = new HashSet<>(known.version() == version ? known.views() : Set.of());
        List<FeatureView> unknown = views.stream()
                .filter(view -> view.online() && names.add(view.name()))
                .toList();
        if (!unknown.isEmpty()) {
            states.mark(unknown, OnlineStates.PUSHED);
            marked = new Marked(version, Set.copyOf(names));
        }
    }

    private static Map<Object, FeatureRow> latestByKey(
            FeatureView view, TableSchema table, Source.Parquet source, List<HistoryRow> rows) {
        WindowLayout windows = WindowLayout.of(view);
        if (windows != null) { // every row counts in a window, not the latest only
            RowSums sums = new RowSums(windows);
            rows.forEach(row ->
                    sums.add(EntityKey.of(row.joinKeys()), Materializer.onlineRow(view, table, source, row.row())));
            return sums.rows();
        }
        Map<Object, FeatureRow> latest = new LinkedHashMap<>();
        for (HistoryRow row : rows) {
            latest.merge(
                    EntityKey.of(row.joinKeys()),
                    Materializer.onlineRow(view, table, source, row.row()),
                    (known, added) -> added.replaces(known) ? added : known);
        }
        return latest;
    }

    private static @Nullable Object present(Map<String, @Nullable Object> event, String field) {
        if (!event.containsKey(field)) {
            throw new GridException(ErrorCode.INVALID_REQUEST, "the event has no '" + field + "'");
        }
        return event.get(field);
    }
}
