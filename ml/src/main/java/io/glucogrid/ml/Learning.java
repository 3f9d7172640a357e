package io.glucogrid.ml;

import io.glucogrid.cgm.Reading;
import io.glucogrid.forecast.Horizons;
import io.glucogrid.forecast.SubjectState;
import io.glucogrid.grid.Caches;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes readings into the states of their subjects, on the nodes that own them, and lets the {@link Watch} look. */
final class Learning {
    private static final Logger LOG = LoggerFactory.getLogger(Learning.class);

    private final Ignite ignite;
    private final Supplier<ModelRegistry> registry;
    private final PersonalModels personal;
    private final Watch watch;
    private final Plausibility plausibility = new Plausibility(InstantSource.system());

    Learning(Ignite ignite, Supplier<ModelRegistry> registry, PersonalModels personal, Watch watch) {
        this.ignite = ignite;
        this.registry = registry;
        this.personal = personal;
        this.watch = watch;
    }

    void learn(List<Reading> readings, Deadline deadline) {
        Map<Long, List<Reading>> bySubject = new LinkedHashMap<>();
        long latestMicros = plausibility.latestMicros();
        for (Reading reading : readings) {
            if (Plausibility.isPlausible(reading.glucoseMgDl()) && reading.eventMicros() <= latestMicros) {
                bySubject
                        .computeIfAbsent(reading.subjectId(), first -> new ArrayList<>())
                        .add(reading);
            }
        }
        SortedMap<Long, LearnReadings> processors = new TreeMap<>();
        bySubject.forEach((subject, own) -> processors.put(subject, new LearnReadings(own)));
        IgniteCache<Long, byte[]> states = Caches.SUBJECT_STATES.in(ignite);
        StateWrites.run(states, processors, deadline.millisLeft("learning readings"));
        Set<Long> watched = new TreeSet<>();
        for (Long subject : processors.keySet()) {
            if (watch.watches(subject)) {
                watched.add(subject);
            }
        }
        if (!watched.isEmpty()) {
            watch(states, watched, deadline);
        }
    }

    /** What is only looked at is no reason for a reading to come again. */
    private void watch(IgniteCache<Long, byte[]> states, Set<Long> watched, Deadline deadline) {
        try {
            ModelRegistry models = registry.get();
            ForecastVersion active = Forecasting.preferred(models);
            ForecastVersion shadow = models.shadow();
            Map<Long, double[]> own = coefficients(active, watched, deadline);
            Map<Long, double[]> shadowOwn = coefficients(shadow, watched, deadline);
            SubjectState state = SubjectState.empty(Horizons.STANDARD);
            Forecasting.read(states, watched, deadline).forEach((subject, bytes) -> {
                state.load(bytes);
                watch.learnt(subject, state, active, own.get(subject), shadow, shadowOwn.get(subject));
            });
        } catch (RuntimeException failure) {
            LOG.debug("forecasts were not scored", failure);
        }
    }

    private Map<Long, double[]> coefficients(@Nullable ForecastVersion version, Set<Long> subjects, Deadline deadline) {
        IgniteCache<Long, double[]> cache = version == null ? null : personal.of(version);
        return cache == null ? Map.of() : Forecasting.read(cache, subjects, deadline);
    }
}
