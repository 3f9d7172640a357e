package io.glucogrid.node;

import io.glucogrid.api.Endpoint;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.ignite.Ignite;
import org.apache.ignite.resources.IgniteInstanceResource;
import org.apache.ignite.services.Service;

/** Stands in for the feature API: knows an address, and remembers what was asked of it. */
public final class ProbeService implements Service, Endpoint {
    private static final long serialVersionUID = 1L;

    @IgniteInstanceResource
    private transient Ignite ignite;

    private transient AtomicBoolean drained;

    @Override
    public void init() {
        drained = new AtomicBoolean();
    }

    @Override
    public void execute() {}

    @Override
    public void cancel() {}

    @Override
    public URI address() {
        return URI.create("http://127.0.0.1:1/" + ignite.name());
    }

    @Override
    public void drain(Duration deadline) {
        drained.set(true);
    }

    boolean isDrained() {
        return drained.get();
    }
}
