package io.glucogrid.cgm;

import java.util.function.Consumer;

/** Every reading and prediction of both streams of the whole grid, as they happen. Best effort: a slow listener misses some. */
public interface LiveFeed {
    /** Name of the Ignite service that implements this on every server node. */
    String NAME = "live-feed";

    /**
     * Calls {@code listener} with one JSON object per reading, {@code {"path":"online"|"offline","n":…,"subject_id":…,
     * "event_timestamp":…,"glucose":…,"expected":…,"model":…,"timetaken_ns":…,"node":…}}, until the subscription is closed.
     * The listener must not block.
     */
    Subscription subscribe(Consumer<String> listener);

    /** Ends with {@link #close}, which never fails. */
    interface Subscription extends AutoCloseable {
        @Override
        void close();
    }
}
