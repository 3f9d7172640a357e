package io.glucogrid.live;

import java.util.List;

/** The end of the live feed that the streams hold. */
public interface LivePublisher {
    /** Whether anybody on any node listens; where nobody does, events need not be made. */
    boolean isWanted();

    /** Hands events over and returns at once; where the feed cannot keep up, the oldest are dropped. */
    void publish(List<LiveEvent> events);
}
