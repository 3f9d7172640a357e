package io.glucogrid.serving;

import java.net.URI;
import org.apache.ignite.Ignite;
import org.jspecify.annotations.Nullable;

/** Where this node's feature API listens; known to the node alone, through its local map. */
public final class ApiAddress {
    private static final String KEY = "glucogrid.feature-api";

    private ApiAddress() {}

    /** The bound address; null where the API does not listen (yet). */
    public static @Nullable URI of(Ignite ignite) {
        return ignite.cluster().<String, URI>nodeLocalMap().get(KEY);
    }

    /** Makes the address known. */
    public static void publish(Ignite ignite, URI address) {
        ignite.cluster().<String, URI>nodeLocalMap().put(KEY, address);
    }

    /** Takes the address back. */
    public static void withdraw(Ignite ignite) {
        ignite.cluster().<String, URI>nodeLocalMap().remove(KEY);
    }
}
