package io.glucogrid.ml;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.util.function.Supplier;
import javax.cache.CacheException;
import org.apache.ignite.IgniteException;
import org.apache.ignite.lang.IgniteFuture;
import org.apache.ignite.lang.IgniteFutureTimeoutException;

/** Operations of caches that nobody waits for beyond a deadline. */
final class CacheCalls {
    private CacheCalls() {}

    /**
     * Begins an operation and waits for its end.
     *
     * @param doing what the operation is part of, for the message
     * @throws GridException DEADLINE_EXCEEDED, after which it may still take effect, or NOT_READY
     */
    static <T> T done(Supplier<IgniteFuture<T>> operation, String doing, Deadline deadline) {
        try {
            return operation.get().get(deadline.millisLeft(doing));
        } catch (IgniteFutureTimeoutException late) {
            throw new GridException(ErrorCode.DEADLINE_EXCEEDED, "the deadline passed while " + doing, late);
        } catch (CacheException | IgniteException | IllegalStateException failure) {
            throw new GridException(
                    ErrorCode.NOT_READY, "failed while " + doing + ": " + failure.getMessage(), failure);
        }
    }
}
