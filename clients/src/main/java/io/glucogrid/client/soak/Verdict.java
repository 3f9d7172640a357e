package io.glucogrid.client.soak;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.client.Json;

/**
 * What a judge found after everything was healed.
 *
 * @param acknowledged readings that Kafka had acknowledged
 * @param found of those, readable as of their time
 * @param lost of those, not readable as of their time, not the online value where they are their subject's latest, or not counted
 *     in a window, on some node
 * @param duplicated readings that count more than once in a window
 * @param differing subjects for which two nodes answer differently: their values, their windows or their forecasts
 * @param forecasts subjects whose forecasts were compared; 0 where no forecaster is trained
 * @param unavailableMillis longest time that a partition had no answer, or only such with an older value than one before them
 * @param lies answers that denied a value which had been there
 * @param older answers with an older value than one before them
 */
public record Verdict(
        long acknowledged,
        long found,
        long lost,
        long duplicated,
        long differing,
        long forecasts,
        long unavailableMillis,
        long lies,
        long older) {
    /**
     * Whether nothing is wrong but the time it took, which each caller bounds by what it did to the grid. Older answers count
     * within that time, as no answer at all.
     */
    public boolean holds() {
        return lost == 0 && duplicated == 0 && differing == 0 && lies == 0 && found == acknowledged;
    }

    /** One line. */
    public String text() {
        return "acknowledged " + acknowledged + " / found " + found + " / lost " + lost + " / duplicated " + duplicated
                + " / differing " + differing + " / forecasts " + forecasts + " / denied " + lies + " / older " + older
                + " / unavailable " + unavailableMillis + " ms";
    }

    /** The same for machines. */
    public ObjectNode json() {
        return Json.object()
                .put("acknowledged", acknowledged)
                .put("found", found)
                .put("lost", lost)
                .put("duplicated", duplicated)
                .put("differing", differing)
                .put("forecasts_compared", forecasts)
                .put("denied", lies)
                .put("older", older)
                .put("unavailable_ms", unavailableMillis);
    }
}
