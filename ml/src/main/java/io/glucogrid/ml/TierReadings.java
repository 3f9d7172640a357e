package io.glucogrid.ml;

import io.glucogrid.cgm.Cgm;
import io.glucogrid.grid.Buckets;
import io.glucogrid.grid.LocalService;
import io.glucogrid.store.OfflineStore;
import io.glucogrid.store.TableSchema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.ignite.Ignite;

/** Reads the subjects of some buckets out of the tier, a part of the buckets at a time. */
final class TierReadings {
    /** Fresh segments hold rows of all buckets, and each part reads them again. */
    private static final int BUCKETS_OF_A_PART = 16;

    private TierReadings() {}

    /** Takes the subjects of one bucket, by rising id. */
    @FunctionalInterface
    interface Sink {
        void accept(int bucket, SortedMap<Long, SubjectReadings> subjects);
    }

    /** Hands over the buckets in rising order, those without a reading too. */
    static void forEach(Ignite ignite, int[] buckets, Deadline deadline, Sink sink) {
        OfflineStore store = new LocalService<>(ignite, OfflineStore.NAME, OfflineStore.class).get();
        TableSchema table = ReadingsTable.of(ignite);
        int glucose = table.valueIndex(Cgm.GLUCOSE);
        int[] sorted = buckets.clone();
        Arrays.sort(sorted);
        for (int from = 0; from < sorted.length; from += BUCKETS_OF_A_PART) {
            int to = Math.min(sorted.length, from + BUCKETS_OF_A_PART);
            BitSet part = new BitSet(Buckets.COUNT);
            List<SortedMap<Long, SubjectReadings>> found = new ArrayList<>(Buckets.COUNT);
            for (int bucket = 0; bucket < Buckets.COUNT; bucket++) {
                found.add(new TreeMap<>());
            }
            for (int i = from; i < to; i++) {
                part.set(sorted[i]);
            }
            store.scan(table, part::get, row -> {
                deadline.millisLeft("reading the tier");
                if (row.joinKeys()[0] instanceof Long subject) {
                    found.get(Buckets.of(subject.longValue()))
                            .computeIfAbsent(subject, first -> new SubjectReadings())
                            .add(row, glucose);
                }
            });
            for (int i = from; i < to; i++) {
                sink.accept(sorted[i], found.get(sorted[i]));
            }
        }
    }
}
