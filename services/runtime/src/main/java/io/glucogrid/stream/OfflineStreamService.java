package io.glucogrid.stream;

import org.apache.ignite.Ignite;

/** The offline stream of this node; deploy one per node under {@link io.glucogrid.store.StreamControl#OFFLINE}. */
public final class OfflineStreamService extends StreamService {
    private static final long serialVersionUID = 1L;

    @Override
    GridStream start(Ignite ignite) {
        return GridStream.offline(ignite);
    }
}
