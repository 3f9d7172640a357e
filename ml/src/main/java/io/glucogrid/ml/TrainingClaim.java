package io.glucogrid.ml;

import io.glucogrid.grid.Caches;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.util.UUID;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right to train, held by one caller of the grid at a time: an entry that names its holder's node and is taken over once
 * that node is gone.
 */
final class TrainingClaim {
    private static final Logger LOG = LoggerFactory.getLogger(TrainingClaim.class);
    private static final String TASK = "training";

    private final IgniteCache<String, String> claims;
    private final String token;

    private TrainingClaim(IgniteCache<String, String> claims, String token) {
        this.claims = claims;
        this.token = token;
    }

    /** Takes it, or throws CONFLICT where somebody has it. */
    static TrainingClaim take(Ignite ignite) {
        IgniteCache<String, String> claims = Caches.start(ignite, Caches.CLAIMS);
        String token = ignite.cluster().localNode().id() + "/" + UUID.randomUUID();
        while (true) {
            String held = claims.getAndPutIfAbsent(TASK, token);
            if (held == null) {
                return new TrainingClaim(claims, token);
            }
            UUID holder = UUID.fromString(held.substring(0, held.indexOf('/')));
            if (ignite.cluster().node(holder) != null) {
                throw new GridException(ErrorCode.CONFLICT, "a training is running already");
            }
            claims.remove(TASK, held);
        }
    }

    /** Gives it back; where that fails, it ends with its holder's node. */
    void release() {
        try {
            claims.remove(TASK, token);
        } catch (RuntimeException failure) {
            LOG.warn("the claim to train stays until this node leaves", failure);
        }
    }
}
