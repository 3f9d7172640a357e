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
        RowBatch<HistoryKey> batch = new RowBatch<>();
        for (HistoryRow row : rows) {
            batch.add(new HistoryKey(row.joinKeys(), row.row().eventMicros()), row.row());
        }
        batch.writeTo(cache, deadline);
    }
}
