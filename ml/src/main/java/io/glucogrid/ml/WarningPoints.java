package io.glucogrid.ml;

import io.glucogrid.grid.Buckets;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.model.ForecastQuery;
import io.glucogrid.model.OperatingPoints;
import io.glucogrid.store.MetaStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;
import javax.cache.Cache;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Users' operating points: in a replicated cache that starts with the first of them, and in the tier, one document {@code
 * operating-points/NN} per bucket of subjects with the points of its users, a {@link CacheDocument}; but for one, older ones are
 * removed, and where somebody was removed, every one that knows them.
 *
 * <p>After a cold start the oldest node restores them. Until then nobody is told from which probability they are warned, nor
 * can a point be set: NOT_READY. A document that is damaged keeps that up for the users of its bucket alone, until it is repaired
 * or removed.
 */
final class WarningPoints implements AutoCloseable {
    /** In the registry cache while the grid lives: the tier's points are in the grid. */
    static final String RESTORED = "operating-points-restored";

    private static final Logger LOG = LoggerFactory.getLogger(WarningPoints.class);
    private static final Duration PUTTING = Duration.ofSeconds(20);
    private static final String DOING = "storing an operating point";

    private final Ignite ignite;
    private final Supplier<MetaStore> meta;
    private final ScheduledExecutorService background;
    private final Forgotten forgotten;
    private final RestoredOnce once;

    /** @param meta may fail while the tier is not there yet */
    WarningPoints(Ignite ignite, Supplier<MetaStore> meta) {
        this.ignite = ignite;
        this.meta = meta;
        this.forgotten = new Forgotten(ignite);
        this.once = new RestoredOnce(ignite, "operating points", RESTORED);
        this.background = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "operating-points-" + ignite.name());
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Begins to restore. */
    void start() {
        new UntilRestored("operating points", () -> once.restore(this::restore), background).start();
    }

    @Override
    public void close() {
        background.shutdownNow();
    }

    /** Those that are known: without those of a damaged document. */
    List<OperatingPoints.Point> all() {
        requireTried();
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
        requireRestored(point.subjectId());
        forgotten.requireAllowed(point.subjectId());
        IgniteCache<Long, double[]> cache = Caches.start(ignite, Caches.OPERATING_POINTS);
        CacheCalls.done(
                () -> cache.putAsync(point.subjectId(), new double[] {point.low(), point.high()}), DOING, deadline);
        publish(Buckets.of(point.subjectId()), deadline);
    }

    /** Answers whether there was one. */
    boolean remove(long subjectId, Deadline deadline) {
        requireRestored(subjectId);
        IgniteCache<Long, double[]> cache = cache();
        boolean removed = cache != null && CacheCalls.done(() -> cache.removeAsync(subjectId), DOING, deadline);
        purge(Buckets.of(subjectId), deadline);
        return removed;
    }

    void removeAll(Deadline deadline) {
        requireTried();
        IgniteCache<Long, double[]> cache = cache();
        if (cache != null) {
            CacheCalls.done(cache::clearAsync, DOING, deadline);
        }
        for (int bucket = 0; bucket < Buckets.COUNT; bucket++) {
            purge(bucket, deadline);
        }
        once.complete();
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
        open.forEach(this::requireRestored);
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

    /** Takes and answers kinds of documents, as {@link RestoredOnce} has it. */
    private String restore(@Nullable String missing) {
        MetaStore store = meta.get();
        StringJoiner damaged = new StringJoiner(" ");
        for (int bucket = 0; bucket < Buckets.COUNT; bucket++) {
            String kind = kind(bucket);
            MetaStore.Document document = missing == null || missing.contains(kind) ? store.latest(kind) : null;
            if (document != null) {
                Map<Long, double[]> points = readable(document.text());
                if (points == null) {
                    damaged.add(kind);
                } else if (!points.isEmpty()) {
                    IgniteCache<Long, double[]> cache = Caches.start(ignite, Caches.OPERATING_POINTS);
                    CacheCalls.done(
                            () -> cache.putAllAsync(points), "restoring operating points", Deadline.in(PUTTING));
                }
            }
        }
        return damaged.toString();
    }

    /** The points in a document; null where it is damaged. */
    private static @Nullable Map<Long, double[]> readable(String text) {
        Map<Long, double[]> points = new TreeMap<>();
        try {
            ModelJson.readNames(text).forEach((subject, point) -> points.put(Long.valueOf(subject), parsed(point)));
        } catch (RuntimeException damaged) {
            LOG.debug("a document of operating points cannot be read", damaged);
            return null;
        }
        return points;
    }

    private void requireTried() {
        String unused = once.missing();
    }

    private void requireRestored(long subjectId) {
        String kind = kind(Buckets.of(subjectId));
        if (once.missing().contains(kind)) {
            throw new GridException(
                    ErrorCode.NOT_READY,
                    "the tier's document '" + kind + "' is damaged, and with it the user's operating point");
        }
    }

    private MetaStore.Document publish(int bucket, Deadline deadline) {
        MetaStore store = meta.get();
        MetaStore.Document written =
                CacheDocument.write(store, kind(bucket), () -> ModelJson.writeNames(ofBucket(bucket)), DOING, deadline);
        removeBefore(store, bucket, written.version() - 1);
        return written;
    }

    /** Publishes, and leaves no document that says something else. */
    private void purge(int bucket, Deadline deadline) {
        MetaStore.Document written = publish(bucket, deadline);
        MetaStore.Document before = meta.get().read(kind(bucket), written.version() - 1);
        if (before != null && !before.text().equals(written.text())) {
            publish(bucket, deadline); // once more: whoever lists while the old one goes finds one of two
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
}
