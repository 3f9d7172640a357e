package io.glucogrid.online;

import java.util.Objects;
import org.apache.ignite.cache.CachePartialUpdateException;

/** Why Ignite refused a batch, without the keys that its own message lists: they name subjects, and reasons are logged. */
final class PartialFailure {
    private PartialFailure() {}

    static String reason(RuntimeException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CachePartialUpdateException partial) {
                return partial.failedKeys().size() + " of its keys were refused";
            }
        }
        return Objects.requireNonNullElse(
                failure.getMessage(), failure.getClass().getSimpleName());
    }
}
