package io.glucogrid.store;

import java.util.Arrays;
import org.apache.ignite.cache.affinity.AffinityKeyMapped;

/** Key of a history row in its cache: the entity and the event time; the first join key decides the node. */
public final class HistoryKey {
    @AffinityKeyMapped
    private final Object first;

    private final Object[] rest;
    private final long eventMicros;

    /**
     * @param joinKeys join-key values in the table's order
     * @param eventMicros event time, microseconds since the epoch
     */
    public HistoryKey(Object[] joinKeys, long eventMicros) {
        this.first = joinKeys[0];
        this.rest = Arrays.copyOfRange(joinKeys, 1, joinKeys.length);
        this.eventMicros = eventMicros;
    }

    public Object[] joinKeys() {
        Object[] values = new Object[rest.length + 1];
        values[0] = first;
        System.arraycopy(rest, 0, values, 1, rest.length);
        return values;
    }

    public long eventMicros() {
        return eventMicros;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof HistoryKey key
                && eventMicros == key.eventMicros
                && first.equals(key.first)
                && Arrays.deepEquals(rest, key.rest);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * first.hashCode() + Arrays.deepHashCode(rest)) + Long.hashCode(eventMicros);
    }

    @Override
    public String toString() {
        return first + Arrays.deepToString(rest) + "@" + eventMicros;
    }
}
