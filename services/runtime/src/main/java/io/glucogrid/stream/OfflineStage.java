package io.glucogrid.stream;

import io.glucogrid.feature.FeatureStore;
import io.glucogrid.grid.GridException;
import io.glucogrid.online.HotHistory;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.OfflineStore;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The offline path: rows become durable in a named segment, the hot window is told, then the forecast follows. */
final class OfflineStage implements StreamStage<HistoryRow> {
    private static final Logger LOG = LoggerFactory.getLogger(OfflineStage.class);
    private static final int AHEAD = 2;

    private final FeatureStore features;
    private final OfflineStore store;
    private final HotHistory hot;
    private final StreamPlan plan;
    private final @Nullable CgmForecast forecast;
    private boolean hotFails;

    /** @param forecast null where the definitions have nothing to predict from */
    OfflineStage(
            FeatureStore features,
            OfflineStore store,
            HotHistory hot,
            StreamPlan plan,
            @Nullable CgmForecast forecast) {
        this.features = features;
        this.store = store;
        this.hot = hot;
        this.plan = plan;
        this.forecast = forecast;
    }

    @Override
    public boolean isCurrent() {
        return plan.isOf(features.definitions());
    }

    @Override
    public HistoryRow parse(ConsumerRecord<byte[], byte[]> record) throws BadRecordException {
        return plan.parse(record);
    }

    @Override
    public UnderWay begin(List<HistoryRow> batch, long startedNanos, Deadline deadline) {
        CompletableFuture<Void> durable = store.append(plan.table(), batch);
        return () -> {
            deadline.await(durable, "making readings durable");
            warm(batch, deadline);
            if (forecast != null) {
                forecast.report(plan.table(), batch, startedNanos);
            }
        };
    }

    /** Readings are parsed while others are written; more of them share a segment and its fsync. */
    @Override
    public int ahead() {
        return AHEAD;
    }

    /** The rows are durable already; a hot window that cannot be told of them is emptied with the next batch. */
    private void warm(List<HistoryRow> batch, Deadline deadline) {
        try {
            hot.update(plan.table(), batch, deadline.remaining());
            hotFails = false;
        } catch (GridException failure) {
            if (!hotFails) {
                hotFails = true;
                LOG.warn("stream=offline event=hot-window-not-updated reason=\"{}\"", failure.reason());
            }
        }
    }

    @Override
    public void close() {
        // owns nothing
    }
}
