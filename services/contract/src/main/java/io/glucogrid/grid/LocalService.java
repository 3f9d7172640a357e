package io.glucogrid.grid;

import java.util.function.Supplier;
import org.apache.ignite.Ignite;
import org.jspecify.annotations.Nullable;

/**
 * This node's instance of a service that another module provides.
 *
 * <p>Looked up at first use, never in a service's {@code init}: services of one node start one after the other, in no
 * promised order, and waiting there would never end. Held from then on, so that a stopping node can still use it.
 */
public final class LocalService<T> implements Supplier<T> {
    private final Ignite ignite;
    private final String name;
    private final Class<T> type;
    private volatile @Nullable T instance;

    public LocalService(Ignite ignite, String name, Class<T> type) {
        this.ignite = ignite;
        this.name = name;
        this.type = type;
    }

    /** The instance; {@link ErrorCode#NOT_READY} while it is not deployed on this node. */
    @Override
    public T get() {
        T found = instance;
        if (found == null) {
            found = deployed();
            if (found == null) {
                throw new GridException(ErrorCode.NOT_READY, "service '" + name + "' has not started on this node yet");
            }
            instance = found;
        }
        return found;
    }

    /** Whether {@link #get} would answer. */
    public boolean isReady() {
        return instance != null || deployed() != null;
    }

    /** Not a proxy: a proxy may reach another node, and most of what these services speak in is not marshallable. */
    @SuppressWarnings("deprecation")
    private @Nullable T deployed() {
        Object service = ignite.services().service(name);
        return service == null ? null : type.cast(service);
    }
}
