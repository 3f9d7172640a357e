package io.glucogrid.stream;

import io.glucogrid.grid.GridException;
import io.glucogrid.grid.LocalService;
import io.glucogrid.model.ForecastQuery;
import io.glucogrid.model.Forecasts;
import io.glucogrid.model.SubjectForecast;
import io.glucogrid.store.HistoryRow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Forecasts for those who watch the live feed: best effort, and none where no forecaster is trained. */
final class LiveForecasts {
    private final LocalService<Forecasts> forecasts;

    LiveForecasts(LocalService<Forecasts> forecasts) {
        this.forecasts = forecasts;
    }

    /** The preferred forecast of each subject of the batch, from its latest reading; by subject. */
    Map<Object, SubjectForecast> of(List<HistoryRow> batch, Deadline deadline) {
        if (!forecasts.isReady() || forecasts.get().preferred().isEmpty()) {
            return Map.of();
        }
        Set<Long> subjects = new LinkedHashSet<>();
        for (HistoryRow row : batch) {
            if (row.joinKeys()[0] instanceof Long subject) {
                subjects.add(subject);
            }
        }
        List<ForecastQuery.Subject> asked = new ArrayList<>();
        subjects.forEach(subject -> asked.add(
                new ForecastQuery.Subject(subject, ForecastQuery.LATEST, ForecastQuery.AS_SET, ForecastQuery.AS_SET)));
        Map<Object, SubjectForecast> bySubject = new HashMap<>();
        try {
            for (SubjectForecast forecast :
                    forecasts.get().forecast(new ForecastQuery("", asked, false), deadline.remaining())) {
                bySubject.put(forecast.subjectId(), forecast);
            }
        } catch (GridException nothingToShow) {
            return Map.of();
        }
        return bySubject;
    }
}
