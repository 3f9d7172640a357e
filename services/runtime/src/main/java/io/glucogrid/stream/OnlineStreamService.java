package io.glucogrid.stream;

import org.apache.ignite.Ignite;

/** The online stream of this node; deploy one per node under {@link io.glucogrid.store.StreamControl#ONLINE}. */
public final class OnlineStreamService extends StreamService {
    private static final long serialVersionUID = 1L;

    @Override
    GridStream start(Ignite ignite) {
        return GridStream.online(ignite);
    }
}
