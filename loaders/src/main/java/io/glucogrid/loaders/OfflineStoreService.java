package io.glucogrid.loaders;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.grid.NodeSettings;
import io.glucogrid.store.AsOf;
import io.glucogrid.store.AsOfAnswers;
import io.glucogrid.store.AsOfBatch;
import io.glucogrid.store.ForgottenEntity;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.MetaStore;
import io.glucogrid.store.OfflineStore;
import io.glucogrid.store.SegmentInfo;
import io.glucogrid.store.Suppressions;
import io.glucogrid.store.TableSchema;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import org.apache.ignite.Ignite;
import org.apache.ignite.resources.IgniteInstanceResource;
import org.apache.ignite.services.Service;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The offline store of a node as an Ignite service, {@link OfflineStore#NAME}, to be deployed on every server node. */
public final class OfflineStoreService implements Service, OfflineStore {
    private static final long serialVersionUID = 1L;
    private static final long MB = 1 << 20;
    private static final Logger LOG = LoggerFactory.getLogger(OfflineStoreService.class);

    @IgniteInstanceResource
    private transient Ignite ignite;

    private transient volatile @Nullable ParquetOfflineStore store;

    private transient volatile @Nullable BackgroundCompaction compaction;

    private transient volatile @Nullable TierMetrics metrics;

    /** INVALID_CONFIG or STORAGE_UNAVAILABLE, with the tier's address, where the tier cannot be used. */
    @Override
    public void init() {
        NodeSettings settings = NodeSettings.of(ignite);
        SegmentFormat format = SegmentFormat.parse(settings.parquetVersion(), settings.parquetCodec());
        TierStorage storage = TierStorage.open(settings.offlineUri());
        TierIdentity.require(ignite, storage);
        TierMetrics exported = new TierMetrics(ignite.metrics());
        ParquetOfflineStore opened = new ParquetOfflineStore(
                storage,
                new GridBoard(ignite),
                InstantSource.system(),
                new SegmentWriter.CommitPolicy(
                        settings.commitRows(), settings.commitDelay(), settings.deadline(), format),
                settings.joinMegabytes() * MB / 2,
                exported::table);
        CompactionFigures compacted = new CompactionFigures();
        exported.tier(opened, compacted);
        metrics = exported;
        store = opened;
        if (settings.compactSegments() > 0) {
            BackgroundCompaction background = BackgroundCompaction.of(
                    ignite,
                    storage,
                    CompactionPolicy.inNode(settings.compactSegments()).in(format),
                    InstantSource.system(),
                    opened.quarantine(),
                    compacted);
            background.start();
            compaction = background;
        }
        LOG.info("offline tier: root={} compact_segments={}", storage.root(), settings.compactSegments());
    }

    @Override
    public void cancel() {
        BackgroundCompaction background = compaction;
        if (background != null) {
            background.close();
        }
        TierMetrics exported = metrics;
        if (exported != null) {
            exported.close();
        }
        ParquetOfflineStore running = store;
        if (running != null) {
            try {
                running.close();
            } catch (IOException failure) {
                LOG.warn("offline tier not closed in order: reason={}", failure.toString());
            }
        }
    }

    ParquetOfflineStore store() {
        ParquetOfflineStore running = store;
        if (running == null) {
            throw new GridException(ErrorCode.NOT_READY, "the offline store has not started on this node yet");
        }
        return running;
    }

    @Override
    public CompletableFuture<Void> append(TableSchema table, List<HistoryRow> rows) {
        return store().append(table, rows);
    }

    @Override
    public CompletableFuture<Void> appendLocally(TableSchema table, List<HistoryRow> rows) {
        return store().appendLocally(table, rows);
    }

    @Override
    public List<@Nullable HistoryRow> asOf(TableSchema table, List<AsOf> questions) {
        return store().asOf(table, questions);
    }

    @Override
    public void join(TableSchema table, AsOfBatch questions, AsOfAnswers answers) {
        store().join(table, questions, answers);
    }

    @Override
    public List<List<HistoryRow>> ranges(TableSchema table, List<AsOf> questions) {
        return store().ranges(table, questions);
    }

    @Override
    public void scan(TableSchema table, IntPredicate buckets, Consumer<HistoryRow> rows) {
        store().scan(table, buckets, rows);
    }

    @Override
    public void latest(TableSchema table, IntPredicate buckets, Consumer<HistoryRow> rows) {
        store().latest(table, buckets, rows);
    }

    @Override
    public void changed(TableSchema table, IntPredicate buckets, Predicate<String> seen, Consumer<Object[]> entities) {
        store().changed(table, buckets, seen, entities);
    }

    @Override
    public Suppressions suppressions() {
        return store().suppressions();
    }

    @Override
    public long forget(ForgottenEntity entity, List<TableSchema> tables) {
        return store().forget(entity, tables);
    }

    @Override
    public boolean allow(Map<String, String> joinKeys) {
        return store().allow(joinKeys);
    }

    @Override
    public void relist() {
        store().relist();
    }

    @Override
    public List<SegmentInfo> segments(TableSchema table) {
        return store().segments(table);
    }

    @Override
    public List<String> segmentPaths(TableSchema table) {
        return store().segmentPaths(table);
    }

    @Override
    public void drop(TableSchema table) {
        store().drop(table);
    }

    @Override
    public void warmUp() {
        new TierWarmUp(NodeSettings.of(ignite).workDir(), InstantSource.system()).run();
    }

    @Override
    public List<String> problems() {
        return store().problems();
    }

    @Override
    public MetaStore meta() {
        return store().meta();
    }
}
