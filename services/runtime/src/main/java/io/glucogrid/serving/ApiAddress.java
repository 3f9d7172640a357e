package io.glucogrid.serving;

import io.glucogrid.grid.GridException;
import java.net.URI;
import org.apache.ignite.Ignite;
import org.jspecify.annotations.Nullable;

/**
 * Where this node's feature API listens, or why it does not; known to the node alone, through its local map. A launcher looks
 * here after the start, because a service that fails does not stop its node.
 */
public final class ApiAddress {
    private static final String ADDRESS = "glucogrid.feature-api.address";
    private static final String FAILURE = "glucogrid.feature-api.failure";

    private ApiAddress() {}

    /**
     * The bound address; null where the API does not listen yet.
     *
     * @throws GridException INVALID_CONFIG where it could not bind
     */
    public static @Nullable URI of(Ignite ignite) {
        GridException failure = ignite.cluster().<String, GridException>nodeLocalMap().get(FAILURE);
        if (failure != null) {
            throw failure;
        }
        return ifBound(ignite);
    }

    static @Nullable URI ifBound(Ignite ignite) {
        return ignite.cluster().<String, URI>nodeLocalMap().get(ADDRESS);
    }

    /** Makes the address known. */
    public static void publish(Ignite ignite, URI address) {
        ignite.cluster().<String, URI>nodeLocalMap().put(ADDRESS, address);
    }

    /** Makes known why there is none. */
    public static void fail(Ignite ignite, GridException failure) {
        ignite.cluster().<String, GridException>nodeLocalMap().put(FAILURE, failure);
    }

    /** Takes the address back. */
    public static void withdraw(Ignite ignite) {
        ignite.cluster().<String, URI>nodeLocalMap().remove(ADDRESS);
    }
}
