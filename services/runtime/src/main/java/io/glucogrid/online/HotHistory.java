package io.glucogrid.online;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.HistoryKey;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.TableSchema;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.cache.Cache;
import javax.cache.CacheException;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.IgniteException;
import org.apache.ignite.cache.CachePeekMode;
import org.apache.ignite.cache.query.QueryCursor;
import org.apache.ignite.cache.query.ScanQuery;
import org.apache.ignite.lang.IgniteBiPredicate;

/**
 * Tells a table's hot window about rows that the Parquet tier has already: the store behind the cache is left out.
 *
 * <p>A row that the window does not hold stays out of it: whether the tier has a newer version of it, or has it deleted, only the tier
 * knows, and a read of the cache asks it. So the window is filled by reads, and brought up to date here. A read that asks the tier at
 * the moment in which a correction becomes durable may still put the older version in, until the row is evicted or written again.
 */
public final class HotHistory {
    /**
     * Rows in one update. Ignite makes room in a region that evicts before an update, not within it: an update that needs more
     * than the pages kept empty ({@code emptyPagesPoolSize}) eats up the region, and a full region kills the node.
     */
    private static final int ROWS_AT_ONCE = 500;

    /**
     * To look up the rows of a larger batch, from a stream or a caller that is behind, takes longer than to empty the window, once:
     * what is read again comes back from the tier.
     */
    private static final int MOST_SOUGHT_ROWS = 5_000;

    private static final long LEAST_WAIT_NANOS = 1_000_000;

    private final Ignite ignite;

    /** Tables whose window may hold what rows have replaced, for it could not be told of them. */
    private final Set<String> stale = ConcurrentHashMap.newKeySet();

    public HotHistory(Ignite ignite) {
        this.ignite = ignite;
    }

    /**
     * Brings the rows that the window holds up to those, durable already, that replace them; a very large batch empties the window.
     *
     * @throws GridException DEADLINE_EXCEEDED or NOT_READY; nothing is lost by it, but the window may hold what was replaced until the
     *     table's next update, which then empties it
     */
    public void update(TableSchema table, List<HistoryRow> rows, Duration deadline) {
        boolean untold = stale.remove(table.name());
        try {
            IgniteCache<HistoryKey, FeatureRow> cache =
                    Caches.history(table).in(ignite).withSkipStore();
            if (untold || rows.size() > MOST_SOUGHT_ROWS) {
                empty(cache, deadline);
            } else {
                replace(cache, rows, deadline);
            }
        } catch (GridException failure) {
            stale.add(table.name());
            throw failure;
        }
    }

    private static void replace(IgniteCache<HistoryKey, FeatureRow> cache, List<HistoryRow> rows, Duration deadline) {
        long until = System.nanoTime() + deadline.toNanos();
        LatestRows<HistoryKey> latest = new LatestRows<>();
        for (HistoryRow row : rows) {
            latest.add(new HistoryKey(row.joinKeys(), row.row().eventMicros()), row.row());
        }
        Map<HistoryKey, FeatureRow> part = new HashMap<>();
        for (Map.Entry<HistoryKey, FeatureRow> row : latest.rows().entrySet()) {
            part.put(row.getKey(), row.getValue());
            if (part.size() == ROWS_AT_ONCE) {
                write(cache, part, until);
                part.clear();
            }
        }
        write(cache, part, until);
    }

    private static void write(
            IgniteCache<HistoryKey, FeatureRow> cache, Map<HistoryKey, FeatureRow> rows, long untilNanos) {
        BatchWrite.start(cache, rows, LatestWins::overPresent)
                .await(Duration.ofNanos(Math.max(LEAST_WAIT_NANOS, untilNanos - System.nanoTime())));
    }

    private static void empty(IgniteCache<HistoryKey, FeatureRow> cache, Duration deadline) {
        try {
            if (cache.sizeLongAsync(CachePeekMode.PRIMARY).get(deadline.toMillis()) > 0) {
                cache.clearAsync().get(deadline.toMillis());
            }
        } catch (CacheException | IgniteException | IllegalStateException failure) {
            throw unreadable(cache, failure);
        }
    }

    private static GridException unreadable(IgniteCache<HistoryKey, FeatureRow> cache, RuntimeException failure) {
        return new GridException(
                ErrorCode.NOT_READY,
                "cache '" + cache.getName() + "' cannot be read: " + failure.getMessage(),
                failure);
    }

    /**
     * Takes rows out of the window; those of the tier stay.
     *
     * @return how many there were
     * @throws GridException DEADLINE_EXCEEDED or NOT_READY; nothing but memory is touched by it
     */
    public long remove(TableSchema table, IgniteBiPredicate<Object, FeatureRow> which, Duration deadline) {
        IgniteCache<Object, FeatureRow> cache =
                ignite.<Object, FeatureRow>cache(Caches.history(table).name()).withSkipStore();
        List<Object> keys = new ArrayList<>();
        ScanQuery<Object, FeatureRow> query = new ScanQuery<>(which);
        try (QueryCursor<Cache.Entry<Object, FeatureRow>> found = cache.query(query)) {
            found.forEach(entry -> keys.add(entry.getKey()));
        } catch (CacheException | IgniteException | IllegalStateException failure) {
            throw new GridException(
                    ErrorCode.NOT_READY,
                    "hot window of table '" + table.name() + "' cannot be read now: " + failure.getMessage(),
                    failure);
        }
        return Removals.remove(cache, keys, deadline);
    }
}
