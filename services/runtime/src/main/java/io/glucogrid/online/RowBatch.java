package io.glucogrid.online;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.time.Duration;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import javax.cache.CacheException;
import javax.cache.processor.EntryProcessorResult;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.IgniteException;
import org.apache.ignite.cache.CacheEntryProcessor;
import org.apache.ignite.lang.IgniteFutureTimeoutException;

/** Rows on their way into one cache: one per key, the winner of all that were added, written in one sorted batch. */
final class RowBatch<K> {
    private final SortedMap<K, FeatureRow> rows = new TreeMap<>(KeyOrder.INSTANCE);

    /** Adds a row; of equal times the one added later stays. */
    void add(K key, FeatureRow row) {
        FeatureRow current = rows.get(key);
        if (current == null || row.replaces(current)) {
            rows.put(key, row);
        }
    }

    /**
     * Writes every row that beats the cache's own; returns when primaries and backups have them.
     *
     * @throws GridException DEADLINE_EXCEEDED or NOT_READY; some rows may be written then, and writing again is safe
     */
    void writeTo(IgniteCache<K, FeatureRow> cache, Duration deadline) {
        SortedMap<K, LatestWins<K>> processors = new TreeMap<>(KeyOrder.INSTANCE);
        rows.forEach((key, row) -> processors.put(key, new LatestWins<>(row)));
        write(cache, processors, deadline);
    }

    /** Runs the processors; returns when primaries and backups have what they wrote. */
    static <K> void write(
            IgniteCache<K, FeatureRow> cache,
            SortedMap<K, ? extends CacheEntryProcessor<K, FeatureRow, Void>> processors,
            Duration deadline) {
        if (processors.isEmpty()) {
            return;
        }
        try {
            Map<K, EntryProcessorResult<Void>> results =
                    cache.invokeAllAsync(processors).get(deadline.toMillis());
            // The map holds what failed: processors that succeed return nothing.
            for (EntryProcessorResult<Void> result : results.values()) {
                result.get();
            }
        } catch (IgniteFutureTimeoutException late) {
            throw new GridException(
                    ErrorCode.DEADLINE_EXCEEDED,
                    "cache '" + cache.getName() + "' took longer than " + deadline.toMillis() + " ms to write "
                            + processors.size() + " rows",
                    late);
        } catch (CacheException | IgniteException | IllegalStateException failure) {
            throw new GridException(
                    ErrorCode.NOT_READY,
                    "cache '" + cache.getName() + "' cannot be written: " + failure.getMessage(),
                    failure);
        }
    }
}
