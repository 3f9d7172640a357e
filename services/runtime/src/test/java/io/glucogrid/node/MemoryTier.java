package io.glucogrid.node;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.ForgottenEntity;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.MetaStore;
import io.glucogrid.store.Suppressions;
import io.glucogrid.store.TableSchema;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/** What outlives the nodes of a test: rows and documents in memory, as the Parquet tier keeps them on disk. */
public final class MemoryTier implements MetaStore {
    private static final Map<String, MemoryTier> TIERS = new ConcurrentHashMap<>();

    /** A row with the columns that it was written with. */
    private record Stored(TableSchema table, HistoryRow row, String segment) {
        HistoryRow as(TableSchema wanted) {
            Object[] values = wanted.values().stream()
                    .map(column -> {
                        int index = table.valueIndex(column.name());
                        return index < 0 ? null : row.row().value(index);
                    })
                    .toArray();
            FeatureRow same = row.row();
            return new HistoryRow(
                    row.joinKeys(), new FeatureRow(same.eventMicros(), same.createdMicros(), values), row.op());
        }
    }

    private final Map<String, List<Stored>> rows = new ConcurrentHashMap<>();
    private final AtomicLong segments = new AtomicLong();
    private final Map<String, TreeMap<Long, String>> documents = new ConcurrentHashMap<>();

    /** The tier of a name, shared by the nodes of one test; an Ignite service cannot carry it. */
    public static MemoryTier named(String name) {
        return TIERS.computeIfAbsent(name, first -> new MemoryTier());
    }

    /** Each call makes a segment. */
    void add(TableSchema table, List<HistoryRow> added) {
        List<Stored> known = rows.computeIfAbsent(table.name(), first -> new ArrayList<>());
        String segment = table.name() + "/" + segments.incrementAndGet();
        synchronized (known) {
            added.forEach(row -> known.add(new Stored(table, row, segment)));
        }
    }

    /** Paths of a table's segments. */
    public Set<String> segments(TableSchema table) {
        Set<String> paths = new LinkedHashSet<>();
        List<Stored> known = rows.computeIfAbsent(table.name(), first -> new ArrayList<>());
        synchronized (known) {
            known.forEach(stored -> paths.add(stored.segment()));
        }
        return paths;
    }

    /** Rows of the segments that pass. */
    List<HistoryRow> rows(TableSchema table, Predicate<String> segments) {
        List<Stored> known = rows.computeIfAbsent(table.name(), first -> new ArrayList<>());
        synchronized (known) {
            return known.stream()
                    .filter(stored -> segments.test(stored.segment()))
                    .map(stored -> stored.as(table))
                    .toList();
        }
    }

    /** Rows of a table with the columns that {@code table} names, as segments are read by name. */
    List<HistoryRow> rows(TableSchema table) {
        return rows(table, segment -> true);
    }

    private volatile Runnable afterRead = () -> {};

    /** Runs something after each load has read its rows, and before it goes on with them. */
    public void afterRead(Runnable action) {
        afterRead = action;
    }

    void rowsAreRead() {
        afterRead.run();
    }

    private volatile Suppressions suppressions = Suppressions.none();

    public boolean isAnythingForgotten() {
        return !suppressions.isEmpty();
    }

    Suppressions suppressions() {
        return suppressions;
    }

    synchronized void suppress(List<ForgottenEntity> entities) {
        suppressions = Suppressions.of(suppressions.version() + 1, entities);
    }

    /** Removes what the list covers; returns how many rows. */
    long purge(TableSchema table) {
        List<Stored> known = rows.computeIfAbsent(table.name(), first -> new ArrayList<>());
        Suppressions.Filter filter = suppressions.filter(table.joinKeys());
        synchronized (known) {
            long before = known.size();
            known.removeIf(stored -> filter.covers(stored.row().joinKeys()));
            return before - known.size();
        }
    }

    void drop(TableSchema table) {
        rows.remove(table.name());
    }

    @Override
    public synchronized Document latest(String kind) {
        TreeMap<Long, String> versions = documents.get(kind);
        return versions == null
                ? null
                : new Document(versions.lastKey(), versions.lastEntry().getValue());
    }

    @Override
    public synchronized Document read(String kind, long version) {
        String text = documents.getOrDefault(kind, new TreeMap<>()).get(version);
        return text == null ? null : new Document(version, text);
    }

    private volatile Runnable beforeProblems = () -> {};

    /** Runs something before the tier says what is damaged. */
    public void beforeProblems(Runnable action) {
        beforeProblems = action;
    }

    List<String> problems() {
        beforeProblems.run();
        return List.of();
    }

    private volatile String refused = "";

    /** From now on no document of a kind is taken. */
    public void refuse(String kind) {
        refused = kind;
    }

    @Override
    public synchronized void remove(String kind, long version) {
        TreeMap<Long, String> versions = documents.get(kind);
        if (versions != null && versions.remove(version) != null && versions.isEmpty()) {
            documents.remove(kind);
        }
    }

    @Override
    public synchronized void publish(String kind, long version, String text) {
        if (kind.equals(refused)) {
            throw new GridException(ErrorCode.STORAGE_UNAVAILABLE, kind + " cannot be written");
        }
        String before =
                documents.computeIfAbsent(kind, first -> new TreeMap<>()).putIfAbsent(version, text);
        if (before != null && !before.equals(text)) {
            throw new GridException(ErrorCode.CONFLICT, kind + " has a version " + version);
        }
    }
}
