package io.glucogrid.forget;

import io.glucogrid.cluster.Majority;
import io.glucogrid.cluster.Sightings;
import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.Entity;
import io.glucogrid.feature.EntityKey;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.DidYouMean;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.online.HotHistory;
import io.glucogrid.store.ForgottenEntity;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.OfflineStore;
import io.glucogrid.store.OnlineStore;
import io.glucogrid.store.Suppressions;
import io.glucogrid.store.TableSchema;
import io.glucogrid.value.Coercion;
import io.glucogrid.value.Timestamps;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import javax.cache.Cache;
import javax.cache.CacheException;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.IgniteException;
import org.apache.ignite.cache.CachePeekMode;
import org.apache.ignite.cache.query.QueryCursor;
import org.apache.ignite.cache.query.ScanQuery;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes an entity for good, from everywhere that the grid stores rows of it.
 *
 * <p>The order is what makes it hold. First the entity goes onto the suppression list, which lies in the tier and is known to
 * every node when that returns: from then on no door takes a row of it, streams pass over its readings (so a replay of Kafka
 * brings nothing back), loads leave it out, and no read of history, hence no materialization and no rebuild after a cold start,
 * sees it. Then its history is hidden by deletes, for other readers of the files; then its online rows go, with the readings of
 * their windows, from the caches of this and of earlier layouts of every view, its rows of the hot windows of history, and what
 * was made from its rows.
 * Compactions take rows and deletes out of the segments, which {@code glucogrid offline verify} proves.
 *
 * <p>A write that passed the list before the entity was on it may end after the removal. Such a write has a deadline, and when
 * that is over the oldest node removes the entity's rows once more, and again when even a restore of subjects' states that read
 * history before is over ({@link #sweep}).
 *
 * <p>Every step may be repeated, so an attempt that failed half-way is finished by the next one. Not covered are what the grid
 * does not own: source files, and the messages in Kafka; and models, which do not tell whom they were fitted on.
 */
public final class Forgetting {
    /**
     * After which time an entity's rows are removed once more: longer than the deadline of any push, stream batch or batch of a
     * load; and longer than a restore of subjects' states. A load as a whole may take longer than both, and needs no sweep: it
     * looks at the list again before each of its batches.
     */
    static final List<Duration> SWEEPS = List.of(Duration.ofSeconds(90), Duration.ofMinutes(35));

    private static final Logger LOG = LoggerFactory.getLogger(Forgetting.class);

    private final Ignite ignite;
    private final Majority majority;
    private final Supplier<OfflineStore> offline;
    private final Supplier<OnlineStore> online;
    private final Supplier<List<Definitions>> versions;
    private final HotHistory hot;
    private final DerivedRows derived;
    private final InstantSource clock;
    private final Duration deadline;
    private final LongSupplier nanos;

    /** Used by the upkeep thread alone, as are the sweeps. */
    private final Sightings<ForgottenEntity> sightings = new Sightings<>();

    private final Map<ForgottenEntity, Integer> sweeps = new HashMap<>();

    /**
     * A node's part in forgetting.
     *
     * @param versions of the definitions whose rows may be stored, the newest first
     * @param derived what is made from rows
     * @param deadline of each write to one cache
     * @param nanos counts as {@link System#nanoTime}
     */
    public Forgetting(
            Ignite ignite,
            Majority majority,
            Supplier<OfflineStore> offline,
            Supplier<OnlineStore> online,
            Supplier<List<Definitions>> versions,
            DerivedRows derived,
            InstantSource clock,
            Duration deadline,
            LongSupplier nanos) {
        this.ignite = ignite;
        this.majority = majority;
        this.offline = offline;
        this.online = online;
        this.versions = versions;
        this.hot = new HotHistory(ignite);
        this.derived = derived;
        this.clock = clock;
        this.deadline = deadline;
        this.nanos = nanos;
    }

    /**
     * What was removed.
     *
     * @param joinKeys of the entity, as text
     * @param onlineRows rows of online caches
     * @param hotRows rows of hot windows of history
     * @param historyRows event times hidden in the tier
     * @param derivedRows entries that were made from rows
     */
    public record Removed(
            Map<String, String> joinKeys, long onlineRows, long hotRows, long historyRows, long derivedRows) {}

    /**
     * Forgets an entity; returns when nothing of it is served any more.
     *
     * @param joinKeys JSON values by name
     * @throws GridException NOT_FOUND for join keys that no entity has, INVALID_REQUEST for unusable values, NOT_READY where the
     *     grid has no majority, or lost it meanwhile
     */
    public Removed forget(Map<String, @Nullable Object> joinKeys) {
        majority.require();
        List<Definitions> known = versions.get();
        Map<String, String> keys = texts(joinKeys, fields(known));
        ForgottenEntity entity = new ForgottenEntity(keys, Timestamps.micros(clock.instant()));
        Map<String, TableSchema> tables = new LinkedHashMap<>();
        known.forEach(version -> version.tables().forEach(table -> tables.putIfAbsent(table.name(), table)));
        long history = offline.get().forget(entity, List.copyOf(tables.values()));
        long onlineRows = removeOnline(known, () -> List.of(entity));
        long hotRows = removeHot(tables.values(), () -> List.of(entity));
        long derivedRows = derived.remove(keys, deadline);
        majority.require();
        LOG.info(
                "entity forgotten online_rows={} hot_rows={} history_rows={} derived_rows={}",
                onlineRows,
                hotRows,
                history,
                derivedRows);
        LOG.debug("entity forgotten join_keys={}", keys);
        return new Removed(keys, onlineRows, hotRows, history, derivedRows);
    }

    /**
     * Lets the grid take new rows of an entity again; what was forgotten stays so.
     *
     * @throws GridException NOT_FOUND where it is not suppressed, NOT_READY as {@link #forget}
     */
    public Map<String, String> allow(Map<String, @Nullable Object> joinKeys) {
        majority.require();
        Map<String, String> keys = new TreeMap<>();
        Map<String, Field> known = fields(versions.get());
        joinKeys.forEach((name, value) -> {
            Field field = known.get(name);
            keys.put(name, field == null ? String.valueOf(value) : String.valueOf(Coercion.key(field, value)));
        });
        if (!offline.get().allow(keys)) {
            throw new GridException(ErrorCode.NOT_FOUND, keys + " was not forgotten");
        }
        majority.require();
        LOG.info("entity allowed again");
        LOG.debug("entity allowed again join_keys={}", keys);
        return keys;
    }

    /** What was forgotten, the first in front. */
    public List<ForgottenEntity> list() {
        return offline.get().suppressions().entities();
    }

    /** CONFLICT that names the first row of a forgotten entity. */
    public void requireAllowed(TableSchema table, List<HistoryRow> rows) {
        Suppressions.Filter filter = offline.get().suppressions().filter(table.joinKeys());
        if (filter.isEmpty()) {
            return;
        }
        for (int i = 0; i < rows.size(); i++) {
            if (filter.covers(rows.get(i).joinKeys())) {
                throw new GridException(
                        ErrorCode.CONFLICT,
                        (rows.size() == 1 ? "the event" : "event " + i)
                                + " is of an entity that was forgotten; `glucogrid forget --undo` lets the grid take it"
                                + " again");
            }
        }
    }

    /**
     * On the oldest node: removes once more what writes that were under way have left behind. The others count the time too, so
     * that the next oldest goes on.
     */
    public void sweep() {
        List<ForgottenEntity> entities = list();
        long now = nanos.getAsLong();
        sightings.look(entities, now);
        sweeps.keySet().retainAll(entities);
        if (entities.isEmpty()
                || !ignite.cluster().forServers().forOldest().node().isLocal()) {
            return;
        }
        Map<ForgottenEntity, Integer> due = new LinkedHashMap<>();
        for (ForgottenEntity entity : entities) {
            long age = sightings.ageNanos(entity, now);
            int reached = (int)
                    SWEEPS.stream().filter(after -> age >= after.toNanos()).count();
            if (reached > sweeps.getOrDefault(entity, 0)) {
                due.put(entity, reached);
            }
        }
        if (due.isEmpty()) {
            return;
        }
        List<Definitions> known = versions.get();
        Map<String, TableSchema> tables = new LinkedHashMap<>();
        known.forEach(version -> version.tables().forEach(table -> tables.putIfAbsent(table.name(), table)));
        Supplier<List<ForgottenEntity>> still = () -> stillForgotten(due.keySet());
        long rows = removeOnline(known, still) + removeHot(tables.values(), still);
        for (ForgottenEntity entity : due.keySet()) {
            rows += still.get().contains(entity) ? derived.remove(entity.joinKeys(), deadline) : 0;
        }
        if (rows > 0) {
            LOG.info("rows of forgotten entities removed again rows={}", rows);
        }
        sweeps.putAll(due);
    }

    /** Those that nobody has allowed again meanwhile: new rows of these stay. */
    private List<ForgottenEntity> stillForgotten(Collection<ForgottenEntity> entities) {
        Set<ForgottenEntity> listed = Set.copyOf(list());
        return entities.stream().filter(listed::contains).toList();
    }

    /** Online rows of all layouts that still have a cache; {@code entities} are asked for right before each removal. */
    private long removeOnline(List<Definitions> known, Supplier<List<ForgottenEntity>> entities) {
        Set<String> done = new HashSet<>();
        long removed = 0;
        for (Definitions version : known) {
            for (FeatureView view : version.views().values()) {
                String name = Caches.online(view).name();
                if (view.online() && ignite.cacheNames().contains(name) && done.add(name)) {
                    removed += removeOnline(view, version.joinKeys(view), entities.get());
                }
            }
        }
        return removed;
    }

    private long removeOnline(FeatureView view, List<Field> joinKeys, Collection<ForgottenEntity> entities) {
        List<Object> keys = new ArrayList<>();
        List<ForgottenEntity> partly = new ArrayList<>();
        for (ForgottenEntity entity : entities) {
            if (entity.joinKeys().size() < joinKeys.size()) {
                partly.add(entity);
                continue;
            }
            Object[] values = joinKeys.stream()
                    .filter(key -> entity.joinKeys().containsKey(key.name()))
                    .map(key -> Coercion.key(key, entity.joinKeys().get(key.name())))
                    .toArray();
            if (values.length == joinKeys.size()) {
                keys.add(EntityKey.of(values));
            }
        }
        IgniteCache<Object, FeatureRow> cache = Caches.online(view).in(ignite);
        try {
            if (cache.sizeLongAsync(CachePeekMode.PRIMARY).get(deadline.toMillis()) == 0) {
                return 0;
            }
            OfEntities which = OfEntities.of(joinKeys, partly);
            if (which.mayCover()) {
                ScanQuery<Object, FeatureRow> query = new ScanQuery<>(which);
                try (QueryCursor<Cache.Entry<Object, FeatureRow>> found = cache.query(query)) {
                    found.forEach(entry -> keys.add(entry.getKey()));
                }
            }
        } catch (CacheException | IgniteException | IllegalStateException failure) {
            throw new GridException(
                    ErrorCode.NOT_READY,
                    "online rows of view '" + view.name() + "' cannot be read now: " + failure.getMessage(),
                    failure);
        }
        return keys.isEmpty() ? 0 : online.get().delete(view, keys, deadline);
    }

    private long removeHot(Collection<TableSchema> tables, Supplier<List<ForgottenEntity>> entities) {
        long removed = 0;
        for (TableSchema table : tables) {
            OfEntities which = OfEntities.of(table.joinKeys(), entities.get());
            if (which.mayCover()
                    && ignite.cacheNames().contains(Caches.history(table).name())) {
                removed += hot.remove(table, which, deadline);
            }
        }
        return removed;
    }

    private static Map<String, Field> fields(List<Definitions> known) {
        Map<String, Field> fields = new LinkedHashMap<>();
        for (Definitions version : known) {
            for (Entity entity : version.entities().values()) {
                entity.joinKeys().forEach(field -> fields.putIfAbsent(field.name(), field));
            }
        }
        return fields;
    }

    private static Map<String, String> texts(Map<String, @Nullable Object> joinKeys, Map<String, Field> known) {
        if (joinKeys.isEmpty()) {
            throw new GridException(ErrorCode.INVALID_REQUEST, "'entity' must name a join key");
        }
        Map<String, String> texts = new TreeMap<>();
        joinKeys.forEach((name, value) -> {
            Field field = known.get(name);
            if (field == null) {
                throw new GridException(
                        ErrorCode.NOT_FOUND,
                        "no entity has a join key '" + name + "'" + DidYouMean.suffix(name, known.keySet())
                                + "; join keys are " + String.join(", ", known.keySet()));
            }
            if (field.type() == ValueType.BYTES) {
                throw new GridException(
                        ErrorCode.INVALID_REQUEST, "'" + name + "' is of type BYTES, which has no text");
            }
            texts.put(name, String.valueOf(Coercion.key(field, value)));
        });
        return texts;
    }
}
