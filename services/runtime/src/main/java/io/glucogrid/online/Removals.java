package io.glucogrid.online;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.cache.CacheException;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.IgniteException;
import org.apache.ignite.lang.IgniteFuture;
import org.apache.ignite.lang.IgniteFutureTimeoutException;

/** Takes rows out of a cache by key. */
final class Removals {
    private static final int AT_ONCE = 1_000;

    private Removals() {}

    /**
     * Removes rows; returns how many there were, when primaries and backups have none.
     *
     * @throws GridException DEADLINE_EXCEEDED or NOT_READY; some rows may be gone then, and removing again is safe
     */
    static <K> long remove(IgniteCache<K, FeatureRow> cache, Collection<K> keys, Duration deadline) {
        long end = System.nanoTime() + deadline.toNanos();
        long removed = 0;
        try {
            List<IgniteFuture<Boolean>> removing = new ArrayList<>();
            for (K key : keys) {
                removing.add(cache.removeAsync(key));
                if (removing.size() == AT_ONCE) {
                    removed += removed(removing, end);
                }
            }
            return removed + removed(removing, end);
        } catch (IgniteFutureTimeoutException late) {
            throw new GridException(
                    ErrorCode.DEADLINE_EXCEEDED,
                    "cache '" + cache.getName() + "' took longer than " + deadline.toMillis() + " ms to remove "
                            + keys.size() + " rows",
                    late);
        } catch (CacheException | IgniteException | IllegalStateException failure) {
            throw new GridException(
                    ErrorCode.NOT_READY,
                    "cache '" + cache.getName() + "' cannot be written: " + PartialFailure.reason(failure),
                    failure);
        }
    }

    private static long removed(List<IgniteFuture<Boolean>> removing, long end) {
        long removed = 0;
        for (IgniteFuture<Boolean> one : removing) {
            removed += one.get(Math.max(1, end - System.nanoTime()), TimeUnit.NANOSECONDS) ? 1 : 0;
        }
        removing.clear();
        return removed;
    }
}
