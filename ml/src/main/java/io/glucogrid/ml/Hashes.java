package io.glucogrid.ml;

/** Hashes of 64 bits. */
final class Hashes {
    private Hashes() {}

    /** Stafford's variant 13 of the 64-bit finaliser of MurmurHash3. */
    static long mixed(long value) {
        long z = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
