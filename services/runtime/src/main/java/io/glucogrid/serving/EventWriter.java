package io.glucogrid.serving;

import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.EntityKey;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.Source;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.OfflineStore;
import io.glucogrid.store.OnlineStore;
import io.glucogrid.store.TableSchema;
import io.glucogrid.value.Coercion;
import io.glucogrid.value.Timestamps;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Writes pushed events. An event is checked whole before anything of it is stored. */
final class EventWriter {
    private final Supplier<OfflineStore> offline;
    private final Supplier<OnlineStore> online;
    private final InstantSource clock;

    EventWriter(Supplier<OfflineStore> offline, Supplier<OnlineStore> online, InstantSource clock) {
        this.offline = offline;
        this.online = online;
        this.clock = clock;
    }

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
     * Stores an event in every view that {@code source} feeds; returns when the stores have acknowledged it. Writing it again
     * changes nothing, so a failed push may be repeated.
     *
     * @param event field values as JSON has them
     */
    void push(
            Definitions definitions,
            Source.Push source,
            Target target,
            Map<String, @Nullable Object> event,
            Duration deadline) {
        List<FeatureView> views = definitions.viewsOfPushSource(source.name());
        if (views.isEmpty()) {
            throw new GridException(ErrorCode.NOT_FOUND, "no feature view reads push source '" + source.name() + "'");
        }
        TableSchema table = definitions.table(definitions.parquetSource(views.get(0)));
        Source.Parquet parquet = definitions.parquetSource(views.get(0));
        Object[] keys = table.joinKeys().stream()
                .map(key -> Coercion.key(key, present(event, key.name())))
                .toArray();
        long eventMicros = Timestamps.micros(table.eventTime(), present(event, table.eventTime()));
        Object created = event.get(table.created());
        long createdMicros =
                created == null ? Timestamps.micros(clock.instant()) : Timestamps.micros(table.created(), created);
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
        FeatureRow row = new FeatureRow(eventMicros, createdMicros, columns);
        store(target, table, HistoryRow.upsert(keys, row), views, parquet, deadline);
    }

    /** Offline first: what is durable can be repeated online, not the other way round. */
    private void store(
            Target target,
            TableSchema table,
            HistoryRow row,
            List<FeatureView> views,
            Source.Parquet parquet,
            Duration deadline) {
        OfflineStore tier = target.isOffline() ? offline.get() : null;
        OnlineStore latest = target.isOnline() ? online.get() : null;
        if (tier != null) {
            Waits.within(tier.append(table, List.of(row)), deadline.toNanos(), "the offline write");
        }
        if (latest != null) {
            Object key = EntityKey.of(row.joinKeys());
            for (FeatureView view : views) {
                if (view.online()) {
                    latest.upsert(view, Map.of(key, Materializer.onlineRow(view, table, parquet, row.row())), deadline);
                }
            }
        }
    }

    private static @Nullable Object present(Map<String, @Nullable Object> event, String field) {
        if (!event.containsKey(field)) {
            throw new GridException(ErrorCode.INVALID_REQUEST, "the event has no '" + field + "'");
        }
        return event.get(field);
    }
}
