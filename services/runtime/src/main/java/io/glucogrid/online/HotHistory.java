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
import java.util.List;
import javax.cache.Cache;
import javax.cache.CacheException;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.IgniteException;
import org.apache.ignite.cache.query.QueryCursor;
import org.apache.ignite.cache.query.ScanQuery;
import org.apache.ignite.lang.IgniteBiPredicate;

/** Tells a table's hot window about rows that the Parquet tier has already: the store behind the cache is left out. */
public final class HotHistory {
    /**
     * Rows in one update. Ignite makes room in a region that evicts before an update, not within it: an update that needs more
     * than the pages kept empty ({@code emptyPagesPoolSize}) eats up the region, and a full region kills the node.
     */
    private static final int ROWS_AT_ONCE = 500;

    private final Ignite ignite;

    public HotHistory(Ignite ignite) {
        this.ignite = ignite;
    }

    /**
     * Writes rows that are durable already; of two with equal key the greater creation time stays.
     *
     * @throws GridException DEADLINE_EXCEEDED or NOT_READY; nothing is lost by it
     */
    public void update(TableSchema table, List<HistoryRow> rows, Duration deadline) {
        IgniteCache<HistoryKey, FeatureRow> cache =
                Caches.history(table).in(ignite).withSkipStore();
        long until = System.nanoTime() + deadline.toNanos();
        for (int from = 0; from < rows.size(); from += ROWS_AT_ONCE) {
            RowBatch<HistoryKey> batch = new RowBatch<>();
            for (HistoryRow row : rows.subList(from, Math.min(from + ROWS_AT_ONCE, rows.size()))) {
                batch.add(new HistoryKey(row.joinKeys(), row.row().eventMicros()), row.row());
            }
            batch.writeTo(cache, Duration.ofNanos(Math.max(1, until - System.nanoTime())));
        }
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
