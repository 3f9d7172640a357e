package io.glucogrid.client.soak;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.client.Json;

/**
 * A fault that struck, and what followed until the next.
 *
 * @param fault as in {@code kill-node}
 * @param healedMillis until every node was ready again
 * @param unavailableMillis longest time that some partition had no answer
 * @param isBounded whether reads must resume within {@link #BOUND_MILLIS}: a copy of every row was left
 */
record Struck(String fault, long healedMillis, long unavailableMillis, boolean isBounded) {
    /** Reads resume within 10 seconds while a copy is left. */
    static final long BOUND_MILLIS = 10_000;

    Struck within(long millis) {
        return new Struck(fault, healedMillis, millis, isBounded);
    }

    boolean isTooLong() {
        return isBounded && unavailableMillis >= BOUND_MILLIS;
    }

    String text() {
        return fault + ": healed after " + healedMillis + " ms, unavailable " + unavailableMillis + " ms";
    }

    ObjectNode json() {
        return Json.object()
                .put("fault", fault)
                .put("healed_ms", healedMillis)
                .put("unavailable_ms", unavailableMillis);
    }
}
