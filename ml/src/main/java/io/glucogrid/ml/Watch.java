package io.glucogrid.ml;

import io.glucogrid.forecast.CompactFeatures;
import io.glucogrid.forecast.Forecast;
import io.glucogrid.forecast.Horizons;
import io.glucogrid.forecast.SubjectState;
import io.glucogrid.model.SubjectForecast;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ignite.Ignite;
import org.apache.ignite.metric.MetricRegistry;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after the forecasts of a share of the subjects: whether they come true, and whether they were made from what history has.
 *
 * <p><b>Residuals.</b> After each reading of a watched subject, the active forecaster and the shadow forecast 15, 30 and 60 minutes;
 * when a reading comes within half a slot of such a time, both are scored. Forecasts that wait are kept in this node's memory:
 * they are figures, and a node that dies takes its own with it.
 *
 * <p><b>Drift.</b> {@link ModelFigures} per model holds recent residuals and features against those of the training.
 *
 * <p><b>Skew.</b> The features that a served forecast was made from are computed again from history and compared. Where history
 * does not have the reading yet (the offline stream is behind, or the reading was pushed online only), there is nothing to
 * compare.
 *
 * <p>All of it shows in {@code /metrics}. Never a reason for a forecast or a reading to fail.
 */
final class Watch implements AutoCloseable {
    /** Slots of the horizon whose features are watched. */
    static final int HALF_HOUR_SLOTS = 6;

    private static final Logger LOG = LoggerFactory.getLogger(Watch.class);
    private static final String REGISTRY = "forecasts";
    private static final int MOST_SUBJECTS = 10_000;
    private static final int MOST_CHECKS_WAITING = 1_000;
    private static final long HALF_SLOT_MICROS = 150_000_000L;
    private static final long MICROS_PER_MINUTE = 60_000_000L;
    private static final long HALF_HOUR_MICROS = 1_800_000_000L;
    private static final Duration COMPARING = Duration.ofSeconds(10);
    /** Relative; both sides do the same arithmetic on the same readings. */
    private static final double EQUAL = 1e-9;

    private final Ignite ignite;
    private final double share;
    private final HistoryStates history;
    private final Workbenches benches;
    private final ThreadPoolExecutor checks;
    private final ConcurrentMap<String, ModelFigures> figures = new ConcurrentHashMap<>();
    private final Map<Long, Track> tracks = new Tracks();
    private final AtomicLong compared = new AtomicLong();
    private final AtomicLong different = new AtomicLong();
    private final AtomicLong incomparable = new AtomicLong();

    private Watch(Ignite ignite, double share, HistoryStates history, Workbenches benches, ThreadPoolExecutor checks) {
        this.ignite = ignite;
        this.share = share;
        this.history = history;
        this.benches = benches;
        this.checks = checks;
    }

    /** @param share part of the subjects that is watched, 0 to 1; which ones, their ids decide */
    static Watch start(Ignite ignite, double share, HistoryStates history, Workbenches benches) {
        ThreadPoolExecutor checks = new ThreadPoolExecutor(
                1,
                1,
                10,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(MOST_CHECKS_WAITING),
                task -> {
                    Thread thread = new Thread(task, "forecast-watch-" + ignite.name());
                    thread.setDaemon(true);
                    return thread;
                },
                new ThreadPoolExecutor.DiscardPolicy());
        checks.allowCoreThreadTimeOut(true);
        Watch watch = new Watch(ignite, share, history, benches, checks);
        MetricRegistry registry = ignite.metrics().getOrCreate(REGISTRY);
        register(registry, "skew_compared", watch.compared, "served feature vectors computed again from history");
        register(registry, "skew_different", watch.different, "of these, how many were not the same");
        register(registry, "skew_incomparable", watch.incomparable, "served vectors that history could not give yet");
        return watch;
    }

    private static void register(MetricRegistry registry, String name, AtomicLong value, String description) {
        registry.remove(name);
        registry.register(name, value::get, description);
    }

    boolean watches(long subject) {
        // the golden ratio spreads ids that follow each other
        return share > 0 && ((subject * 0x9e3779b97f4a7c15L) >>> 11) * 0x1.0p-53 < share;
    }

    /** A reading of a watched subject was learnt. */
    void learnt(
            long subject,
            SubjectState state,
            @Nullable ForecastVersion active,
            double @Nullable [] activeCoefficients,
            @Nullable ForecastVersion shadow,
            double @Nullable [] shadowCoefficients) {
        Track track;
        synchronized (tracks) {
            track = tracks.computeIfAbsent(subject, first -> new Track());
        }
        synchronized (track) {
            score(track, state);
            if (active != null) {
                expect(track, state, active, activeCoefficients, true);
            }
            if (shadow != null && !shadow.equals(active)) {
                expect(track, state, shadow, shadowCoefficients, false);
            }
        }
    }

    /** Drops a subject's forecasts that wait; answers whether there were any. */
    boolean forget(long subject) {
        synchronized (tracks) {
            return tracks.remove(subject) != null;
        }
    }

    /** A forecast from a watched subject's state was served. */
    void served(long subject, SubjectState state, SubjectForecast forecast) {
        if (!watches(subject) || forecast.steps().isEmpty()) {
            return;
        }
        double[] features = new double[CompactFeatures.COUNT];
        long anchor = forecast.anchorMicros();
        if (state.features(anchor + HALF_HOUR_MICROS, features)) {
            SubjectState start = SubjectState.beforeWindowOf(state);
            long from = state.eventMicros(0);
            checks.execute(() -> compare(subject, start, from, anchor, features));
        }
    }

    /** Drops the figures of a model that was removed; answers whether there were any. */
    boolean drop(String model) {
        if (figures.remove(model) == null) {
            return false;
        }
        ignite.metrics().remove(REGISTRY + "." + model);
        return true;
    }

    long compared() {
        return compared.get();
    }

    long different() {
        return different.get();
    }

    /** Figures of a model on this node; null before its first. */
    @Nullable
    ModelFigures figures(String model) {
        return figures.get(model);
    }

    @Override
    public void close() {
        checks.shutdownNow();
    }

    /** @param past a state that goes on where the served one's window begins, at {@code fromMicros} */
    private void compare(long subject, SubjectState past, long fromMicros, long anchorMicros, double[] served) {
        try {
            history.read(subject, fromMicros, anchorMicros, past, Deadline.in(COMPARING));
            double[] again = new double[served.length];
            if (past.size() == 0
                    || past.eventMicros(past.size() - 1) != anchorMicros
                    || !past.features(anchorMicros + HALF_HOUR_MICROS, again)) {
                incomparable.incrementAndGet();
                return;
            }
            compared.incrementAndGet();
            for (int i = 0; i < served.length; i++) {
                if (!(Math.abs(again[i] - served[i]) <= EQUAL * (1 + Math.abs(served[i])))) {
                    different.incrementAndGet();
                    LOG.warn(
                            "forecast skew feature={} served={} history={} anchor_micros={}",
                            CompactFeatures.NAMES.get(i),
                            served[i],
                            again[i],
                            anchorMicros);
                    return;
                }
            }
        } catch (RuntimeException unknown) {
            incomparable.incrementAndGet();
            LOG.debug("a served vector could not be computed again", unknown);
        }
    }

    private void score(Track track, SubjectState state) {
        for (int i = 0; i < state.size(); i++) {
            long micros = state.eventMicros(i);
            if (micros <= track.seenMicros) {
                continue;
            }
            track.seenMicros = micros;
            for (Iterator<Expected> waiting = track.expected.iterator(); waiting.hasNext(); ) {
                Expected expected = waiting.next();
                if (micros < expected.targetMicros() - HALF_SLOT_MICROS) {
                    continue;
                }
                waiting.remove();
                if (micros <= expected.targetMicros() + HALF_SLOT_MICROS) {
                    int glucose = state.glucose(i);
                    expected.figures()
                            .scored(
                                    expected.horizon(),
                                    glucose - expected.glucose(),
                                    glucose >= expected.low() && glucose <= expected.high());
                }
            }
        }
    }

    private void expect(
            Track track,
            SubjectState state,
            ForecastVersion version,
            double @Nullable [] coefficients,
            boolean isActive) {
        ModelFigures scored = figures.computeIfAbsent(
                version.id(), id -> ModelFigures.in(ignite.metrics().getOrCreate(REGISTRY + "." + id), version));
        benches.with(version, false, bench -> {
            Forecast forecast = bench.raw(state, coefficients);
            if (forecast != null && track.isNews(forecast.anchorMicros(), isActive)) {
                for (int h = 0; h < Horizons.STANDARD.count(); h++) {
                    track.expected.add(new Expected(
                            scored,
                            h,
                            forecast.anchorMicros() + Horizons.STANDARD.minutes(h) * MICROS_PER_MINUTE,
                            forecast.glucose(h),
                            forecast.low(h),
                            forecast.high(h)));
                }
                if (state.features(forecast.anchorMicros() + HALF_HOUR_MICROS, track.features)) {
                    scored.features(track.features);
                }
            }
            return track;
        });
    }

    /** A forecast that waits for its reading. */
    private record Expected(
            ModelFigures figures, int horizon, long targetMicros, double glucose, double low, double high) {}

    /** One subject's forecasts that wait. */
    private static final class Track {
        private final Deque<Expected> expected = new ArrayDeque<>();
        private final double[] features = new double[CompactFeatures.COUNT];
        private final long[] forecastMicros = new long[2];
        private long seenMicros = Long.MIN_VALUE;

        Track() {
            Arrays.fill(forecastMicros, Long.MIN_VALUE);
        }

        /** Whether nothing was forecast from that anchor yet; remembers it. */
        boolean isNews(long anchorMicros, boolean isActive) {
            int of = isActive ? 0 : 1;
            boolean news = anchorMicros > forecastMicros[of];
            forecastMicros[of] = Math.max(anchorMicros, forecastMicros[of]);
            return news;
        }
    }

    /** The subjects that were heard of last. */
    private static final class Tracks extends LinkedHashMap<Long, Track> {
        private static final long serialVersionUID = 1L;

        Tracks() {
            super(16, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Track> eldest) {
            return size() > MOST_SUBJECTS;
        }
    }
}
