package io.glucogrid.node;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.MetaStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** What outlives the nodes of a test: rows and documents in memory, as the Parquet tier keeps them on disk. */
public final class MemoryTier implements MetaStore {
    private static final Map<String, MemoryTier> TIERS = new ConcurrentHashMap<>();

    final Map<String, List<HistoryRow>> rows = new ConcurrentHashMap<>();
    private final Map<String, TreeMap<Long, String>> documents = new ConcurrentHashMap<>();

    /** The tier of a name, shared by the nodes of one test; an Ignite service cannot carry it. */
    public static MemoryTier named(String name) {
        return TIERS.computeIfAbsent(name, first -> new MemoryTier());
    }

    void add(String table, List<HistoryRow> added) {
        List<HistoryRow> known = rows.computeIfAbsent(table, first -> new ArrayList<>());
        synchronized (known) {
            known.addAll(added);
        }
    }

    List<HistoryRow> rows(String table) {
        List<HistoryRow> known = rows.computeIfAbsent(table, first -> new ArrayList<>());
        synchronized (known) {
            return List.copyOf(known);
        }
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

    @Override
    public synchronized void publish(String kind, long version, String text) {
        String before =
                documents.computeIfAbsent(kind, first -> new TreeMap<>()).putIfAbsent(version, text);
        if (before != null && !before.equals(text)) {
            throw new GridException(ErrorCode.CONFLICT, kind + " has a version " + version);
        }
    }
}
