package io.glucogrid.ml;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;

/**
 * Which readings may enter a subject's state: values that a sensor can mean, of times that have come. A state's window ends at its
 * newest reading, so one from a clock that is ahead would push all others out and refuse the next, until that time has come.
 */
final class Plausibility {
    /** How far clocks may be apart. */
    static final long AHEAD_MICROS = 300_000_000L;

    private static final int SMALLEST_MG_DL = 1;
    private static final int GREATEST_MG_DL = 1_000;

    private final InstantSource clock;

    Plausibility(InstantSource clock) {
        this.clock = clock;
    }

    /** Whether a value can be a sensor's: what is not is neither learnt nor forecast from. */
    static boolean isPlausible(long milligrams) {
        return milligrams >= SMALLEST_MG_DL && milligrams <= GREATEST_MG_DL;
    }

    /** The greatest event time that a reading may have now. */
    long latestMicros() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant()) + AHEAD_MICROS;
    }
}
