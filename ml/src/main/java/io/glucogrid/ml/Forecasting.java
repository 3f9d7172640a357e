package io.glucogrid.ml;

import io.glucogrid.forecast.Horizons;
import io.glucogrid.forecast.Kind;
import io.glucogrid.forecast.SubjectState;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.grid.OnlineRegion;
import io.glucogrid.model.ForecastQuery;
import io.glucogrid.model.SubjectForecast;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.jspecify.annotations.Nullable;

/**
 * Answers what is to come: subjects' states are read where they are (on the node that owns them, without a hop), and a forecast
 * is a few dot products from there. A subject without a state gets one from history, which stays; a question about the past is
 * answered from history alone, by the model that was asked for as it is now.
 */
final class Forecasting {
    /** Subjects whose history is read in one go; what was read is kept, whether or not the deadline allows for the rest. */
    private static final int AT_ONCE = 8;

    private final Ignite ignite;
    private final Supplier<ModelRegistry> registry;
    private final PersonalModels personal;
    private final HistoryStates history;
    private final Watch watch;
    private final WarningPoints points;
    private final Workbenches benches;

    Forecasting(
            Ignite ignite,
            Supplier<ModelRegistry> registry,
            PersonalModels personal,
            HistoryStates history,
            Watch watch,
            WarningPoints points,
            Workbenches benches) {
        this.ignite = ignite;
        this.registry = registry;
        this.personal = personal;
        this.history = history;
        this.watch = watch;
        this.benches = benches;
        this.points = points;
    }

    /** The active forecaster that is served where none is named; null before the first training. */
    static @Nullable ForecastVersion preferred(ModelRegistry models) {
        for (Kind kind : List.of(Kind.ONLINE, Kind.SHRUNK, Kind.ROBUST, Kind.POOLED)) {
            ForecastVersion version = models.activeForecaster(kind.label());
            if (version != null) {
                return version;
            }
        }
        return null;
    }

    List<SubjectForecast> forecast(ForecastQuery asked, Deadline deadline) {
        ForecastVersion version = version(asked.model(), deadline);
        ForecastQuery query =
                new ForecastQuery(asked.model(), points.resolved(asked.subjects(), deadline), asked.path());
        Map<Long, byte[]> states = states(query.subjects(), deadline);
        List<@Nullable SubjectState> answers = answers(query.subjects(), states, deadline);
        Map<Long, double[]> coefficients = coefficients(version, query.subjects(), deadline);
        return benches.with(version, query.path(), bench -> {
            List<SubjectForecast> forecasts = new ArrayList<>(answers.size());
            for (int i = 0; i < answers.size(); i++) {
                ForecastQuery.Subject subject = query.subjects().get(i);
                SubjectState past = answers.get(i);
                byte[] online = states.get(subject.subjectId());
                double[] own = coefficients.get(subject.subjectId());
                if (past != null || online == null) {
                    SubjectState state = past == null ? SubjectState.empty(Horizons.STANDARD) : past;
                    forecasts.add(bench.forecast(subject, state, own));
                    continue;
                }
                SubjectState state = bench.state(online);
                SubjectForecast forecast = bench.forecast(subject, state, own);
                forecasts.add(forecast);
                watch.served(subject.subjectId(), state, forecast);
            }
            return forecasts;
        });
    }

    private ForecastVersion version(String ref, Deadline deadline) {
        ModelRegistry models = registry.get();
        if (!ref.isEmpty()) {
            StoredModel model = models.stored(ref);
            ForecastVersion version = model.requireForecaster();
            // of the active one they come back by themselves, and the population's stand in until then
            if (!models.isActive(model) && !personal.isComplete(version, deadline)) {
                throw new GridException(
                        ErrorCode.NOT_READY,
                        "the subjects' own coefficients of '" + version.id()
                                + "' are not stored; to activate it, or to make it the shadow, stores them");
            }
            return version;
        }
        ForecastVersion preferred = preferred(models);
        if (preferred == null) {
            throw new GridException(
                    ErrorCode.NOT_FOUND, "no forecaster has been trained yet (POST /models/train with a kind)");
        }
        return preferred;
    }

    /** Online states of those who are asked about as they are now. */
    private Map<Long, byte[]> states(List<ForecastQuery.Subject> subjects, Deadline deadline) {
        Set<Long> latest = new TreeSet<>();
        for (ForecastQuery.Subject subject : subjects) {
            if (subject.atMicros() == ForecastQuery.LATEST) {
                latest.add(subject.subjectId());
            }
        }
        return read(Caches.SUBJECT_STATES.in(ignite), latest, deadline);
    }

    /** By position: the state from history, where there is no online one to answer from; null where there is. */
    private List<@Nullable SubjectState> answers(
            List<ForecastQuery.Subject> subjects, Map<Long, byte[]> states, Deadline deadline) {
        List<Integer> missing = new ArrayList<>();
        for (int i = 0; i < subjects.size(); i++) {
            if (!states.containsKey(subjects.get(i).subjectId())
                    || subjects.get(i).atMicros() != ForecastQuery.LATEST) {
                missing.add(i);
            }
        }
        @Nullable SubjectState[] answers = new @Nullable SubjectState[subjects.size()];
        for (int from = 0; from < missing.size(); from += AT_ONCE) {
            List<Integer> some = missing.subList(from, Math.min(missing.size(), from + AT_ONCE));
            List<SubjectState> found = history.upTo(
                    some.stream().mapToLong(i -> subjects.get(i).subjectId()).toArray(),
                    some.stream().mapToLong(i -> subjects.get(i).atMicros()).toArray(),
                    deadline);
            Map<Long, SubjectState> restored = new HashMap<>();
            for (int k = 0; k < found.size(); k++) {
                ForecastQuery.Subject subject = subjects.get(some.get(k));
                answers[some.get(k)] = found.get(k);
                if (subject.atMicros() == ForecastQuery.LATEST && found.get(k).size() > 0) {
                    restored.put(subject.subjectId(), found.get(k));
                }
            }
            keep(restored, deadline);
        }
        return Arrays.asList(answers);
    }

    /**
     * Kept for the next question, where there is room: a read must not fill the region that ends its node. A state that came meanwhile
     * keeps its learner unless it has learnt less.
     */
    private void keep(Map<Long, SubjectState> restored, Deadline deadline) {
        if (OnlineRegion.of(ignite).leftBytes() == 0) {
            return;
        }
        SortedMap<Long, RestoreState> processors = new TreeMap<>();
        restored.forEach((subject, state) -> processors.put(subject, RestoreState.recent(state)));
        new Forgotten(ignite).leaveOutOf(processors.keySet());
        StateWrites.run(
                Caches.SUBJECT_STATES.in(ignite), processors, deadline.millisLeft("restoring subjects' states"));
    }

    private Map<Long, double[]> coefficients(
            ForecastVersion version, List<ForecastQuery.Subject> subjects, Deadline deadline) {
        IgniteCache<Long, double[]> cache = personal.of(version);
        if (cache == null) {
            return Map.of();
        }
        Set<Long> wanted = new TreeSet<>();
        subjects.forEach(subject -> wanted.add(subject.subjectId()));
        return read(cache, wanted, deadline);
    }

    static <V> Map<Long, V> read(IgniteCache<Long, V> cache, Set<Long> subjects, Deadline deadline) {
        if (subjects.isEmpty()) {
            return Map.of();
        }
        return CacheCalls.done(() -> cache.getAllAsync(subjects), "reading subjects' states", deadline);
    }
}
