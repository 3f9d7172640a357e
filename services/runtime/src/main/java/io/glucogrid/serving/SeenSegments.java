package io.glucogrid.serving;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;

/**
 * Segments whose rows somebody knows, as 64-bit digests of their paths. A segment never changes and its path is never used
 * again, so this says what is known whatever any clock says. A class, not a record: it travels in a job.
 */
final class SeenSegments {
    static final SeenSegments NONE = new SeenSegments(new long[0]);

    private final long[] digests;

    private SeenSegments(long[] digests) {
        this.digests = digests;
    }

    static SeenSegments of(Collection<String> paths) {
        return new SeenSegments(
                paths.stream().mapToLong(SeenSegments::digest).sorted().toArray());
    }

    /** What {@link #texts} gave. */
    static SeenSegments ofTexts(Collection<String> texts) {
        return new SeenSegments(texts.stream()
                .mapToLong(HexFormat::fromHexDigitsToLong)
                .sorted()
                .toArray());
    }

    boolean contains(String path) {
        return Arrays.binarySearch(digests, digest(path)) >= 0;
    }

    /** Whether all of {@code others} are among these. */
    boolean containsAll(SeenSegments others) {
        return Arrays.stream(others.digests).allMatch(digest -> Arrays.binarySearch(digests, digest) >= 0);
    }

    /** One text for each segment, in order. */
    List<String> texts() {
        return Arrays.stream(digests)
                .mapToObj(digest -> HexFormat.of().toHexDigits(digest))
                .toList();
    }

    private static long digest(String path) {
        return UUID.nameUUIDFromBytes(path.getBytes(StandardCharsets.UTF_8)).getMostSignificantBits();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SeenSegments seen && Arrays.equals(digests, seen.digests);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(digests);
    }

    @Override
    public String toString() {
        return digests.length + " segments";
    }
}
