package io.glucogrid.loaders;

import io.glucogrid.store.SegmentInfo;
import java.util.Collection;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The board of a process that is alone with its tier. */
final class LocalBoard implements SegmentBoard {
    private final ConcurrentMap<String, SegmentInfo> segments = new ConcurrentHashMap<>();
    private final Map<String, String> tokens = new ConcurrentHashMap<>();

    @Override
    public @Nullable String token(String table, boolean mayWait) {
        return tokens.get(table);
    }

    @Override
    public void announced(String table, boolean mayWait, Consumer<SegmentInfo> consumer) {
        for (SegmentInfo segment : segments.values()) {
            if (segment.table().equals(table)) {
                consumer.accept(segment);
            }
        }
    }

    @Override
    public synchronized Change announce(String table, Collection<SegmentInfo> announced) {
        announced.forEach(segment -> segments.put(segment.path(), segment));
        return change(table, SegmentBoard.generation(tokens.get(table)));
    }

    @Override
    public void withdraw(Collection<SegmentInfo> withdrawn) {
        withdrawn.forEach(segment -> segments.remove(segment.path()));
    }

    @Override
    public synchronized Change invalidate(String table) {
        return change(table, UUID.randomUUID().toString());
    }

    @Override
    public long topology() {
        return 1;
    }

    private Change change(String table, String generation) {
        String after = UUID.randomUUID() + "/" + generation;
        return new Change(tokens.put(table, after), after);
    }
}
