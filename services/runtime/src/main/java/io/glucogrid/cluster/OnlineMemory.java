package io.glucogrid.cluster;

import io.glucogrid.grid.Caches;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.grid.OnlineRegion;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.cluster.ClusterNode;
import org.apache.ignite.configuration.CacheConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * Whether there is room for more online rows, on every node.
 *
 * <p>Ignite ends a node whose region is full, and the region also fills where nobody writes: when a node dies, the others take
 * over its partitions. Nodes would then end one after the other. So online rows are refused long before, while what is there is
 * served: each node may hold so much that the rows still fit when one node fewer holds them, and again when that node came back and
 * another leaves. Rows that move away leave pages that are partly free, and rows that come find only some of that room. Streams
 * wait and keep their offsets, pushes are refused, and the offline path goes on. Room is made by a larger region, node by node, by
 * more nodes, or by forgetting.
 *
 * <p>Rows lie on other nodes than the one that writes them, so each node marks in the replicated registry cache that it is full,
 * and looks at the others' marks every second; its own region it looks at before each write. Rows that are rebuilt from the tier
 * after a loss were there before, so they may fill the whole usable part. A node that joins makes the part that may be used
 * smaller only once there was time to hand rows over to it.
 */
public final class OnlineMemory {
    private static final String NAME = "glucogrid.online-memory";
    private static final String MARK = "online-full/";
    private static final String NONE = "";

    /** Of the usable part, so that a take-over and what is under way do not meet at its end. */
    private static final double FILLED = 0.92;

    /** What is taken over, then moves away, and is taken over again needs so much: half of the room that it left is found. */
    private static final double TAKE_OVERS = 1.5;

    /** A node that is full stays so until there is some more room. */
    private static final double ROOM_AGAIN = 0.97;

    private static final long SETTLED_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final Ignite ignite;
    private final int copies;
    private volatile int settledNodes = 1;
    private volatile boolean rebuilding = true;
    private volatile String elsewhere = NONE;
    private int seenNodes;
    private long seenNanos;

    private OnlineMemory(Ignite ignite, int copies) {
        this.ignite = ignite;
        this.copies = copies;
    }

    /** The one of this node. */
    public static OnlineMemory of(Ignite ignite) {
        return ignite.cluster()
                .<String, OnlineMemory>nodeLocalMap()
                .computeIfAbsent(NAME, name -> new OnlineMemory(ignite, copies(ignite)));
    }

    /** How many copies of an online row there are, as the node's XML has it. */
    private static int copies(Ignite ignite) {
        CacheConfiguration<?, ?>[] caches = ignite.configuration().getCacheConfiguration();
        return 1
                + Arrays.stream(caches == null ? new CacheConfiguration<?, ?>[0] : caches)
                        .filter(cache -> cache.getName().startsWith(Caches.ONLINE_PREFIX))
                        .mapToInt(CacheConfiguration::getBackups)
                        .findFirst()
                        .orElse(0);
    }

    /**
     * Does nothing where online rows may be written.
     *
     * @throws GridException NOT_READY where a node has no room for more
     */
    public void requireRoom() {
        String full = reason();
        if (full != null) {
            throw new GridException(ErrorCode.NOT_READY, full);
        }
    }

    /** Which node is full; null where none is. */
    public @Nullable String reason() {
        OnlineRegion region = OnlineRegion.of(ignite);
        if (region.usedBytes() >= limitBytes(region)) {
            return sentence(ignite.name(), region);
        }
        return elsewhere.isEmpty() ? null : elsewhere;
    }

    /** Tells the others about this node's region, and looks at what they tell. */
    synchronized void look(boolean isRebuilding) {
        rebuilding = isRebuilding;
        settle(ignite.cluster().forServers().nodes().size());
        IgniteCache<String, String> marks = Caches.REGISTRY.in(ignite);
        OnlineRegion region = OnlineRegion.of(ignite);
        String own = MARK + ignite.name();
        boolean isMarked = marks.containsKey(own);
        if (!isMarked && region.usedBytes() >= limitBytes(region)) {
            marks.put(own, sentence(ignite.name(), region));
        } else if (isMarked && region.usedBytes() < limitBytes(region) * ROOM_AGAIN) {
            marks.remove(own);
        }
        String found = NONE;
        for (ClusterNode node : ignite.cluster().forRemotes().forServers().nodes()) {
            String mark = marks.get(MARK + RowStore.nodeName(node));
            if (mark != null) {
                found = mark;
            }
        }
        elsewhere = found;
    }

    private void settle(int nodes) {
        long now = System.nanoTime();
        if (nodes != seenNodes) {
            seenNodes = nodes;
            seenNanos = now;
        }
        if (nodes < settledNodes || now - seenNanos > SETTLED_NANOS) {
            settledNodes = nodes;
        }
    }

    private long limitBytes(OnlineRegion region) {
        return rebuilding ? region.usableBytes() : limitBytes(region.usableBytes(), settledNodes, copies);
    }

    /** How much of what is usable a node may hold so that one node fewer can hold it all, now and once more. */
    static long limitBytes(long usableBytes, int nodes, int copies) {
        double takenOver = share(nodes - 1, copies) / share(nodes, copies) - 1;
        return (long) (usableBytes * FILLED / (1 + TAKE_OVERS * takenOver));
    }

    /** Part of all rows that each of so many nodes has; a single node has no one to leave it. */
    private static double share(int nodes, int copies) {
        return Math.min(1, (double) copies / Math.max(1, nodes));
    }

    private static String sentence(String node, OnlineRegion region) {
        return "online store: the memory of node '" + node + "' is full (" + (region.usedBytes() >> 20) + " of "
                + (region.maxBytes() >> 20)
                + " MB, GRID_REGION_MB; the rest is kept for the rows of a node that fails); it takes no new rows";
    }
}
