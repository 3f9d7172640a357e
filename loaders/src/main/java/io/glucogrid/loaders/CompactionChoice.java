package io.glucogrid.loaders;

import io.glucogrid.store.Suppressions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Segments to merge.
 *
 * @param suppressions rows that are left out
 * @param forgotten those of the segments that have such rows, and are written anew for that alone
 */
record CompactionChoice(
        String table,
        List<TierStorage.TierFile> fresh,
        List<List<TierStorage.TierFile>> runs,
        Suppressions suppressions,
        Set<String> forgotten) {
    /** Nothing fresh and nowhere two runs: merging would only copy. */
    boolean isEmpty() {
        return fresh.isEmpty() && forgotten.isEmpty() && runs.stream().allMatch(files -> files.size() < 2);
    }

    boolean rewrites(String path) {
        return forgotten.contains(path);
    }

    List<TierStorage.TierFile> files() {
        List<TierStorage.TierFile> files = new ArrayList<>(fresh);
        for (List<TierStorage.TierFile> bucket : runs) {
            if (!fresh.isEmpty()
                    || bucket.size() > 1
                    || (bucket.size() == 1 && rewrites(bucket.get(0).path()))) {
                files.addAll(bucket);
            }
        }
        return files;
    }

    SegmentCatalog.Snapshot open(Function<TierStorage.TierFile, Segment> opener) {
        return SegmentCatalog.Snapshot.of(files().stream().map(opener).toList());
    }
}
