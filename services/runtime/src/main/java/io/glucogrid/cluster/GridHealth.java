package io.glucogrid.cluster;

import io.glucogrid.grid.Buckets;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.cache.CacheException;
import org.apache.ignite.Ignite;
import org.jspecify.annotations.Nullable;

/** What keeps this node from serving or changing online rows, in sentences. */
public final class GridHealth {
    private final Ignite ignite;
    private final Majority majority;
    private volatile @Nullable BitSet rebuilding;
    private volatile boolean warm;

    public GridHealth(Ignite ignite) {
        this.ignite = ignite;
        this.majority = new Majority(ignite);
    }

    /** Whether this node may write. */
    public Majority majority() {
        return majority;
    }

    /** From now on rows of these buckets are not served: they are lost, and come back one by one. Empty for none. */
    public void rebuilding(BitSet buckets) {
        if (!buckets.isEmpty()) {
            try {
                RowStore.doubt(ignite);
            } catch (IOException undeletable) {
                throw new GridException(ErrorCode.INTERNAL, "online rows: what is lost cannot be noted", undeletable);
            }
        }
        rebuilding = buckets.isEmpty() ? null : (BitSet) buckets.clone();
    }

    /**
     * Does nothing where the row of a key may be served.
     *
     * @throws GridException NOT_READY while the key's bucket is being rebuilt
     */
    public void requireServed(Object[] joinKeys) {
        BitSet buckets = rebuilding;
        if (buckets != null && joinKeys.length > 0 && buckets.get(Buckets.of(joinKeys[0]))) {
            throw new GridException(
                    ErrorCode.NOT_READY,
                    "the online rows of this entity were lost with their nodes and are being rebuilt from history");
        }
    }

    /** From now on a row that is not there does not exist: a grid that started anew has its rows again. */
    public void warm() {
        warm = true;
    }

    /**
     * Does nothing where a row that was not found does not exist.
     *
     * @throws GridException NOT_READY while a grid that started anew rebuilds its rows
     */
    public void requireWarm() {
        if (!warm) {
            throw new GridException(ErrorCode.NOT_READY, "the online rows are being rebuilt from history");
        }
    }

    /** Looks whether online rows find room, as somebody has to each second; may be called by several threads. */
    public void look(boolean isCold) {
        boolean heals =
                isCold || rebuilding != null || !LostPartitions.of(ignite).isEmpty();
        OnlineMemory.of(ignite).look(heals);
    }

    /**
     * Does nothing where online rows may be written.
     *
     * @throws GridException NOT_READY where a node has no room for more
     */
    public void requireRoom() {
        OnlineMemory.of(ignite).requireRoom();
    }

    /** Why online rows are refused, though everything is served; null where they are taken. */
    public @Nullable String memoryProblem() {
        try {
            return OnlineMemory.of(ignite).reason();
        } catch (IllegalStateException stopping) {
            return null; // whoever stops it says why
        }
    }

    /** Why not everything can be served and written, one sentence each; empty where it can. */
    public List<String> reasons() {
        List<String> reasons = new ArrayList<>();
        try {
            if (!majority.isMet()) {
                reasons.add("grid: " + majority.shortfall());
            }
            LostPartitions partitions = LostPartitions.of(ignite);
            if (!partitions.replicated().isEmpty()) {
                reasons.add("grid: what it knew of itself was lost (" + String.join(", ", partitions.replicated())
                        + "); its nodes have to start again");
            }
            int lost = partitions.online().cardinality();
            BitSet buckets = rebuilding;
            if (lost > 0) {
                reasons.add("online store: rows of " + lost + " of " + Buckets.COUNT
                        + " partitions were lost with their nodes");
            } else if (buckets != null) {
                reasons.add("online store: rows of " + buckets.cardinality() + " of " + Buckets.COUNT
                        + " partitions are being rebuilt from history");
            }
        } catch (CacheException | IllegalStateException stopping) {
            reasons.add("grid: the node is leaving it");
        }
        return reasons;
    }

    /** What will be wrong some day though everything can be served and written now, one sentence each. */
    public List<String> warnings() {
        try {
            String surplus = majority.surplus();
            return surplus == null ? List.of() : List.of(surplus);
        } catch (IllegalStateException stopping) {
            return List.of();
        }
    }

    /** {@code failed}, or NOT_READY with a reason where the grid has one for what looks like a fault of the node. */
    public GridException explained(GridException failed) {
        if (failed.code() != ErrorCode.INTERNAL) {
            return failed;
        }
        List<String> reasons = reasons();
        return reasons.isEmpty()
                ? failed
                : new GridException(ErrorCode.NOT_READY, failed.reason() + ": " + String.join("; ", reasons), failed);
    }

    /** For {@code /status}. */
    public Map<String, Object> tree() {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("nodes", majority.present());
        tree.put("expected_nodes", majority.expected());
        tree.put("majority", majority.isMet());
        tree.put("reasons", reasons());
        tree.put("warnings", warnings());
        String full = memoryProblem();
        if (full != null) {
            tree.put("memory_problem", full);
        }
        return tree;
    }
}
