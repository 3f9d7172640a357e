package io.glucogrid.stream;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Pauses between attempts: each up to twice the one before, with jitter, never above a limit. */
final class Backoff {
    private static final int MOST_DOUBLINGS = 20;

    private final Duration first;
    private final Duration most;
    private final RandomGenerator random;
    private int failures;

    Backoff(Duration first, Duration most, RandomGenerator random) {
        this.first = first;
        this.most = most;
        this.random = random;
    }

    /** The next pause: a random one between half and all of the current limit. */
    Duration next() {
        long limit = Math.min(most.toNanos(), first.toNanos() << Math.min(failures, MOST_DOUBLINGS));
        failures++;
        return Duration.ofNanos(limit / 2 + random.nextLong(limit / 2 + 1));
    }

    void reset() {
        failures = 0;
    }
}
