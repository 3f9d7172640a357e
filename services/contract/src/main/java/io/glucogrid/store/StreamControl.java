package io.glucogrid.store;

import java.util.Map;

/** A stream of this node, as operators see it. */
public interface StreamControl {
    /** Names of the Ignite services that implement this on every server node. */
    String ONLINE = "online-stream";

    String OFFLINE = "offline-stream";

    /** Who may hold a stream up. Each takes back only its own hold; a stream runs while there is none. */
    enum Hold {
        OPERATOR,
        REGISTRY,
        RECOVERY,
        DEPARTURE
    }

    /**
     * State for people and machines, JSON-like: {@code state} (one of starting, running, paused, waiting, stopped), {@code
     * reason} where it waits, or who holds it where it is paused, {@code consumed}, {@code applied}, {@code dead_letters}, {@code lag} by partition, {@code p50_ms},
     * {@code p99_ms}.
     */
    Map<String, Object> status();

    /** Stops consuming after the batch in hand, and returns when it is done; the offsets stay where they are. */
    void pause(Hold hold);

    /** Goes on consuming, unless another holds the stream. */
    void resume(Hold hold);
}
