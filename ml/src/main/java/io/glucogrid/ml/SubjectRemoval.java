package io.glucogrid.ml;

import io.glucogrid.grid.Caches;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;

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
        return CacheCalls.done(() -> cache.removeAsync(subjectId), DOING, deadline) ? 1 : 0;
    }
}
