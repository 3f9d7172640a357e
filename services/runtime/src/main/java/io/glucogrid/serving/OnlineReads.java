package io.glucogrid.serving;

import io.glucogrid.cluster.GridHealth;
import io.glucogrid.feature.EntityKey;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.feature.FeatureView.OnlineTtl;
import io.glucogrid.feature.ValueStatus;
import io.glucogrid.grid.CacheRef;
import io.glucogrid.grid.Deadline;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.value.Timestamps;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.cache.CachePeekMode;
import org.jspecify.annotations.Nullable;

/**
 * Reads of latest values.
 *
 * <p>What this node holds, as primary or as backup, it peeks at. The rest is asked of its owners, all of them at the same time
 * and each at most once ({@link OwnerReads}), within one deadline. A question whose rows are all held by this node needs neither:
 * {@link #ifLocal} waits for nothing, so it may run on an I/O thread.
 */
final class OnlineReads {
    private static final int MAX_LOCAL_ENTITIES = 64;

    private final Ignite ignite;
    private final GridHealth health;
    private final InstantSource clock;

    OnlineReads(Ignite ignite, GridHealth health, InstantSource clock) {
        this.ignite = ignite;
        this.health = health;
        this.clock = clock;
    }

    /**
     * The answer from any node of the grid.
     *
     * @throws GridException DEADLINE_EXCEEDED, NOT_READY where rows were lost and are not back yet
     */
    OnlineAnswer read(ReadPlan plan, List<Object[]> entities, List<@Nullable Object[]> request, Deadline deadline) {
        deadline.left("the wait for the online read");
        @Nullable FeatureRow[][] rows = new FeatureRow[plan.views().size()][entities.size()];
        Object[][] keys = new Object[rows.length][];
        List<CacheRef<Object, FeatureRow>> caches = new ArrayList<>(rows.length);
        List<Set<Object>> absent = new ArrayList<>(rows.length);
        boolean whole = true;
        for (int view = 0; view < rows.length; view++) {
            ReadPlan.ViewRead read = plan.views().get(view);
            requireOnline(read.view());
            keys[view] = keys(read, entities);
            caches.add(read.cache());
            absent.add(peek(read.cache().in(ignite), keys[view], rows[view]));
            whole &= absent.get(view).isEmpty();
        }
        if (!whole) {
            List<Map<Object, FeatureRow>> found = fromOwners(caches, absent, deadline);
            for (int view = 0; view < rows.length; view++) {
                fill(rows[view], keys[view], found.get(view));
                requireWarm(rows[view]);
            }
        }
        return answer(plan, entities, request, rows, clock.instant());
    }

    private List<Map<Object, FeatureRow>> fromOwners(
            List<CacheRef<Object, FeatureRow>> caches, List<Set<Object>> keys, Deadline deadline) {
        try {
            return OwnerReads.read(ignite, caches, keys, deadline);
        } catch (GridException failed) {
            throw health.explained(failed);
        }
    }

    private void requireWarm(@Nullable FeatureRow[] rows) {
        for (FeatureRow row : rows) {
            if (row == null) {
                health.requireWarm();
            }
        }
    }

    private Object[] keys(ReadPlan.ViewRead read, List<Object[]> entities) {
        Object[] keys = new Object[entities.size()];
        for (int i = 0; i < keys.length; i++) {
            Object[] joinKeys = read.viewKeys(entities.get(i));
            health.requireServed(joinKeys);
            keys[i] = EntityKey.of(joinKeys);
        }
        return keys;
    }

    /** Takes the rows that this node holds, and answers the keys of the others. */
    static Set<Object> peek(IgniteCache<Object, FeatureRow> cache, Object[] keys, @Nullable FeatureRow[] rows) {
        Set<Object> absent = new LinkedHashSet<>();
        for (int i = 0; i < rows.length; i++) {
            rows[i] = cache.localPeek(keys[i], CachePeekMode.PRIMARY, CachePeekMode.BACKUP);
            if (rows[i] == null) {
                absent.add(keys[i]);
            }
        }
        return absent;
    }

    /** Takes rows that are not there yet. */
    static void fill(@Nullable FeatureRow[] rows, Object[] keys, Map<Object, FeatureRow> found) {
        for (int i = 0; i < rows.length; i++) {
            if (rows[i] == null) {
                rows[i] = found.get(keys[i]);
            }
        }
    }

    /** The answer where this node holds every row asked for; null where it does not, or where one does not exist. */
    @Nullable
    OnlineAnswer ifLocal(ReadPlan plan, List<Object[]> entities, List<@Nullable Object[]> request) {
        if (entities.size() > MAX_LOCAL_ENTITIES) {
            return null;
        }
        @Nullable FeatureRow[][] rows = new FeatureRow[plan.views().size()][entities.size()];
        for (int view = 0; view < rows.length; view++) {
            ReadPlan.ViewRead read = plan.views().get(view);
            requireOnline(read.view());
            IgniteCache<Object, FeatureRow> cache = read.cache().in(ignite);
            for (int i = 0; i < entities.size(); i++) {
                Object[] joinKeys = read.viewKeys(entities.get(i));
                health.requireServed(joinKeys);
                FeatureRow row = cache.localPeek(EntityKey.of(joinKeys), CachePeekMode.PRIMARY, CachePeekMode.BACKUP);
                if (row == null) {
                    return null;
                }
                rows[view][i] = row;
            }
        }
        return answer(plan, entities, request, rows, clock.instant());
    }

    /** What online rows say at a time. */
    static OnlineAnswer answer(
            ReadPlan plan,
            List<Object[]> entities,
            List<@Nullable Object[]> request,
            @Nullable FeatureRow[][] rows,
            Instant now) {
        Cursor cursor = new Cursor(rows.length, false);
        ValueStatus[] rowStatus = new ValueStatus[rows.length];
        @Nullable Object[][] values = new Object[entities.size()][];
        ValueStatus[][] statuses = new ValueStatus[entities.size()][];
        for (int i = 0; i < values.length; i++) {
            cursor.keys = entities.get(i);
            cursor.request = request.isEmpty() ? new Object[0] : request.get(i);
            for (int view = 0; view < rows.length; view++) {
                FeatureView definition = plan.views().get(view).view();
                FeatureRow row = rows[view][i];
                rowStatus[view] = status(definition, row, now);
                boolean hidden =
                        rowStatus[view] == ValueStatus.OUTSIDE_MAX_AGE && definition.onlineTtl() == OnlineTtl.HIDE;
                cursor.rows[view] = hidden ? null : plan.views().get(view).served(row);
            }
            values[i] = plan.row(cursor);
            statuses[i] = statuses(plan, rowStatus, values[i]);
        }
        return new OnlineAnswer(plan, plan.table(values), statuses, rows);
    }

    private static ValueStatus status(FeatureView view, @Nullable FeatureRow row, Instant now) {
        if (row == null) {
            return ValueStatus.NOT_FOUND;
        }
        Duration ttl = view.ttl();
        boolean expired = ttl != null && row.eventMicros() < Timestamps.micros(now.minus(ttl));
        return expired ? ValueStatus.OUTSIDE_MAX_AGE : ValueStatus.PRESENT;
    }

    private static ValueStatus[] statuses(ReadPlan plan, ValueStatus[] rowStatus, @Nullable Object[] row) {
        int keys = plan.joinKeys().size();
        ValueStatus[] statuses = new ValueStatus[row.length];
        for (int column = 0; column < row.length; column++) {
            ValueStatus status = ValueStatus.PRESENT;
            if (column >= keys && plan.columns().get(column - keys).ref() instanceof ValueRef.Stored stored) {
                status = rowStatus[stored.view()];
                if (status == ValueStatus.PRESENT && row[column] == null) {
                    status = ValueStatus.NULL_VALUE;
                }
            }
            statuses[column] = status;
        }
        return statuses;
    }

    static void requireOnline(FeatureView view) {
        if (!view.online()) {
            throw new GridException(ErrorCode.INVALID_REQUEST, "feature view '" + view.name() + "' is not kept online");
        }
    }
}
