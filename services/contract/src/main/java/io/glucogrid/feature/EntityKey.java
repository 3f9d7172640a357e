package io.glucogrid.feature;

import java.util.Arrays;
import java.util.List;
import org.apache.ignite.cache.affinity.AffinityKeyMapped;

/** Key of an online row whose entity has several join keys; the first one decides the node. */
public final class EntityKey {
    @AffinityKeyMapped
    private final Object first;

    private final Object[] rest;

    private EntityKey(Object first, Object[] rest) {
        this.first = first;
        this.rest = rest;
    }

    /** The cache key of an entity: the bare value of a single join key, an {@code EntityKey} of several. */
    public static Object of(List<Object> joinKeys) {
        return of(joinKeys.toArray());
    }

    /** The cache key of an entity: the bare value of a single join key, an {@code EntityKey} of several. */
    public static Object of(Object[] joinKeys) {
        return joinKeys.length == 1
                ? joinKeys[0]
                : new EntityKey(joinKeys[0], Arrays.copyOfRange(joinKeys, 1, joinKeys.length));
    }

    /** The join-key values behind a cache key made by {@link #of}. */
    public static Object[] joinKeys(Object cacheKey) {
        if (!(cacheKey instanceof EntityKey key)) {
            return new Object[] {cacheKey};
        }
        Object[] values = new Object[key.rest.length + 1];
        values[0] = key.first;
        System.arraycopy(key.rest, 0, values, 1, key.rest.length);
        return values;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof EntityKey key && first.equals(key.first) && Arrays.deepEquals(rest, key.rest);
    }

    @Override
    public int hashCode() {
        return 31 * first.hashCode() + Arrays.deepHashCode(rest);
    }

    @Override
    public String toString() {
        return first + Arrays.deepToString(rest);
    }
}
