package io.glucogrid.online;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.grid.Caches;
import io.glucogrid.store.HistoryKey;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.TableSchema;
import java.time.Duration;
import java.util.List;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;

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
     * @throws io.glucogrid.grid.GridException DEADLINE_EXCEEDED or NOT_READY; nothing is lost by it
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
}
