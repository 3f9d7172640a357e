package io.glucogrid.stream;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.StreamControl;
import java.util.Map;
import org.apache.ignite.Ignite;
import org.apache.ignite.resources.IgniteInstanceResource;
import org.apache.ignite.services.Service;
import org.jspecify.annotations.Nullable;

/** The offline stream of this node; deploy one per node under {@link StreamControl#OFFLINE}. */
public final class OfflineStreamService implements Service, StreamControl {
    private static final long serialVersionUID = 1L;

    @IgniteInstanceResource
    private transient Ignite ignite;

    private transient @Nullable GridStream stream;

    @Override
    public void init() {
        stream = GridStream.offline(ignite);
    }

    @Override
    public void cancel() {
        if (stream != null) {
            stream.close();
        }
    }

    @Override
    public Map<String, Object> status() {
        return running().status();
    }

    @Override
    public void pause() {
        running().pause();
    }

    @Override
    public void resume() {
        running().resume();
    }

    private GridStream running() {
        GridStream started = stream;
        if (started == null) {
            throw new GridException(ErrorCode.NOT_READY, "the offline stream has not started");
        }
        return started;
    }
}
