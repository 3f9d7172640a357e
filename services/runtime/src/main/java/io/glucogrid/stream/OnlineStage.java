package io.glucogrid.stream;

import io.glucogrid.cluster.Majority;
import io.glucogrid.feature.FeatureStore;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.GridException;
import io.glucogrid.online.BatchWrite;
import io.glucogrid.online.OnlineRows;
import io.glucogrid.online.ReadingLearner;
import io.glucogrid.store.HistoryRow;
import java.util.ArrayList;
import java.util.List;
import org.apache.ignite.Ignite;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * The online path: every view that the topic feeds gets its rows on their primaries and backups, then the forecast follows.
 *
 * <p>A batch is summed up by entity on the node that polled it and leaves as one update per view and owner. A data streamer in
 * its place cost more than half of the path: it wraps, maps and tracks every reading by itself, and hands batches over to another
 * thread.
 */
final class OnlineStage implements StreamStage<HistoryRow> {
    private final Ignite ignite;
    private final FeatureStore features;
    private final StreamPlan plan;
    private final ReadingLearner learner;
    private final Majority majority;
    private final @Nullable CgmForecast forecast;

    private OnlineStage(
            Ignite ignite,
            FeatureStore features,
            StreamPlan plan,
            ReadingLearner learner,
            Majority majority,
            @Nullable CgmForecast forecast) {
        this.ignite = ignite;
        this.features = features;
        this.plan = plan;
        this.learner = learner;
        this.majority = majority;
        this.forecast = forecast;
    }

    /**
     * A stage whose caches are there.
     *
     * @param forecast null where the definitions have nothing to predict from
     * @throws GridException NOT_READY while a cache does not exist
     */
    static OnlineStage open(Ignite ignite, FeatureStore features, StreamPlan plan, @Nullable CgmForecast forecast) {
        plan.views().forEach(view -> Caches.online(view.view()).in(ignite));
        return new OnlineStage(ignite, features, plan, ReadingLearner.of(ignite), new Majority(ignite), forecast);
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
        List<BatchWrite> writes = new ArrayList<>(plan.views().size());
        for (ViewProjection view : plan.views()) {
            OnlineRows rows = OnlineRows.of(view.view());
            for (HistoryRow row : batch) {
                rows.add(view.key(row), view.row(row));
            }
            writes.add(rows.write(ignite));
        }
        for (BatchWrite write : writes) {
            write.await(deadline.remaining());
        }
        // Not before: where the rows are refused, as in a minority, the states must not have learnt them.
        learner.learn(plan.table(), batch, deadline.remaining());
        // A write that waits for its backup ends well when that leaves: then the only copy is in a minority, which goes
        // on without.
        majority.require();
        if (forecast != null) {
            forecast.report(plan.table(), batch, startedNanos);
        }
        return UnderWay.NOTHING;
    }

    /** What is still under way was not committed, and comes again. */
    @Override
    public void close() {
        // owns nothing
    }
}
