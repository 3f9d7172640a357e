package io.glucogrid.ml;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.MetaStore;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
    private static final Logger LOG = LoggerFactory.getLogger(CacheDocument.class);

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

    /**
     * What a document of names says: of the newest two, which are all that is kept, the newest that can be read; nothing where there
     * is none.
     */
    static Map<String, String> names(MetaStore store, String kind) {
        MetaStore.Document latest = store.latest(kind);
        long newest = latest == null ? 0 : latest.version();
        for (long version = newest; version > Math.max(0, newest - 2); version--) {
            MetaStore.Document document = version == newest ? latest : store.read(kind, version);
            try {
                if (document != null) {
                    return ModelJson.readNames(document.text());
                }
            } catch (GridException damaged) {
                LOG.warn("a damaged document is left out: {}@{} reason=\"{}\"", kind, version, damaged.reason());
            }
        }
        return new TreeMap<>();
    }

    /** Removes what nobody reads once a version was written: all but it and the one before. */
    static void keepTwo(MetaStore store, String kind, long written) {
        if (written > 2) {
            store.remove(kind, written - 2); // whoever lists meanwhile finds one of two
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
