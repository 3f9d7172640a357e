package io.glucogrid.node;

import io.glucogrid.cgm.LiveFeed;
import java.util.function.Consumer;
import org.apache.ignite.services.Service;

/** A live feed that says two things to everyone who comes. */
public final class PulsingFeed implements Service, LiveFeed {
    private static final long serialVersionUID = 1L;

    @Override
    public Subscription subscribe(Consumer<String> listener) {
        listener.accept("{\"path\":\"online\",\"n\":1}");
        listener.accept("{\"path\":\"offline\",\"n\":2}");
        return () -> {};
    }
}
