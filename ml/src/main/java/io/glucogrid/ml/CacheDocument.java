package io.glucogrid.ml;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.MetaStore;
import java.util.function.Supplier;

/**
 * A document of the tier that says what a cache says, written after each change of the cache by the node that made it.
 *
 * <p>A writer looks for the newest number, then at the cache, and then writes its text under the next number; where somebody else
 * has taken that, it begins anew. So whoever takes a later number has seen this document, and looks at the cache later than its
 * writer changed it: when all who changed the cache have returned, the newest document says what the cache says.
 *
 * <p>That is why a writer writes even where the newest document has the very text already. Another one may have looked while the
 * cache said something else, and would still take the next number.
 */
final class CacheDocument {
    private CacheDocument() {}

    /**
     * Writes what the cache says now.
     *
     * @param text of the document, from the cache
     * @return the document that was written
     */
    static MetaStore.Document write(
            MetaStore store, String kind, Supplier<String> text, String doing, Deadline deadline) {
        while (true) {
            deadline.millisLeft(doing);
            MetaStore.Document latest = store.latest(kind);
            MetaStore.Document next = new MetaStore.Document(latest == null ? 1 : latest.version() + 1, text.get());
            if (published(store, kind, next.version(), next.text())) {
                return next;
            }
        }
    }

    /** Whether the version was free; another writer's version is not an error. */
    static boolean published(MetaStore store, String kind, long version, String text) {
        try {
            store.publish(kind, version, text);
            return true;
        } catch (GridException failure) {
            if (failure.code() == ErrorCode.CONFLICT) {
                return false;
            }
            throw failure;
        }
    }
}
