package io.glucogrid.ml;

import io.glucogrid.grid.Caches;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.time.Duration;
import java.util.function.Function;
import org.apache.ignite.Ignite;
import org.jspecify.annotations.Nullable;

/**
 * Something that is restored from the tier once in the life of a grid, by its oldest node; where that dies meanwhile, the next
 * oldest begins anew. A mark in the replicated registry cache, which lives as long as the grid, says that it is done. What was
 * restored may be removed only after that, and nobody restores after that: one that is late would bring back what was removed.
 */
final class RestoredOnce {
    private static final Duration MARKING = Duration.ofSeconds(20);

    private final Ignite ignite;
    private final String what;
    private final String mark;
    private volatile boolean complete;

    /** @param mark key in the registry cache */
    RestoredOnce(Ignite ignite, String what, String mark) {
        this.ignite = ignite;
        this.what = what;
        this.mark = mark;
    }

    /**
     * Restores it, unless that is done.
     *
     * @param restore takes what is still missing (null for all) and answers what is missing after it, empty for nothing
     * @throws GridException NOT_READY where it is another node's work, DAMAGED_DATA where something is still missing
     */
    void restore(Function<@Nullable String, String> restore) {
        String before = read();
        if (before != null && before.isEmpty()) {
            return;
        }
        if (!ignite.cluster().forServers().forOldest().node().isLocal()) {
            throw new GridException(ErrorCode.NOT_READY, "the oldest node restores the " + what);
        }
        String missing = restore.apply(before);
        mark(missing);
        if (!missing.isEmpty()) {
            throw new GridException(ErrorCode.DAMAGED_DATA, "the tier's documents cannot be read: " + missing);
        }
    }

    /**
     * What could not be restored yet, as {@link #restore} was told; empty for nothing.
     *
     * @throws GridException NOT_READY while nobody has read the tier
     */
    String missing() {
        String missing = read();
        if (missing == null) {
            throw new GridException(ErrorCode.NOT_READY, "the " + what + " are not restored from the tier yet");
        }
        return missing;
    }

    private @Nullable String read() {
        if (complete) {
            return "";
        }
        String missing = Caches.REGISTRY.in(ignite).get(mark);
        complete = missing != null && missing.isEmpty();
        return missing;
    }

    /** From now on nothing is missing: what the tier had was removed. */
    void complete() {
        mark("");
    }

    private void mark(String missing) {
        CacheCalls.done(
                () -> Caches.REGISTRY.in(ignite).putAsync(mark, missing),
                "restoring the " + what,
                Deadline.in(MARKING));
    }
}
