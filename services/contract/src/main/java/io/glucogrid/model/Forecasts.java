package io.glucogrid.model;

import io.glucogrid.cgm.Reading;
import java.time.Duration;
import java.util.List;

/** What is to come of subjects' glucose, from their own state beside the data. Thread-safe. Not a medical device. */
public interface Forecasts {
    /** Name of the Ignite service that implements this, and {@link ModelCatalog}, on every server node. */
    String NAME = "forecasts";

    /**
     * Key in the registry cache. A value that was never there before asks the grid to bring subjects' states, and their own
     * coefficients, back from the tier, beside what it knows of them.
     */
    String STATES_WANTED = "forecast-states-wanted";

    /** Whether {@code name} or {@code name@version} is that of a forecaster, trained or still to be trained. */
    boolean isForecaster(String ref);

    /** The active forecaster that is served where none is named, as {@code name@version}; empty before the first training. */
    String preferred();

    /**
     * One forecast per subject, in the order of the query.
     *
     * @throws io.glucogrid.grid.GridException NOT_FOUND for a model that is not there, NOT_READY, DEADLINE_EXCEEDED
     */
    List<SubjectForecast> forecast(ForecastQuery query, Duration deadline);

    /** Why subjects' states are not all there yet, in a sentence; empty where they are. Forecasts are made meanwhile. */
    default String shortfall() {
        return "";
    }

    /**
     * Takes readings into the states of their subjects, in the order given; returns when primaries and backups have them.
     * Taking them in again changes nothing.
     *
     * @throws io.glucogrid.grid.GridException NOT_READY, DEADLINE_EXCEEDED; doing it again is safe
     */
    void learn(List<Reading> readings, Duration deadline);

    /**
     * Removes all that is kept of a subject: its state, its own coefficients under every model, its forecasts that wait to be
     * scored. Idempotent.
     *
     * @return how many entries there were in the grid
     * @throws io.glucogrid.grid.GridException NOT_READY, DEADLINE_EXCEEDED; doing it again completes it
     */
    long forget(long subjectId, Duration deadline);
}
