package io.glucogrid.serving;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.FeatureStore;
import io.glucogrid.grid.CacheRef;
import io.glucogrid.grid.Deadline;
import io.glucogrid.grid.LocalService;
import io.glucogrid.store.OfflineStore;
import io.glucogrid.store.StreamControl;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.lang.IgniteCallable;
import org.apache.ignite.lang.IgniteRunnable;
import org.apache.ignite.resources.IgniteInstanceResource;
import org.jspecify.annotations.Nullable;

/** The jobs that a node sends to other server nodes. A node whose services have not started yet takes no part and says so. */
final class Jobs {
    private Jobs() {}

    private static LocalService<FeatureStoreService> featureStore(Ignite ignite) {
        return new LocalService<>(ignite, FeatureStore.NAME, FeatureStoreService.class);
    }

    /** Compiles the newest registry; returns its version, or 0 where the node is still starting and will do it by itself. */
    static final class RefreshRegistry implements IgniteCallable<Long> {
        private static final long serialVersionUID = 1L;

        @IgniteInstanceResource
        private transient Ignite ignite;

        @Override
        public Long call() {
            LocalService<FeatureStoreService> store = featureStore(ignite);
            return store.isReady() ? store.get().runtime().registry().refresh() : 0L;
        }
    }

    /** Loads latest rows of the given buckets that the node is primary for, and notes what it did. */
    static final class MaterializeBuckets implements IgniteRunnable {
        private static final long serialVersionUID = 1L;

        @IgniteInstanceResource
        private transient Ignite ignite;

        private final MaterializeRun run;
        private final BitSet buckets;

        MaterializeBuckets(MaterializeRun run, BitSet buckets) {
            this.run = run;
            this.buckets = buckets;
        }

        @Override
        public void run() {
            LocalService<FeatureStoreService> store = featureStore(ignite);
            if (store.isReady()) {
                store.get().runtime().materializer().primaryBuckets(run, buckets);
            }
        }
    }

    /** Holds the node's streams up, or takes that back. */
    static final class SwitchStreams implements IgniteRunnable {
        private static final long serialVersionUID = 1L;

        @IgniteInstanceResource
        private transient Ignite ignite;

        private final List<String> names;
        private final StreamControl.Hold hold;
        private final boolean running;

        SwitchStreams(List<String> names, StreamControl.Hold hold, boolean running) {
            this.names = new ArrayList<>(names);
            this.hold = hold;
            this.running = running;
        }

        @Override
        public void run() {
            Streams streams = new Streams(ignite);
            if (running) {
                streams.resume(names, hold);
            } else {
                streams.pause(names, hold);
            }
        }
    }

    /** Lets the node do at once what a recovery asks of it, and waits for that. */
    static final class FollowRecovery implements IgniteRunnable {
        private static final long serialVersionUID = 1L;

        @IgniteInstanceResource
        private transient Ignite ignite;

        @Override
        public void run() {
            LocalService<FeatureStoreService> store = featureStore(ignite);
            if (store.isReady()) {
                store.get().runtime().recovery().follow();
            }
        }
    }

    /** Looks for segments that others put into the tier. */
    static final class Relist implements IgniteRunnable {
        private static final long serialVersionUID = 1L;

        @IgniteInstanceResource
        private transient Ignite ignite;

        @Override
        public void run() {
            LocalService<OfflineStore> offline = new LocalService<>(ignite, OfflineStore.NAME, OfflineStore.class);
            if (offline.isReady()) {
                offline.get().relist();
            }
        }
    }

    /** Rows of several online caches, by the position of the cache and of the key in it; null where there is none. */
    static final class ReadRows implements IgniteCallable<@Nullable FeatureRow[][]> {
        private static final long serialVersionUID = 1L;

        @IgniteInstanceResource
        private transient Ignite ignite;

        private final String[] caches;

        @SuppressWarnings("serial") // marshalled by Ignite's binary format
        private final Object[][] keys;

        private final Duration within;

        ReadRows(String[] caches, Object[][] keys, Duration within) {
            this.caches = caches;
            this.keys = keys;
            this.within = within;
        }

        @Override
        public @Nullable FeatureRow[][] call() {
            Deadline deadline = Deadline.in(within);
            @Nullable FeatureRow[][] rows = new FeatureRow[caches.length][];
            for (int i = 0; i < caches.length; i++) {
                IgniteCache<Object, FeatureRow> cache = new CacheRef<Object, FeatureRow>(caches[i], "").in(ignite);
                rows[i] = new FeatureRow[keys[i].length];
                Set<Object> absent = OnlineReads.peek(cache, keys[i], rows[i]);
                // Rows that do not exist, or that have moved to another node meanwhile: the cache knows which.
                if (!absent.isEmpty()) {
                    Map<Object, FeatureRow> found =
                            Waits.within(cache.getAllAsync(absent), deadline.leftNanos(), "the online read");
                    OnlineReads.fill(rows[i], keys[i], found);
                }
            }
            return rows;
        }
    }

    /** What the node knows of itself. */
    static final class DescribeNode implements IgniteCallable<Map<String, Object>> {
        private static final long serialVersionUID = 1L;

        @IgniteInstanceResource
        private transient Ignite ignite;

        @Override
        public Map<String, Object> call() {
            return new NodeDescription(ignite).tree();
        }
    }
}
