package io.glucogrid.node;

import io.glucogrid.grid.LocalService;
import io.glucogrid.store.StreamControl;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.function.Consumer;
import org.apache.ignite.Ignite;
import org.apache.ignite.services.Service;

/** A stream that only knows who holds it. */
public final class HeldStream implements Service, StreamControl {
    private static final long serialVersionUID = 1L;

    private transient volatile Set<Hold> holds;
    private transient volatile Consumer<Hold> onPause;

    @Override
    public void init() {
        holds = new CopyOnWriteArraySet<>();
        onPause = hold -> {};
    }

    /** The online stream of a node that was started with one. */
    public static HeldStream of(Ignite node) {
        return new LocalService<>(node, StreamControl.ONLINE, HeldStream.class).get();
    }

    public Set<Hold> holds() {
        return holds;
    }

    /** Does something before each pause returns. */
    public void onPause(Consumer<Hold> action) {
        onPause = action;
    }

    @Override
    public Map<String, Object> status() {
        return Map.of("state", holds.isEmpty() ? "running" : "paused");
    }

    @Override
    public void pause(Hold hold) {
        holds.add(hold);
        onPause.accept(hold);
    }

    @Override
    public void resume(Hold hold) {
        holds.remove(hold);
    }
}
