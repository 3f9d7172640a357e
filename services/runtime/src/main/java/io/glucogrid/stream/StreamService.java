package io.glucogrid.stream;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.StreamControl;
import java.util.Map;
import org.apache.ignite.Ignite;
import org.apache.ignite.resources.IgniteInstanceResource;
import org.apache.ignite.services.Service;
import org.jspecify.annotations.Nullable;

/** The Ignite service around a stream; which one, its subclasses say. */
abstract class StreamService implements Service, StreamControl {
    private static final long serialVersionUID = 1L;

    @IgniteInstanceResource
    private transient Ignite ignite;

    private transient @Nullable GridStream stream;

    /** Starts the stream; it waits by itself for whatever is not there yet. */
    abstract GridStream start(Ignite node);

    @Override
    public final void init() {
        stream = start(ignite);
    }

    @Override
    public final void cancel() {
        if (stream != null) {
            stream.close();
        }
    }

    @Override
    public final Map<String, Object> status() {
        return running().status();
    }

    @Override
    public final void pause(Hold hold) {
        running().pause(hold);
    }

    @Override
    public final void resume(Hold hold) {
        running().resume(hold);
    }

    private GridStream running() {
        GridStream started = stream;
        if (started == null) {
            throw new GridException(ErrorCode.NOT_READY, "the stream has not started");
        }
        return started;
    }
}
