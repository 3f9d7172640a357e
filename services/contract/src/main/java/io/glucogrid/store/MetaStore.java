package io.glucogrid.store;

import org.jspecify.annotations.Nullable;

/** Immutable, versioned documents in the tier's {@code meta/}: registry, models, states. They outlive every node. */
public interface MetaStore {
    /** The newest version of a document; null where there is none. {@code kind} is a path of plain words. */
    @Nullable
    Document latest(String kind);

    /** A given version; null where there is none. */
    @Nullable
    Document read(String kind, long version);

    /**
     * Publishes {@code version} durably; {@link io.glucogrid.grid.ErrorCode#CONFLICT} where that version exists already with
     * another text, nothing where it exists with the same.
     */
    void publish(String kind, long version, String text);

    /**
     * Removes a version for good; nothing where it is not there. Whoever removes the newest one makes its number free again. A
     * writer that removes old versions while others read leaves the newest and the one before it.
     */
    void remove(String kind, long version);

    record Document(long version, String text) {}
}
