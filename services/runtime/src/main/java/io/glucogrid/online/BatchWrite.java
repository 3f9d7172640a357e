package io.glucogrid.online;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.time.Duration;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import javax.cache.CacheException;
import javax.cache.processor.EntryProcessorResult;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.IgniteException;
import org.apache.ignite.cache.CacheEntryProcessor;
import org.apache.ignite.lang.IgniteFuture;
import org.apache.ignite.lang.IgniteFutureTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One batch of idempotent updates on its way into a cache: Ignite sends each owner its keys in one message, and the owner runs the
 * processors under its entries' locks. Batches of several views may be under way at once.
 */
public final class BatchWrite {
    private final String cache;
    private final int rows;
    private final @Nullable IgniteFuture<? extends Map<?, EntryProcessorResult<Void>>> writing;

    private BatchWrite(
            String cache, int rows, @Nullable IgniteFuture<? extends Map<?, EntryProcessorResult<Void>>> writing) {
        this.cache = cache;
        this.rows = rows;
        this.writing = writing;
    }

    /**
     * Starts the updates, those of this node's own keys on this thread.
     *
     * @param rows what is written, by key
     * @param processor pure and idempotent
     * @throws GridException NOT_READY; some rows may be written then, and writing again is safe
     */
    static <K> BatchWrite start(
            IgniteCache<K, FeatureRow> cache,
            Map<? extends K, FeatureRow> rows,
            Function<FeatureRow, CacheEntryProcessor<K, FeatureRow, Void>> processor) {
        if (rows.isEmpty()) {
            return new BatchWrite(cache.getName(), 0, null);
        }
        SortedMap<K, CacheEntryProcessor<K, FeatureRow, Void>> processors = new TreeMap<>(KeyOrder.INSTANCE);
        rows.forEach((key, row) -> processors.put(key, processor.apply(row)));
        try {
            return new BatchWrite(cache.getName(), rows.size(), cache.invokeAllAsync(processors));
        } catch (CacheException | IgniteException | IllegalStateException failure) {
            throw failed(cache.getName(), failure);
        }
    }

    /**
     * Returns when primaries and backups have what was written.
     *
     * @throws GridException DEADLINE_EXCEEDED or NOT_READY; some rows may be written then, and writing again is safe
     */
    public void await(Duration deadline) {
        if (writing == null) {
            return;
        }
        try {
            // The map holds what failed: processors that succeed return nothing.
            for (EntryProcessorResult<Void> result :
                    writing.get(deadline.toMillis()).values()) {
                result.get();
            }
        } catch (IgniteFutureTimeoutException late) {
            throw new GridException(
                    ErrorCode.DEADLINE_EXCEEDED,
                    "cache '" + cache + "' took longer than " + deadline.toMillis() + " ms to write " + rows + " rows",
                    late);
        } catch (CacheException | IgniteException | IllegalStateException failure) {
            throw failed(cache, failure);
        }
    }

    private static GridException failed(String cache, RuntimeException failure) {
        return new GridException(
                ErrorCode.NOT_READY,
                "cache '" + cache + "' cannot be written: " + PartialFailure.reason(failure),
                failure);
    }
}
