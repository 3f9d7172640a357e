package io.glucogrid.cluster;

import java.time.Duration;

/**
 * How many nodes a majority is counted of: as many as are configured, or as this node saw where those were more.
 *
 * <p>Of more nodes than are configured two halves would both have a majority of the configured number. Where nodes leave, those
 * that are left are counted only once they have been a majority of the former ones for a while: nodes that fail together are
 * noticed one after the other. More nodes than are configured are remembered across restarts of this node ({@link SurplusFile}).
 * A size of one says that no majority is wanted. Thread-safe.
 */
final class GridSize {
    /** Much longer than it takes to notice that nodes have failed. */
    static final Duration SETTLED = Duration.ofMinutes(1);

    private final SurplusFile remembered;
    private boolean recalled;
    private int size;
    private int present;
    private long sinceNanos;

    GridSize(SurplusFile remembered) {
        this.remembered = remembered;
    }

    /**
     * The size of now.
     *
     * @param configured how many nodes the grid is to have
     * @param here how many there are
     * @param nowNanos as {@link System#nanoTime} counts
     */
    synchronized int of(int configured, int here, long nowNanos) {
        if (!recalled) {
            recalled = true;
            size = remembered.read(configured);
        }
        if (2 * present > Math.max(size, configured) && nowNanos - sinceNanos >= SETTLED.toNanos()) {
            size = present;
        }
        if (here != present) {
            present = here;
            sinceNanos = nowNanos;
        }
        size = Math.max(size, here);
        remembered.write(configured, size);
        return configured <= 1 ? 1 : Math.max(size, configured);
    }
}
