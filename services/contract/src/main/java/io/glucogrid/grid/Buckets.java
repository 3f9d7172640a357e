package io.glucogrid.grid;

/**
 * Which bucket a first join key belongs to: the Ignite partition of that key under a rendezvous affinity of {@value #COUNT}
 * partitions without backup filter, computed without Ignite.
 *
 * <p>Part of the segment format: loading, joining and training touch the buckets whose partitions a node owns. Changing
 * {@link #COUNT} or the formula means rewriting every segment.
 */
public final class Buckets {
    /** Partitions of every feature and history cache, and buckets of every segment tree. */
    public static final int COUNT = 64;

    private Buckets() {}

    /** Bucket in {@code [0, COUNT)} of a join key (Long, Integer, String, …: whatever the join key's type stores). */
    public static int of(Object firstJoinKey) {
        return ofHash(firstJoinKey.hashCode());
    }

    /** Bucket of an INT64 join key. */
    public static int of(long firstJoinKey) {
        return ofHash(Long.hashCode(firstJoinKey));
    }

    private static int ofHash(int hash) {
        return (hash ^ hash >>> 16) & COUNT - 1;
    }
}
