package io.glucogrid.stream;

import java.time.Duration;
import java.time.Instant;

/**
 * What an event may look like.
 *
 * @param earliest no event or creation time is before this
 * @param ahead no event or creation time is further than this after now
 * @param maxBytes no message is longer
 */
record EventLimits(Instant earliest, Duration ahead, int maxBytes) {
    static final EventLimits DEFAULT =
            new EventLimits(Instant.parse("2000-01-01T00:00:00Z"), Duration.ofDays(1), 64 * 1024);
}
