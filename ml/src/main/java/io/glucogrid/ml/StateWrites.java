package io.glucogrid.ml;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.util.Map;
import java.util.SortedMap;
import javax.cache.CacheException;
import javax.cache.processor.EntryProcessorResult;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.IgniteException;
import org.apache.ignite.cache.CacheEntryProcessor;
import org.apache.ignite.lang.IgniteFutureTimeoutException;

/** Writes of subjects' states, many at once. */
final class StateWrites {
    private StateWrites() {}

    /**
     * Runs processors, by subject so that no two batches wait for each other; returns when primaries and backups have what they
     * wrote.
     *
     * @throws GridException DEADLINE_EXCEEDED or NOT_READY; writing again is safe
     */
    static <P extends CacheEntryProcessor<Long, byte[], Void>> void run(
            IgniteCache<Long, byte[]> states, SortedMap<Long, P> processors, long deadlineMillis) {
        if (processors.isEmpty()) {
            return;
        }
        try {
            Map<Long, EntryProcessorResult<Void>> failed =
                    states.invokeAllAsync(processors).get(deadlineMillis);
            for (EntryProcessorResult<Void> result : failed.values()) {
                result.get();
            }
        } catch (IgniteFutureTimeoutException late) {
            throw new GridException(
                    ErrorCode.DEADLINE_EXCEEDED,
                    "the states of " + processors.size() + " subjects took too long",
                    late);
        } catch (CacheException | IgniteException | IllegalStateException failure) {
            throw new GridException(
                    ErrorCode.NOT_READY, "the subjects' states cannot be written: " + failure.getMessage(), failure);
        }
    }
}
