package io.glucogrid.online;

import io.glucogrid.cluster.OnlineMemory;
import io.glucogrid.cluster.RowStore;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.grid.Caches;
import io.glucogrid.window.RowSums;
import io.glucogrid.window.WindowLayout;
import java.util.Map;
import org.apache.ignite.Ignite;
import org.jspecify.annotations.Nullable;

/**
 * Rows on their way into a view's online cache. Several of one key become one before anything is sent: the one that wins or, where
 * the view has windows, their sum; so a batch costs what its entities cost, not what its readings do. Not thread-safe.
 */
public final class OnlineRows {
    private final FeatureView view;
    private final LatestRows<Object> latest = new LatestRows<>();
    private final @Nullable WindowLayout windows;
    private final @Nullable RowSums sums;

    private OnlineRows(FeatureView view, @Nullable WindowLayout windows) {
        this.view = view;
        this.windows = windows;
        this.sums = windows == null ? null : new RowSums(windows);
    }

    /** No rows of a view yet. */
    public static OnlineRows of(FeatureView view) {
        return new OnlineRows(view, WindowLayout.of(view));
    }

    /** Adds a row; of equal times the one added later stays. */
    public void add(Object key, FeatureRow row) {
        if (sums != null) {
            sums.add(key, row);
        } else {
            latest.add(key, row);
        }
    }

    /**
     * Starts writing every row that changes something; {@link BatchWrite#await} is when it is done.
     *
     * @throws io.glucogrid.grid.GridException NOT_READY, also while the cache does not exist, and where a node is full
     */
    public BatchWrite write(Ignite ignite) {
        OnlineMemory.of(ignite).requireRoom();
        WindowLayout layout = windows;
        if (layout != null && sums != null) {
            Map<Object, FeatureRow> rows = sums.rows();
            boolean always = RowStore.isUsed(ignite);
            return BatchWrite.start(
                    Caches.online(view).in(ignite), rows, row -> new JoinReadings<>(layout, row, always));
        }
        return BatchWrite.start(Caches.online(view).in(ignite), latest.rows(), LatestWins::new);
    }
}
