package io.glucogrid.grid;

import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;

/**
 * A cache's name together with the types of its keys and values.
 *
 * @param name cache name
 * @param template name of the cache or cache template (trailing {@code *}) in the node's XML that configures it
 */
public record CacheRef<K, V>(String name, String template) {
    /** The cache, which must exist already; {@link ErrorCode#NOT_READY} where it does not. */
    public IgniteCache<K, V> in(Ignite ignite) {
        IgniteCache<K, V> cache = ignite.cache(name);
        if (cache == null) {
            throw new GridException(ErrorCode.NOT_READY, "cache '" + name + "' does not exist yet");
        }
        return cache;
    }
}
