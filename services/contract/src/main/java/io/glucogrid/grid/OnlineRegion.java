package io.glucogrid.grid;

import org.apache.ignite.DataRegionMetrics;
import org.apache.ignite.Ignite;
import org.apache.ignite.configuration.DataRegionConfiguration;

/**
 * How full this node's region of online rows, subjects' states and training examples is. Ignite ends a node whose region is full,
 * so whoever writes much asks first.
 *
 * @param usedBytes pages that hold something
 * @param maxBytes size of the region ({@code GRID_REGION_MB})
 */
public record OnlineRegion(long usedBytes, long maxBytes) {
    /** Ignite gives up before the last page, and other writes are under way. */
    private static final double RESERVED = 0.08;

    private static final long LEAST_RESERVED_BYTES = 4L << 20;

    /** As it is now. */
    @SuppressWarnings("deprecation") // in favour of exporters, which a node need not have
    public static OnlineRegion of(Ignite ignite) {
        DataRegionConfiguration region =
                ignite.configuration().getDataStorageConfiguration().getDefaultDataRegionConfiguration();
        DataRegionMetrics metrics = ignite.dataRegionMetrics(region.getName());
        return new OnlineRegion(metrics == null ? 0 : metrics.getTotalUsedSize(), region.getMaxSize());
    }

    /** What may be used, bytes; beyond it the node is in danger. */
    public long usableBytes() {
        return maxBytes - Math.max(LEAST_RESERVED_BYTES, (long) (maxBytes * RESERVED));
    }

    /** What is left of that; 0 where nothing is. */
    public long leftBytes() {
        return Math.max(0, usableBytes() - usedBytes);
    }
}
