package io.glucogrid.loaders;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.store.AsOf;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.TableSchema;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Tiers and rows for tests. */
final class Tiers {
    static final TableSchema READINGS = new TableSchema(
            "readings",
            List.of(new Field("subject_id", ValueType.INT64)),
            "event_timestamp",
            "created",
            List.of(new Field("glucose", ValueType.INT64)));

    private Tiers() {}

    static ParquetOfflineStore store(Path folder) {
        return store(folder, new LocalBoard());
    }

    static ParquetOfflineStore store(Path folder, SegmentBoard board) {
        return new ParquetOfflineStore(
                TestTier.open(folder),
                board,
                InstantSource.system(),
                new SegmentWriter.CommitPolicy(50_000, Duration.ZERO, Duration.ofSeconds(20)));
    }

    static Compactor compactor(TierStorage storage, SegmentBoard board, CompactionPolicy policy) {
        return new Compactor(storage, board, InstantSource.system(), policy, new Pace(0), new Quarantine(storage));
    }

    /** Every live version in the tier. */
    static List<HistoryRow> scan(ParquetOfflineStore store) {
        List<HistoryRow> rows = new ArrayList<>();
        store.scan(READINGS, bucket -> true, rows::add);
        return rows;
    }

    /** One line for each row, in the order in which they came. */
    static List<String> lines(List<HistoryRow> rows) {
        return rows.stream().map(row -> row.joinKeys()[0] + " " + row.row()).toList();
    }

    static HistoryRow reading(long subject, long event, long created, long glucose) {
        return HistoryRow.upsert(new Object[] {subject}, new FeatureRow(event, created, new Object[] {glucose}));
    }

    static HistoryRow tombstone(long subject, long event, long created) {
        return new HistoryRow(
                new Object[] {subject}, new FeatureRow(event, created, new Object[0]), HistoryRow.Op.DELETE);
    }

    static void append(ParquetOfflineStore store, HistoryRow... rows) throws Exception {
        store.append(READINGS, List.of(rows)).get(20, TimeUnit.SECONDS);
    }

    static HistoryRow asOf(ParquetOfflineStore store, long subject, long from, long at) {
        return store.asOf(READINGS, List.of(new AsOf(new Object[] {subject}, from, at)))
                .get(0);
    }
}
