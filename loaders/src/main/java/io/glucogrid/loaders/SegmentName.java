package io.glucogrid.loaders;

import io.glucogrid.grid.Buckets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names of segments below the tier's root.
 *
 * <p>Parquet has checksums for pages, but none for page headers, column indexes and the footer; a flipped bit there can hide
 * rows without any error. So the last 32 bits of the UUID in a segment's name are the CRC-32C of the whole file (a UUID of
 * version 8, whose content RFC 9562 leaves to its maker). Readers check it once before they believe a footer. A name with a
 * UUID of another version has no checksum.
 */
final class SegmentName {
    static final String SUFFIX = ".parquet";
    static final String FRESH_FOLDER = "l0";
    static final int NO_BUCKET = -1;

    private static final Pattern RUN = Pattern.compile("[^/]+/bucket=(\\d\\d)/[^/]+");
    private static final Pattern FRESH = Pattern.compile("[^/]+/l0/\\d{8}/[^/]+");
    private static final Pattern CHECKED = Pattern.compile(
            ".*/[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{4}([0-9a-f]{8})\\.parquet");
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("yyyyMMdd", Locale.ROOT);

    private SegmentName() {}

    static String freshFolder(String table, Instant now) {
        return table + "/" + FRESH_FOLDER + "/" + DAY.format(now.atOffset(ZoneOffset.UTC));
    }

    static String bucketFolder(String table, int bucket) {
        return String.format(Locale.ROOT, "%s/bucket=%02d", table, bucket);
    }

    static String unique(String folder, int checksum) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        long high = (random.nextLong() & ~0xF000L) | 0x8000L;
        long low = (random.nextLong() & 0x3FFF_FFFF_0000_0000L)
                | 0x8000_0000_0000_0000L
                | Integer.toUnsignedLong(checksum);
        return folder + "/" + new UUID(high, low) + SUFFIX;
    }

    /** Whether a file of the tier is a segment of the table: a finished one, in one of the table's folders. */
    static boolean isSegment(String path) {
        return path.endsWith(SUFFIX)
                && !path.substring(path.lastIndexOf('/') + 1).startsWith(".")
                && (FRESH.matcher(path).matches() || isRun(path));
    }

    /** Whether a file is one that its writer has not finished, or never will. */
    static boolean isUnfinished(String path) {
        return path.endsWith(LocalTier.IN_PROGRESS);
    }

    private static boolean isRun(String path) {
        int bucket = bucket(path);
        return bucket >= 0 && bucket < Buckets.COUNT;
    }

    /** The bucket of a sorted run; {@link #NO_BUCKET} for a fresh segment, which may have rows of all buckets. */
    static int bucket(String path) {
        Matcher run = RUN.matcher(path);
        return run.matches() ? Integer.parseInt(run.group(1)) : NO_BUCKET;
    }

    /** CRC-32C that the file must have. */
    static OptionalInt checksum(String path) {
        Matcher named = CHECKED.matcher(path);
        return named.matches() ? OptionalInt.of(Integer.parseUnsignedInt(named.group(1), 16)) : OptionalInt.empty();
    }
}
