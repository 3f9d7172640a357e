package io.glucogrid.online;

import io.glucogrid.feature.FeatureRow;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.stream.StreamReceiver;

/**
 * Receives a data streamer's batch on the node that owns its keys: several rows of one key become the one that wins, and all
 * winners go into the cache in one sorted batch (an order of magnitude faster than one operation per row).
 */
public final class LatestWinsReceiver implements StreamReceiver<Object, FeatureRow> {
    private static final long serialVersionUID = 1L;
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    @Override
    public void receive(IgniteCache<Object, FeatureRow> cache, Collection<Map.Entry<Object, FeatureRow>> entries) {
        RowBatch<Object> batch = new RowBatch<>();
        for (Map.Entry<Object, FeatureRow> entry : entries) {
            batch.add(entry.getKey(), entry.getValue());
        }
        batch.writeTo(cache, DEADLINE);
    }
}
