package io.glucogrid.importers;

import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What became of the rows of a file: each is kept, repaired or dropped, for one reason. */
final class CleaningReport {
    private final Map<Finding, Long> counts = new EnumMap<>(Finding.class);
    private final Map<Finding, Long> strayRepairs = new EnumMap<>(Finding.class);
    private final Set<List<Long>> strayRows = new HashSet<>();
    private long read;
    private long kept;

    void kept() {
        read++;
        kept++;
    }

    void found(Finding finding) {
        read++;
        counts.merge(finding, 1L, Long::sum);
    }

    /**
     * A stray row.
     *
     * @param repair what would have been repaired, had it stayed
     * @param row its values, of which exact duplicates are counted
     */
    void stray(@Nullable Finding repair, List<Long> row) {
        found(Finding.STRAY);
        if (repair != null) {
            strayRepairs.merge(repair, 1L, Long::sum);
        }
        if (!strayRows.add(row)) {
            strayRepairs.merge(Finding.DUPLICATE, 1L, Long::sum);
        }
    }

    /** What else was wrong with stray rows, by reason; a row may have several. */
    Map<Finding, Long> strayDetails() {
        return Collections.unmodifiableMap(strayRepairs);
    }

    /** A row counted before, with its repair if it had one, turned out to be twice in the file. */
    void duplicate(@Nullable Finding repair) {
        if (repair == null) {
            kept--;
        } else {
            counts.merge(repair, -1L, Long::sum);
        }
        counts.merge(Finding.DUPLICATE, 1L, Long::sum);
    }

    long read() {
        return read;
    }

    /** Rows kept as they were. */
    long untouched() {
        return kept;
    }

    long repaired() {
        return total(false);
    }

    long dropped() {
        return total(true);
    }

    private long total(boolean drops) {
        return counts.entrySet().stream()
                .filter(entry -> entry.getKey().drops() == drops)
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    long count(Finding finding) {
        return counts.getOrDefault(finding, 0L);
    }

    /** Counts by reason, those that occurred. */
    Map<String, Long> reasons() {
        Map<String, Long> reasons = new LinkedHashMap<>();
        counts.forEach((finding, count) -> {
            if (count > 0) {
                reasons.put(finding.name().toLowerCase(Locale.ROOT), count);
            }
        });
        return reasons;
    }

    /** {@link #strayDetails} by name. */
    Map<String, Long> strayReasons() {
        Map<String, Long> reasons = new LinkedHashMap<>();
        strayRepairs.forEach((finding, count) -> reasons.put(finding.name().toLowerCase(Locale.ROOT), count));
        return reasons;
    }
}
