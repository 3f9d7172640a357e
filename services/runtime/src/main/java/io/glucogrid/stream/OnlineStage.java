package io.glucogrid.stream;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.FeatureStore;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.online.LatestWinsReceiver;
import io.glucogrid.online.ReadingLearner;
import io.glucogrid.online.WindowReceiver;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.window.WindowLayout;
import java.time.Duration;
import java.util.AbstractMap.SimpleImmutableEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.cache.CacheException;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteDataStreamer;
import org.apache.ignite.IgniteException;
import org.apache.ignite.lang.IgniteFuture;
import org.apache.ignite.lang.IgniteFutureTimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** The online path: every view that the topic feeds gets its rows on their primaries and backups, then the forecast follows. */
final class OnlineStage implements StreamStage<HistoryRow> {
    /** A batch leaves in one message per node: the streamer would otherwise send each 512 rows on their own. */
    private static final int BUFFER_ROWS = 16_384;

    private final FeatureStore features;
    private final StreamPlan plan;
    private final List<IgniteDataStreamer<Object, FeatureRow>> streamers;
    private final ReadingLearner learner;
    private final @Nullable CgmForecast forecast;

    private OnlineStage(
            FeatureStore features,
            StreamPlan plan,
            List<IgniteDataStreamer<Object, FeatureRow>> streamers,
            ReadingLearner learner,
            @Nullable CgmForecast forecast) {
        this.features = features;
        this.plan = plan;
        this.streamers = streamers;
        this.learner = learner;
        this.forecast = forecast;
    }

    /**
     * Opens a data streamer for each view.
     *
     * @param forecast null where the definitions have nothing to predict from
     * @throws GridException NOT_READY while a cache does not exist
     */
    static OnlineStage open(Ignite ignite, FeatureStore features, StreamPlan plan, @Nullable CgmForecast forecast) {
        plan.views().forEach(view -> Caches.online(view.view()).in(ignite));
        List<IgniteDataStreamer<Object, FeatureRow>> streamers = new ArrayList<>();
        for (ViewProjection view : plan.views()) {
            IgniteDataStreamer<Object, FeatureRow> streamer =
                    ignite.dataStreamer(Caches.online(view.view()).name());
            // A receiver of our own goes to the primary only, which writes the backups: what allowOverwrite would do.
            WindowLayout windows = WindowLayout.of(view.view());
            streamer.receiver(windows == null ? new LatestWinsReceiver() : new WindowReceiver(windows));
            streamer.perNodeBufferSize(BUFFER_ROWS);
            streamers.add(streamer);
        }
        return new OnlineStage(features, plan, streamers, ReadingLearner.of(ignite), forecast);
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
    public void apply(List<HistoryRow> batch, long startedNanos, Deadline deadline) {
        try {
            List<IgniteFuture<?>> futures = new ArrayList<>(streamers.size());
            for (int i = 0; i < streamers.size(); i++) {
                futures.add(add(plan.views().get(i), streamers.get(i), batch, deadline.remaining()));
            }
            for (IgniteDataStreamer<Object, FeatureRow> streamer : streamers) {
                streamer.flush();
            }
            learner.learn(plan.table(), batch, deadline.remaining());
            for (IgniteFuture<?> future : futures) {
                future.get(deadline.remaining().toMillis());
            }
        } catch (IgniteFutureTimeoutException late) {
            throw new GridException(
                    ErrorCode.DEADLINE_EXCEEDED, "the online store took too long to apply a batch", late);
        } catch (CacheException | IgniteException | IllegalStateException failure) {
            throw new GridException(
                    ErrorCode.NOT_READY, "the online store cannot be written: " + failure.getMessage(), failure);
        }
        if (forecast != null) {
            forecast.report(plan.table(), batch, startedNanos, deadline);
        }
    }

    /** Closed without flushing: what is still buffered was not committed, and comes again. */
    @Override
    public void close() {
        for (IgniteDataStreamer<Object, FeatureRow> streamer : streamers) {
            streamer.close(true);
        }
    }

    private static IgniteFuture<?> add(
            ViewProjection view,
            IgniteDataStreamer<Object, FeatureRow> streamer,
            List<HistoryRow> batch,
            Duration deadline) {
        List<Map.Entry<Object, FeatureRow>> rows = new ArrayList<>(batch.size());
        for (HistoryRow row : batch) {
            rows.add(new SimpleImmutableEntry<>(view.key(row), view.row(row)));
        }
        streamer.timeout(deadline.toMillis());
        return streamer.addData(rows);
    }
}
