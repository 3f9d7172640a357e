package io.glucogrid.ml;

import io.glucogrid.grid.Caches;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.model.ForecastQuery;
import io.glucogrid.model.OperatingPoints;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import javax.cache.Cache;
import javax.cache.CacheException;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.IgniteException;
import org.apache.ignite.lang.IgniteFuture;
import org.apache.ignite.lang.IgniteFutureTimeoutException;
import org.jspecify.annotations.Nullable;

/** Users' operating points, in a replicated cache that starts with the first of them. */
final class WarningPoints {
    private static final String DOING = "storing an operating point";

    private final Ignite ignite;

    WarningPoints(Ignite ignite) {
        this.ignite = ignite;
    }

    List<OperatingPoints.Point> all() {
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
        IgniteCache<Long, double[]> cache = Caches.start(ignite, Caches.OPERATING_POINTS);
        done(() -> cache.putAsync(point.subjectId(), new double[] {point.low(), point.high()}), deadline);
    }

    boolean remove(long subjectId, Deadline deadline) {
        IgniteCache<Long, double[]> cache = cache();
        return cache != null && done(() -> cache.removeAsync(subjectId), deadline);
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
