package io.glucogrid.ml;

import io.glucogrid.grid.Caches;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.cluster.ClusterNode;
import org.apache.ignite.lang.IgniteCallable;
import org.jspecify.annotations.Nullable;

/**
 * Subjects' own coefficients under models that fix them at the training: one cache per version, each subject's beside its state.
 * They are derived: what a grid has lost is fitted again, from the same leading part of the same readings.
 */
final class PersonalModels {
    /** Key of the entry that says that all others are there; no subject has it. */
    private static final long COMPLETE = Long.MIN_VALUE;

    private static final String DOING = "fitting subjects' own coefficients";

    private final Ignite ignite;
    private final ServerCalls servers;

    PersonalModels(Ignite ignite) {
        this.ignite = ignite;
        this.servers = new ServerCalls(ignite);
    }

    /** The coefficients of a version's subjects; null while there are none, and the population's stand in. */
    @Nullable
    IgniteCache<Long, double[]> of(ForecastVersion version) {
        return version.kind().hasStoredCoefficients()
                ? ignite.cache(Caches.personal(version.id()).name())
                : null;
    }

    /** Whether there is nothing left to do for a version. */
    boolean isComplete(ForecastVersion version, Deadline deadline) {
        if (!version.kind().hasStoredCoefficients()) {
            return true;
        }
        IgniteCache<Long, double[]> cache = of(version);
        return cache != null && CacheCalls.done(() -> cache.containsKeyAsync(COMPLETE), DOING, deadline);
    }

    /** Ends the cache of a version that was removed. */
    void destroy(ForecastVersion version) {
        if (version.kind().hasStoredCoefficients()) {
            ignite.destroyCache(Caches.personal(version.id()).name());
        }
    }

    /** From now on some coefficients of a version may be missing. */
    void reopen(ForecastVersion version, Deadline deadline) {
        IgniteCache<Long, double[]> cache = of(version);
        if (cache != null) {
            CacheCalls.done(() -> cache.removeAsync(COMPLETE), DOING, deadline);
        }
    }

    /**
     * Fits and stores the coefficients of all subjects, unless they are there.
     *
     * @param fromSums from the sums in the subjects' states instead of the tier
     */
    void complete(ForecastVersion version, boolean fromSums, Deadline deadline) {
        if (isComplete(version, deadline)) {
            return;
        }
        IgniteCache<Long, double[]> cache = Caches.start(ignite, Caches.personal(version.id()));
        String document = ModelJson.write(version);
        Map<ClusterNode, IgniteCallable<Integer>> jobs = new LinkedHashMap<>();
        BucketOwners.of(ignite, cache.getName())
                .forEach((node, buckets) ->
                        jobs.put(node, new StorePersonal(buckets, document, fromSums, deadline.millisLeft(DOING))));
        servers.onEach(jobs, DOING, deadline);
        CacheCalls.done(() -> cache.putAsync(COMPLETE, new double[0]), DOING, deadline);
    }
}
