package io.glucogrid.cluster;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * Since when this node knows of things that any node may have made. Their ages depend on one clock only, whatever the clocks of
 * the others say. Not thread-safe.
 */
public final class Sightings<T> {
    private final Map<T, Long> firstNanos = new HashMap<>();

    /**
     * Notes what is there now; what is not there any more is forgotten.
     *
     * @param nowNanos as {@link System#nanoTime} counts
     */
    public void look(Collection<T> present, long nowNanos) {
        firstNanos.keySet().retainAll(present);
        present.forEach(one -> firstNanos.putIfAbsent(one, nowNanos));
    }

    /** Nanoseconds since something was first seen; 0 for what was never. */
    public long ageNanos(T one, long nowNanos) {
        return nowNanos - firstNanos.getOrDefault(one, nowNanos);
    }
}
