package io.glucogrid.online;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.grid.Caches;
import io.glucogrid.store.OnlineStore;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import org.apache.ignite.Ignite;
import org.apache.ignite.resources.IgniteInstanceResource;
import org.apache.ignite.services.Service;

/** The write side of the online store on this node. */
public final class OnlineStoreService implements Service, OnlineStore {
    /** Name of this Ignite service. */
    public static final String NAME = "online-store";

    private static final long serialVersionUID = 1L;

    @IgniteInstanceResource
    private transient Ignite ignite;

    @Override
    public void upsert(FeatureView view, Map<Object, FeatureRow> rows, Duration deadline) {
        OnlineRows batch = OnlineRows.of(view);
        rows.forEach(batch::add);
        batch.write(ignite).await(deadline);
    }

    @Override
    public long delete(FeatureView view, Collection<Object> keys, Duration deadline) {
        return Removals.remove(Caches.online(view).in(ignite), keys, deadline);
    }
}
