package io.glucogrid.serving;

import io.glucogrid.cluster.OnlineMemory;
import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.Source;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.online.CarriedRows;
import io.glucogrid.window.WindowLayout;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.cache.Cache;
import javax.cache.CacheException;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.IgniteException;
import org.apache.ignite.cache.query.QueryCursor;
import org.apache.ignite.cache.query.ScanQuery;
import org.jspecify.annotations.Nullable;

/**
 * Carries online rows from the layout of one version of a view to that of another, feature by feature by name.
 *
 * <p>Each layout has a cache of its own (see {@link Caches#online}), so carrying never changes what anybody reads meanwhile, and
 * may be repeated: a row only lands where there is none or an older one. A feature that the old layout did not know, or knew with
 * another type, is null until history or the next write brings it.
 */
final class RowCarrier {
    private static final int BATCH_ROWS = 2_000;
    private static final int ATTEMPTS = 20;
    private static final Duration TOPOLOGY_SETTLES = Duration.ofMillis(250);
    private static final int EVENT_TIME = -1;
    private static final int CREATED = -2;
    private static final int UNKNOWN = -3;

    private final Ignite ignite;
    private final Duration batchDeadline;

    RowCarrier(Ignite ignite, Duration batchDeadline) {
        this.ignite = ignite;
        this.batchDeadline = batchDeadline;
    }

    /** Carries the rows of every view whose layout differs; returns how many rows were read. */
    long carry(Definitions before, Definitions after, Duration deadline) {
        long end = System.nanoTime() + deadline.toNanos();
        long rows = 0;
        for (FeatureView view : after.views().values()) {
            FeatureView old = before.views().get(view.name());
            if (old != null && moves(before, old, after, view)) {
                rows += retried(old, view, positions(old, after, view), end);
            }
        }
        return rows;
    }

    /** Whether rows of {@code old} are worth having in {@code view}: another layout of the same table's rows. */
    private static boolean moves(Definitions before, FeatureView old, Definitions after, FeatureView view) {
        return old.online()
                && view.online()
                && !Caches.online(old).equals(Caches.online(view))
                && before.joinKeys(old).equals(after.joinKeys(view))
                && before.parquetSource(old)
                        .table()
                        .equals(after.parquetSource(view).table());
    }

    /** How many rows the online cache of a view has; 0 where it does not exist. */
    long rows(FeatureView view) {
        IgniteCache<Object, FeatureRow> cache = ignite.cache(Caches.online(view).name());
        return cache == null
                ? 0
                : Waits.within(cache.sizeLongAsync(), batchDeadline.toNanos(), "counting the rows of " + view.name());
    }

    /** For each feature of {@code view}, where a row of {@code old} has it. */
    private static int[] positions(FeatureView old, Definitions after, FeatureView view) {
        Source.Parquet source = after.parquetSource(view);
        int[] positions = new int[view.features().size()];
        for (int i = 0; i < positions.length; i++) {
            Field feature = view.features().get(i);
            if (feature.name().equals(source.timestampField())) {
                positions[i] = EVENT_TIME;
            } else if (feature.name().equals(source.createdField())) {
                positions[i] = CREATED;
            } else {
                int index = old.features().indexOf(feature);
                positions[i] = index < 0 ? UNKNOWN : index;
            }
        }
        return positions;
    }

    /** A scan that a leaving node breaks starts again: what was carried stays carried. */
    private long retried(FeatureView from, FeatureView to, int[] positions, long end) {
        for (int attempt = 1; ; attempt++) {
            try {
                return copy(from, to, positions, end);
            } catch (CacheException | IgniteException | IllegalStateException broken) {
                if (attempt == ATTEMPTS) {
                    throw new GridException(
                            ErrorCode.NOT_READY,
                            "online rows of view '" + from.name() + "' cannot be read now: " + broken.getMessage(),
                            broken);
                }
            } catch (GridException unwritten) {
                if (unwritten.code() != ErrorCode.NOT_READY || attempt == ATTEMPTS) {
                    throw unwritten;
                }
            }
            Waits.pause(TOPOLOGY_SETTLES);
        }
    }

    private long copy(FeatureView from, FeatureView to, int[] positions, long end) {
        IgniteCache<Object, FeatureRow> source =
                ignite.cache(Caches.online(from).name());
        if (source == null) {
            return 0;
        }
        IgniteCache<Object, FeatureRow> target = Caches.online(to).in(ignite);
        WindowLayout windows = WindowLayout.of(to);
        long rows = 0;
        Map<Object, FeatureRow> batch = new LinkedHashMap<>();
        ScanQuery<Object, FeatureRow> all = new ScanQuery<>();
        try (QueryCursor<Cache.Entry<Object, FeatureRow>> cursor = source.query(all.setPageSize(BATCH_ROWS))) {
            for (Cache.Entry<Object, FeatureRow> entry : cursor) {
                batch.put(entry.getKey(), encoded(entry.getValue(), positions, windows != null));
                if (batch.size() >= BATCH_ROWS) {
                    rows += written(target, windows, batch, end);
                }
            }
        }
        return rows + written(target, windows, batch, end);
    }

    private int written(
            IgniteCache<Object, FeatureRow> target,
            @Nullable WindowLayout windows,
            Map<Object, FeatureRow> batch,
            long end) {
        if (System.nanoTime() > end) {
            throw new GridException(
                    ErrorCode.DEADLINE_EXCEEDED, "carrying rows to '" + target.getName() + "' took too long");
        }
        int rows = batch.size();
        OnlineMemory.of(ignite).requireRoom();
        CarriedRows.write(target, windows, batch, batchDeadline);
        batch.clear();
        return rows;
    }

    private static FeatureRow encoded(FeatureRow row, int[] positions, boolean windowed) {
        @Nullable Object[] values = new Object[positions.length];
        for (int i = 0; i < positions.length; i++) {
            int position = positions[i];
            values[i] = switch (position) {
                case EVENT_TIME -> (Object) row.eventMicros();
                case CREATED -> (Object) row.createdMicros();
                case UNKNOWN -> null;
                default -> position < row.size() ? row.value(position) : null;
            };
        }
        FeatureRow encoded = new FeatureRow(row.eventMicros(), row.createdMicros(), values);
        // Recent readings name their own columns.
        byte[] recent = row.recent();
        return recent == null || !windowed ? encoded : encoded.withRecent(recent);
    }

    /** Names of views whose rows move between two versions. */
    static List<String> moving(Definitions before, Definitions after) {
        return after.views().values().stream()
                .filter(view -> {
                    FeatureView old = before.views().get(view.name());
                    return view.online()
                            && (old == null
                                    || !old.online()
                                    || !Caches.online(old).equals(Caches.online(view)));
                })
                .map(FeatureView::name)
                .toList();
    }
}
