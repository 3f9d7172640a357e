package io.glucogrid.loaders;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Decoded pages, the least recently used ones dropped beyond a number of bytes. Thread-safe. */
final class PageCache {
    private final long capacityBytes;
    private final Map<PageKey, Entry> entries = new LinkedHashMap<>(256, 0.75f, true);
    private long heldBytes;

    PageCache(long capacityBytes) {
        this.capacityBytes = capacityBytes;
    }

    synchronized @Nullable RowBatch get(Segment segment, int page) {
        Entry entry = entries.get(new PageKey(segment, page));
        return entry == null ? null : entry.rows;
    }

    void put(Segment segment, int page, RowBatch rows) {
        Entry entry = new Entry(rows, rows.heapBytes());
        synchronized (this) {
            Entry before = entries.put(new PageKey(segment, page), entry);
            heldBytes += entry.bytes - (before == null ? 0 : before.bytes);
            Iterator<Entry> eldest = entries.values().iterator();
            while (heldBytes > capacityBytes && eldest.hasNext()) {
                heldBytes -= eldest.next().bytes;
                eldest.remove();
            }
        }
    }

    /** Forgets the first {@code pages} pages of a segment; a reader that is still at it may bring some back, to age like others. */
    synchronized void drop(Segment segment, int pages) {
        for (int page = 0; page < pages; page++) {
            Entry dropped = entries.remove(new PageKey(segment, page));
            heldBytes -= dropped == null ? 0 : dropped.bytes;
        }
    }

    /** Segments are compared by identity: each stands for one immutable file. */
    private record PageKey(Segment segment, int page) {}

    private record Entry(RowBatch rows, long bytes) {}
}
