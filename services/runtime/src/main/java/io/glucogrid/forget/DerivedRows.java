package io.glucogrid.forget;

import java.time.Duration;
import java.util.Map;

/** What the grid keeps that was made from the rows of entities, beside the rows themselves. */
@FunctionalInterface
public interface DerivedRows {
    /**
     * Removes what was made from the rows of an entity. Idempotent.
     *
     * @param joinKeys of the entity, as text
     * @return how many entries there were
     * @throws io.glucogrid.grid.GridException NOT_READY or DEADLINE_EXCEEDED; removing again completes it
     */
    long remove(Map<String, String> joinKeys, Duration deadline);
}
