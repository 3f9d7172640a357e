package io.glucogrid.cluster;

/** Keys in the replicated registry cache of what is known only as long as the grid lives. */
public final class Marks {
    /** Set once the online group's offsets are where the rebuilt rows end; removed when rows are lost again. */
    public static final String OFFSETS_MOVED = "offsets-moved";

    /** The buckets whose online rows are being rebuilt, as numbers with blanks between; absent for none. */
    public static final String REBUILDING = "online-rebuilding";

    /** Set while lost partitions are reset: where it stays behind, nobody knows which rows went. */
    public static final String RESETTING = "online-resetting";

    /** A random text, another one after each loss of online rows; what was loaded before it may be gone. */
    public static final String LAST_LOSS = "online-last-loss";

    private Marks() {}
}
