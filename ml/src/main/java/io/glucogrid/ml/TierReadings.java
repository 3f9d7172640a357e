package io.glucogrid.ml;

import io.glucogrid.cgm.Cgm;
import io.glucogrid.grid.Buckets;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.grid.LocalService;
import io.glucogrid.store.OfflineStore;
import io.glucogrid.store.SegmentInfo;
import io.glucogrid.store.TableSchema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.ignite.Ignite;

/**
 * Reads the subjects of some buckets out of the tier, as many buckets at a time as a part of the heap has room for. Fresh segments
 * hold rows of all buckets, and each part reads them again.
 */
final class TierReadings {
    /** Event time, creation time and value, in arrays that double as they grow. */
    private static final long BYTES_OF_A_ROW = 40;

    /** Part of the heap that the readings of one part may fill by the segments' own numbers of rows. */
    private static final long SHARE_OF_HEAP = 8;

    /** A single bucket may take this many times as much, or it is refused. */
    private static final long MOST_FOR_ONE = 4;

    private static final Pattern BUCKET = Pattern.compile("(?:^|/)bucket=(\\d+)/");

    private TierReadings() {}

    /** Takes the subjects of one bucket, by rising id. */
    @FunctionalInterface
    interface Sink {
        void accept(int bucket, SortedMap<Long, SubjectReadings> subjects);
    }

    /**
     * Hands over the buckets in rising order, those without a reading too.
     *
     * @throws GridException TOO_LARGE where the heap has no room for a bucket, DEADLINE_EXCEEDED
     */
    static void forEach(Ignite ignite, int[] buckets, Deadline deadline, Sink sink) {
        OfflineStore store = new LocalService<>(ignite, OfflineStore.NAME, OfflineStore.class).get();
        TableSchema table = ReadingsTable.of(ignite);
        int glucose = table.valueIndex(Cgm.GLUCOSE);
        long room = Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP / BYTES_OF_A_ROW;
        for (int[] part : parts(buckets, rows(store.segments(table)), room)) {
            BitSet wanted = new BitSet(Buckets.COUNT);
            List<SortedMap<Long, SubjectReadings>> found = new ArrayList<>(Buckets.COUNT);
            for (int bucket = 0; bucket < Buckets.COUNT; bucket++) {
                found.add(new TreeMap<>());
            }
            for (int bucket : part) {
                wanted.set(bucket);
            }
            store.scan(table, wanted::get, row -> {
                deadline.millisLeft("reading the tier");
                if (row.joinKeys()[0] instanceof Long subject) {
                    found.get(Buckets.of(subject.longValue()))
                            .computeIfAbsent(subject, first -> new SubjectReadings())
                            .add(row, glucose);
                }
            });
            for (int bucket : part) {
                sink.accept(bucket, found.get(bucket));
            }
        }
    }

    /** About how many rows each bucket has: exactly those of its own segments, and a like share of those of all buckets. */
    static long[] rows(List<SegmentInfo> segments) {
        long[] rows = new long[Buckets.COUNT];
        long shared = 0;
        for (SegmentInfo segment : segments) {
            Matcher bucket = BUCKET.matcher(segment.path());
            int number = bucket.find() ? Integer.parseInt(bucket.group(1)) : Buckets.COUNT;
            if (number < Buckets.COUNT) {
                rows[number] += segment.rows();
            } else {
                shared += segment.rows();
            }
        }
        for (int bucket = 0; bucket < rows.length; bucket++) {
            rows[bucket] += shared / rows.length;
        }
        return rows;
    }

    /**
     * The buckets in rising order, in parts of at most {@code room} rows, or of one bucket.
     *
     * @throws GridException TOO_LARGE where one has far more
     */
    static List<int[]> parts(int[] buckets, long[] rows, long room) {
        int[] sorted = buckets.clone();
        Arrays.sort(sorted);
        List<int[]> parts = new ArrayList<>();
        int from = 0;
        long taken = 0;
        for (int i = 0; i < sorted.length; i++) {
            long more = rows[sorted[i]];
            if (more > MOST_FOR_ONE * room) {
                throw new GridException(
                        ErrorCode.TOO_LARGE,
                        "bucket " + sorted[i] + " has about " + more + " readings, and this node's heap has room for "
                                + MOST_FOR_ONE * room);
            }
            if (i > from && taken + more > room) {
                parts.add(Arrays.copyOfRange(sorted, from, i));
                from = i;
                taken = 0;
            }
            taken += more;
        }
        if (from < sorted.length) {
            parts.add(Arrays.copyOfRange(sorted, from, sorted.length));
        }
        return parts;
    }
}
