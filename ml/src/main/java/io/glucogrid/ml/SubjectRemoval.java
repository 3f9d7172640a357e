package io.glucogrid.ml;

import io.glucogrid.grid.Caches;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import javax.cache.CacheException;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.IgniteException;
import org.apache.ignite.lang.IgniteFutureTimeoutException;

/** Removes what the grid keeps of one subject for forecasting. */
final class SubjectRemoval {
    private static final String DOING = "forgetting a subject";

    private final Ignite ignite;
    private final WarningPoints points;
    private final ServerCalls servers;

    SubjectRemoval(Ignite ignite, WarningPoints points) {
        this.ignite = ignite;
        this.points = points;
        this.servers = new ServerCalls(ignite);
    }

    /** Answers how many entries there were. */
    long remove(long subjectId, Deadline deadline) {
        long removed = remove(Caches.SUBJECT_STATES.name(), subjectId, deadline);
        for (String cache : ignite.cacheNames()) {
            if (cache.startsWith(Caches.PERSONAL_PREFIX)) {
                removed += remove(cache, subjectId, deadline);
            }
        }
        removed += points.remove(subjectId, deadline) ? 1 : 0;
        servers.onEveryServer(new UnwatchSubject(subjectId), DOING, deadline);
        return removed;
    }

    private long remove(String name, long subjectId, Deadline deadline) {
        IgniteCache<Long, Object> cache = ignite.cache(name);
        if (cache == null) {
            return 0;
        }
        try {
            return cache.removeAsync(subjectId).get(deadline.millisLeft(DOING)) ? 1 : 0;
        } catch (IgniteFutureTimeoutException late) {
            throw new GridException(ErrorCode.DEADLINE_EXCEEDED, "the deadline passed while " + DOING, late);
        } catch (CacheException | IgniteException | IllegalStateException failure) {
            throw new GridException(
                    ErrorCode.NOT_READY, "failed while " + DOING + ": " + failure.getMessage(), failure);
        }
    }
}
