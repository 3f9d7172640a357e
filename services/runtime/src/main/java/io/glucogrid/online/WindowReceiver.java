package io.glucogrid.online;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.window.WindowLayout;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.stream.StreamReceiver;

/** What {@link LatestWinsReceiver} is to other views, for those with windows: no row of the batch is left out of its window. */
public final class WindowReceiver implements StreamReceiver<Object, FeatureRow> {
    private static final long serialVersionUID = 1L;
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    private final WindowLayout layout;

    public WindowReceiver(WindowLayout layout) {
        this.layout = layout;
    }

    @Override
    public void receive(IgniteCache<Object, FeatureRow> cache, Collection<Map.Entry<Object, FeatureRow>> entries) {
        WindowBatch batch = new WindowBatch(layout);
        for (Map.Entry<Object, FeatureRow> entry : entries) {
            batch.add(entry.getKey(), entry.getValue());
        }
        batch.writeTo(cache, DEADLINE);
    }
}
