package io.glucogrid.loaders;

import io.glucogrid.grid.Caches;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.MetaStore;
import java.net.URI;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.ignite.Ignite;

/**
 * Which tier this is: a random name in {@code meta/}, by which nodes can tell that they share one. A node with another tier would
 * hide what its peers have acknowledged, so it must not take part.
 */
public final class TierIdentity {
    private static final String KIND = "tier";

    /** The file that every tier has from the first start of a node on it. */
    static final String PATH = MetaDocuments.path(KIND, 1);

    /** Beside the tokens of tables, whose names have no slash. */
    private static final String CLAIM = "/";

    private static final Duration DEADLINE = Duration.ofSeconds(10);

    private TierIdentity() {}

    /**
     * Checks that the tier at {@code root} is the one of the grid; the first node decides.
     *
     * @throws GridException INVALID_CONFIG where the other nodes keep their history elsewhere
     */
    public static void require(Ignite ignite, URI root) {
        require(ignite, TierStorage.open(root));
    }

    static void require(Ignite ignite, TierStorage storage) {
        String mine = of(new MetaDocuments(storage));
        String known = Caches.SEGMENT_VERSIONS
                .in(ignite)
                .getAndPutIfAbsentAsync(CLAIM, mine)
                .get(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
        if (known != null && !known.equals(mine)) {
            throw new GridException(
                    ErrorCode.INVALID_CONFIG,
                    "the offline tier " + storage.root() + " is not the one that the other nodes of this grid use;"
                            + " give every node the same GRID_OFFLINE_URI");
        }
    }

    /** The name of the tier at {@code root}, which it is given here where it has none. */
    public static String of(URI root) {
        return of(new MetaDocuments(TierStorage.open(root)));
    }

    private static String of(MetaStore meta) {
        MetaStore.Document document = meta.latest(KIND);
        if (document == null) {
            try {
                meta.publish(KIND, 1, "{\"id\":\"" + UUID.randomUUID() + "\"}");
            } catch (GridException failure) {
                if (failure.code() != ErrorCode.CONFLICT) {
                    throw failure;
                } // another node named it first
            }
            document = meta.latest(KIND);
        }
        if (document == null) {
            throw new GridException(ErrorCode.STORAGE_UNAVAILABLE, "the tier does not keep its name in meta/" + KIND);
        }
        return document.text();
    }
}
