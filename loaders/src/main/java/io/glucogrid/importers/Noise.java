package io.glucogrid.importers;

import java.util.SplittableRandom;

/**
 * A subject's own stream of random numbers. Normal ones by Box and Muller (1958) with strict arithmetic, so that every platform
 * and Java version draws the same.
 */
final class Noise {
    private final SplittableRandom random;

    private Noise(SplittableRandom random) {
        this.random = random;
    }

    /** The stream of one subject of one set. */
    static Noise of(long seed, long subject) {
        // the finalizer of MurmurHash3, so that neighbouring subjects start far apart
        long mixed = seed + 0x9E3779B97F4A7C15L * (subject + 1);
        mixed = (mixed ^ mixed >>> 33) * 0xFF51AFD7ED558CCDL;
        mixed = (mixed ^ mixed >>> 33) * 0xC4CEB9FE1A85EC53L;
        return new Noise(new SplittableRandom(mixed ^ mixed >>> 33));
    }

    /** Uniform in [0, 1). */
    double uniform() {
        return (random.nextLong() >>> 11) * 0x1.0p-53;
    }

    double uniform(double from, double to) {
        return from + (to - from) * uniform();
    }

    int below(int bound) {
        return (int) (uniform() * bound);
    }

    boolean chance(double probability) {
        return uniform() < probability;
    }

    double normal(double mean, double sd) {
        double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - uniform()));
        return mean + sd * radius * StrictMath.cos(2 * StrictMath.PI * uniform());
    }

    /** Log-normal with median 1. */
    double spread(double sd) {
        return StrictMath.exp(normal(0, sd));
    }

    double exponential(double mean) {
        return -mean * StrictMath.log(1 - uniform());
    }
}
