package io.glucogrid.node;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.grid.Caches;
import io.glucogrid.store.OnlineStore;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.resources.IgniteInstanceResource;
import org.apache.ignite.services.Service;

/** The online port with compare-and-set on the real cache. */
public final class LatestWinsOnlineStore implements Service, OnlineStore {
    private static final long serialVersionUID = 1L;

    @IgniteInstanceResource
    private transient Ignite ignite;

    @Override
    public void upsert(FeatureView view, Map<Object, FeatureRow> rows, Duration deadline) {
        IgniteCache<Object, FeatureRow> cache = Caches.online(view).in(ignite);
        rows.forEach((key, row) -> {
            boolean done = cache.putIfAbsent(key, row);
            while (!done) {
                FeatureRow current = cache.get(key);
                done = current == null
                        ? cache.putIfAbsent(key, row)
                        : !row.replaces(current) || cache.replace(key, current, row);
            }
        });
    }

    @Override
    public long delete(FeatureView view, Collection<Object> keys, Duration deadline) {
        IgniteCache<Object, FeatureRow> cache = Caches.online(view).in(ignite);
        return keys.stream().filter(cache::remove).count();
    }
}
