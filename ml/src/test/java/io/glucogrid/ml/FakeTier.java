package io.glucogrid.ml;

import io.glucogrid.cgm.Cgm;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.grid.Buckets;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.MetaStore;
import io.glucogrid.store.SegmentInfo;
import io.glucogrid.store.Suppressions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntPredicate;

/** A tier in memory that all nodes of a test see and that outlives them; services find it by its id. */
final class FakeTier implements MetaStore {
    private static final Map<String, FakeTier> ALL = new ConcurrentHashMap<>();

    final String id = UUID.randomUUID().toString();
    private final List<List<HistoryRow>> buckets = new ArrayList<>();
    private final Map<String, TreeMap<Long, String>> documents = new ConcurrentHashMap<>();

    volatile boolean metaReachable = true;
    /** Runs on the scanning thread before each scan. */
    volatile Runnable beforeScan = () -> {};

    /** Runs with the kind of the document before one is published. */
    volatile Consumer<String> beforePublish = kind -> {};
    /** Runs with the kind of the document before one is removed. */
    volatile Consumer<String> beforeRemove = kind -> {};
    /** The most ranges that anybody asked for at once. */
    final AtomicInteger mostRanges = new AtomicInteger();

    volatile Suppressions suppressions = Suppressions.none();

    FakeTier() {
        for (int i = 0; i < Buckets.COUNT; i++) {
            buckets.add(Collections.synchronizedList(new ArrayList<>()));
        }
        ALL.put(id, this);
    }

    static FakeTier of(String id) {
        return ALL.get(id);
    }

    FakeTier with(List<TestReadings.Row> rows) {
        for (TestReadings.Row row : rows) {
            add(row);
        }
        return this;
    }

    void add(TestReadings.Row row) {
        buckets.get(Buckets.of(row.subjectId()))
                .add(HistoryRow.upsert(
                        new Object[] {row.subjectId()},
                        new FeatureRow(row.eventMicros(), row.createdMicros(), new Object[] {row.glucose()})));
    }

    void scan(String table, IntPredicate wanted, Consumer<HistoryRow> rows) {
        beforeScan.run();
        for (int bucket = 0; bucket < Buckets.COUNT; bucket++) {
            if (table.equals(Cgm.TABLE) && wanted.test(bucket)) {
                buckets.get(bucket).forEach(rows);
            }
        }
    }

    /** One segment for each bucket. */
    List<SegmentInfo> segments(String table) {
        List<SegmentInfo> segments = new ArrayList<>();
        for (int bucket = 0; bucket < Buckets.COUNT; bucket++) {
            int rows = buckets.get(bucket).size();
            segments.add(new SegmentInfo(table, table + "/bucket=" + bucket + "/a.parquet", rows, rows));
        }
        return segments;
    }

    @Override
    public synchronized Document latest(String kind) {
        requireReachable();
        TreeMap<Long, String> versions = documents.get(kind);
        return versions == null
                ? null
                : new Document(versions.lastKey(), versions.lastEntry().getValue());
    }

    @Override
    public synchronized Document read(String kind, long version) {
        requireReachable();
        TreeMap<Long, String> versions = documents.get(kind);
        String text = versions == null ? null : versions.get(version);
        return text == null ? null : new Document(version, text);
    }

    @Override
    public void remove(String kind, long version) {
        beforeRemove.accept(kind);
        synchronized (this) {
            requireReachable();
            TreeMap<Long, String> versions = documents.get(kind);
            if (versions != null && versions.remove(version) != null && versions.isEmpty()) {
                documents.remove(kind);
            }
        }
    }

    @Override
    public void publish(String kind, long version, String text) {
        beforePublish.accept(kind);
        put(kind, version, text);
    }

    private synchronized void put(String kind, long version, String text) {
        requireReachable();
        String before = documents.computeIfAbsent(kind, key -> new TreeMap<>()).putIfAbsent(version, text);
        if (before != null && !before.equals(text)) {
            throw new GridException(ErrorCode.CONFLICT, kind + " " + version + " exists");
        }
    }

    private void requireReachable() {
        if (!metaReachable) {
            throw new GridException(ErrorCode.STORAGE_UNAVAILABLE, "the tier cannot be reached");
        }
    }
}
