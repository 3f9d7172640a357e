package io.glucogrid.ml;

import io.glucogrid.grid.Buckets;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.model.ForecastQuery;
import io.glucogrid.model.OperatingPoints;
import io.glucogrid.store.MetaStore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;
import javax.cache.Cache;
import javax.cache.CacheException;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.IgniteException;
import org.apache.ignite.lang.IgniteFuture;
import org.apache.ignite.lang.IgniteFutureTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Users' operating points: in a replicated cache that starts with the first of them, and in the tier, one document {@code
 * operating-points/NN} per bucket of subjects with the points of its users. A document is written from the cache's state after
 * reading the number that it is to have, so the last one has what the last writer saw; but for one, older ones are removed, and
 * where somebody was removed, every one that knows them.
 *
 * <p>After a cold start the oldest node restores them. Until then nobody is told from which probability they are warned, nor
 * can a point be set: NOT_READY.
 */
final class WarningPoints implements AutoCloseable {
    /** In the registry cache while the grid lives: the tier's points are in the grid. */
    static final String RESTORED = "operating-points-restored";

    private static final String DOING = "storing an operating point";

    private final Ignite ignite;
    private final Supplier<MetaStore> meta;
    private final ScheduledExecutorService background;
    private final Forgotten forgotten;

    private volatile boolean restored;

    /** @param meta may fail while the tier is not there yet */
    WarningPoints(Ignite ignite, Supplier<MetaStore> meta) {
        this.ignite = ignite;
        this.meta = meta;
        this.forgotten = new Forgotten(ignite);
        this.background = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "operating-points-" + ignite.name());
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Begins to restore. */
    void start() {
        new UntilRestored("operating points", this::restore, background).start();
    }

    @Override
    public void close() {
        background.shutdownNow();
    }

    List<OperatingPoints.Point> all() {
        requireRestored();
        IgniteCache<Long, double[]> cache = cache();
        List<OperatingPoints.Point> points = new ArrayList<>();
        if (cache != null) {
            for (Cache.Entry<Long, double[]> entry : cache) {
                points.add(new OperatingPoints.Point(entry.getKey(), entry.getValue()[0], entry.getValue()[1]));
            }
        }
        points.sort(Comparator.comparingLong(OperatingPoints.Point::subjectId));
        return points;
    }

    void set(OperatingPoints.Point point, Deadline deadline) {
        if (!(point.low() >= 0 && point.low() <= 1 && point.high() >= 0 && point.high() <= 1)) {
            throw new GridException(
                    ErrorCode.INVALID_REQUEST, "'low' and 'high' of an operating point are probabilities, 0 to 1");
        }
        requireRestored();
        forgotten.requireAllowed(point.subjectId());
        IgniteCache<Long, double[]> cache = Caches.start(ignite, Caches.OPERATING_POINTS);
        done(() -> cache.putAsync(point.subjectId(), new double[] {point.low(), point.high()}), deadline);
        publish(Buckets.of(point.subjectId()), deadline);
    }

    /** Answers whether there was one. */
    boolean remove(long subjectId, Deadline deadline) {
        requireRestored();
        IgniteCache<Long, double[]> cache = cache();
        boolean removed = cache != null && done(() -> cache.removeAsync(subjectId), deadline);
        purge(Buckets.of(subjectId), deadline);
        return removed;
    }

    void removeAll(Deadline deadline) {
        requireRestored();
        IgniteCache<Long, double[]> cache = cache();
        if (cache != null) {
            done(cache::clearAsync, deadline);
        }
        for (int bucket = 0; bucket < Buckets.COUNT; bucket++) {
            purge(bucket, deadline);
        }
    }

    /** The same subjects, each with the point that holds for it. */
    List<ForecastQuery.Subject> resolved(List<ForecastQuery.Subject> subjects, Deadline deadline) {
        Set<Long> open = new TreeSet<>();
        for (ForecastQuery.Subject subject : subjects) {
            if (Double.isNaN(subject.warnOfLow()) || Double.isNaN(subject.warnOfHigh())) {
                open.add(subject.subjectId());
            }
        }
        if (open.isEmpty()) {
            return subjects;
        }
        requireRestored();
        IgniteCache<Long, double[]> cache = cache();
        Map<Long, double[]> set = cache == null ? Map.of() : Forecasting.read(cache, open, deadline);
        List<ForecastQuery.Subject> resolved = new ArrayList<>(subjects.size());
        for (ForecastQuery.Subject subject : subjects) {
            double[] own = set.get(subject.subjectId());
            resolved.add(new ForecastQuery.Subject(
                    subject.subjectId(),
                    subject.atMicros(),
                    probability(subject.warnOfLow(), own, 0),
                    probability(subject.warnOfHigh(), own, 1)));
        }
        return resolved;
    }

    private static double probability(double asked, double @Nullable [] own, int which) {
        if (!Double.isNaN(asked)) {
            return asked;
        }
        return own == null ? OperatingPoints.USUAL : own[which];
    }

    /** Only one node restores: another one that is late would bring back what was removed meanwhile. */
    private void restore() {
        IgniteCache<String, String> marks = Caches.REGISTRY.in(ignite);
        if (!marks.containsKey(RESTORED)) {
            if (!ignite.cluster().forServers().forOldest().node().isLocal()) {
                throw new GridException(ErrorCode.NOT_READY, "the oldest node restores the operating points");
            }
            MetaStore store = meta.get();
            for (int bucket = 0; bucket < Buckets.COUNT; bucket++) {
                MetaStore.Document document = store.latest(kind(bucket));
                if (document != null) {
                    IgniteCache<Long, double[]> cache = Caches.start(ignite, Caches.OPERATING_POINTS);
                    ModelJson.readNames(document.text())
                            .forEach((subject, point) -> cache.putIfAbsent(Long.parseLong(subject), parsed(point)));
                }
            }
            marks.put(RESTORED, "true");
        }
        restored = true;
    }

    private void requireRestored() {
        if (!restored) {
            if (!Caches.REGISTRY.in(ignite).containsKey(RESTORED)) {
                throw new GridException(ErrorCode.NOT_READY, "the operating points are not restored from the tier yet");
            }
            restored = true;
        }
    }

    private void publish(int bucket, Deadline deadline) {
        MetaStore store = meta.get();
        while (true) {
            deadline.millisLeft(DOING);
            MetaStore.Document latest = store.latest(kind(bucket));
            Map<String, String> points = ofBucket(bucket);
            if (latest == null && points.isEmpty()) {
                return;
            }
            String text = ModelJson.writeNames(points);
            long next = latest == null ? 1 : latest.version() + 1;
            if (latest != null && latest.text().equals(text)) {
                return;
            }
            if (ModelPointers.published(store, kind(bucket), next, text)) {
                removeBefore(store, bucket, next - 1);
                return;
            }
        }
    }

    /** Publishes, and leaves no document that says something else. */
    private void purge(int bucket, Deadline deadline) {
        publish(bucket, deadline);
        MetaStore store = meta.get();
        while (true) {
            deadline.millisLeft(DOING);
            MetaStore.Document latest = store.latest(kind(bucket));
            MetaStore.Document before = latest == null ? null : store.read(kind(bucket), latest.version() - 1);
            if (latest == null || before == null || before.text().equals(latest.text())) {
                return;
            }
            // the same once more: whoever lists while the old one goes finds one of two
            if (ModelPointers.published(store, kind(bucket), latest.version() + 1, latest.text())) {
                removeBefore(store, bucket, latest.version());
                return;
            }
        }
    }

    private static void removeBefore(MetaStore store, int bucket, long version) {
        for (long old = version - 1; old > 0 && store.read(kind(bucket), old) != null; old--) {
            store.remove(kind(bucket), old);
        }
    }

    private Map<String, String> ofBucket(int bucket) {
        Map<String, String> points = new TreeMap<>();
        IgniteCache<Long, double[]> cache = cache();
        if (cache != null) {
            for (Cache.Entry<Long, double[]> entry : cache) {
                if (Buckets.of(entry.getKey().longValue()) == bucket) {
                    points.put(Long.toString(entry.getKey()), entry.getValue()[0] + " " + entry.getValue()[1]);
                }
            }
        }
        return points;
    }

    private static double[] parsed(String point) {
        int space = point.indexOf(' ');
        return new double[] {
            Double.parseDouble(point.substring(0, space)), Double.parseDouble(point.substring(space + 1))
        };
    }

    private static String kind(int bucket) {
        return String.format(Locale.ROOT, "operating-points/%02d", bucket);
    }

    private @Nullable IgniteCache<Long, double[]> cache() {
        return ignite.cache(Caches.OPERATING_POINTS.name());
    }

    private static <T> T done(Start<T> start, Deadline deadline) {
        try {
            return start.start().get(deadline.millisLeft(DOING));
        } catch (IgniteFutureTimeoutException late) {
            throw new GridException(ErrorCode.DEADLINE_EXCEEDED, "the deadline passed while " + DOING, late);
        } catch (CacheException | IgniteException | IllegalStateException failure) {
            throw new GridException(
                    ErrorCode.NOT_READY, "failed while " + DOING + ": " + failure.getMessage(), failure);
        }
    }

    /** An operation of the cache that has begun. */
    @FunctionalInterface
    private interface Start<T> {
        IgniteFuture<T> start();
    }
}
