package io.glucogrid.loaders;

import io.glucogrid.grid.Buckets;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.SegmentInfo;
import io.glucogrid.store.Suppressions;
import io.glucogrid.store.TableSchema;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Finds what is worth merging: fresh segments once there are enough of them, the smaller runs of each bucket, and every segment
 * with rows of forgotten entities. What a receipt already replaces and what is damaged is left alone. Segments never change, so
 * what was found out about one is not found out again. Not thread-safe.
 */
final class CompactionChooser {
    /** Fresh segments merged at once; each holds a decoded page and an open file. */
    private static final int MOST_FRESH = 256;

    /** A run joins a merge whose other inputs are not much smaller: each row is rewritten a logarithmic number of times. */
    private static final int SIZE_RATIO = 4;

    /** About a page of rows. Whatever is smaller is rewritten with all that comes, so what is called small has to be so. */
    private static final long SMALL_RUN_BYTES = 16L << 10;

    private final TierStorage storage;
    private final CompactionPolicy policy;
    private final Quarantine quarantine;
    private final Map<String, SuppressedRows.Searched> searched = new HashMap<>();
    private final Map<String, Map<String, Long>> whole = new HashMap<>();

    CompactionChooser(TierStorage storage, CompactionPolicy policy, Quarantine quarantine) {
        this.storage = storage;
        this.policy = policy;
        this.quarantine = quarantine;
    }

    /** {@link java.nio.file.NoSuchFileException} where a segment goes meanwhile: what has its rows now may not have been looked at. */
    CompactionChoice choose(String table) throws IOException {
        List<Receipt> receipts = Receipt.of(storage, table);
        Map<String, TierStorage.TierFile> sound = sound(table);
        sound.keySet().removeAll(Receipt.replaced(receipts, sound.keySet()));
        List<TierStorage.TierFile> fresh = new ArrayList<>();
        List<List<TierStorage.TierFile>> runs = new ArrayList<>();
        IntStream.range(0, Buckets.COUNT).forEach(bucket -> runs.add(new ArrayList<>()));
        for (TierStorage.TierFile file : sound.values()) {
            int bucket = SegmentName.bucket(file.path());
            (bucket == SegmentName.NO_BUCKET ? fresh : runs.get(bucket)).add(file);
        }
        Suppressions suppressions = SuppressionList.read(new MetaDocuments(storage));
        Set<String> forgotten = withForgottenRows(table, suppressions, fresh, runs);
        boolean crowded = runs.stream().anyMatch(files -> files.size() >= policy.runsOfABucket());
        boolean due = crowded || fresh.size() >= policy.freshSegments();
        List<TierStorage.TierFile> chosen = List.of();
        if (due || fresh.stream().anyMatch(file -> forgotten.contains(file.path()))) {
            fresh.sort(Comparator.comparing((TierStorage.TierFile file) -> !forgotten.contains(file.path()))
                    .thenComparing(TierStorage.TierFile::path));
            chosen = List.copyOf(fresh.subList(0, Math.min(MOST_FRESH, fresh.size())));
        }
        long share = chosen.stream().mapToLong(TierStorage.TierFile::bytes).sum() / Buckets.COUNT;
        List<List<TierStorage.TierFile>> chosenRuns = new ArrayList<>();
        for (List<TierStorage.TierFile> files : runs) {
            Set<TierStorage.TierFile> some = new LinkedHashSet<>();
            if (due || !chosen.isEmpty()) {
                some.addAll(tier(files, share));
            }
            files.stream().filter(file -> forgotten.contains(file.path())).forEach(some::add);
            chosenRuns.add(List.copyOf(some));
        }
        return new CompactionChoice(table, chosen, chosenRuns, suppressions, forgotten);
    }

    /** Whole segments of the table, by path. */
    private Map<String, TierStorage.TierFile> sound(String table) throws IOException {
        Map<String, Long> before = whole.getOrDefault(table, Map.of());
        Map<String, Long> now = new HashMap<>();
        Map<String, TierStorage.TierFile> sound = new HashMap<>();
        for (TierStorage.TierFile file : storage.list(table)) {
            if (SegmentName.isSegment(file.path())) {
                Long bytes = before.get(file.path());
                boolean known = bytes != null && bytes == file.bytes() && !quarantine.holds(file);
                if (known || !isDamaged(file)) {
                    now.put(file.path(), file.bytes());
                    sound.put(file.path(), file);
                }
            }
        }
        whole.put(table, now);
        return sound;
    }

    /** Segments that have rows of forgotten entities, whatever else would be compacted. */
    private Set<String> withForgottenRows(
            String table,
            Suppressions suppressions,
            List<TierStorage.TierFile> fresh,
            List<List<TierStorage.TierFile>> runs)
            throws IOException {
        List<TierStorage.TierFile> files = new ArrayList<>(fresh);
        runs.forEach(files::addAll);
        SuppressedRows.Searched ofTable = searched.computeIfAbsent(table, first -> new SuppressedRows.Searched());
        ofTable.keepOnly(files.stream().map(TierStorage.TierFile::path).toList());
        Set<String> found = new HashSet<>();
        for (TierStorage.TierFile file : files) {
            if (ofTable.isClean(file.path(), suppressions)) {
                continue;
            }
            TableSchema schema = schema(table, List.of(file));
            Segment segment = segment(schema, file);
            try {
                if (new SuppressedRows(schema, suppressions).isIn(segment)) {
                    found.add(file.path());
                } else {
                    ofTable.clean(file.path(), suppressions);
                }
            } finally {
                segment.retire();
            }
        }
        return found;
    }

    private boolean isDamaged(TierStorage.TierFile file) throws IOException {
        if (quarantine.holds(file)) {
            return true;
        }
        String problem = FileCheck.problem(storage, file);
        if (problem != null) { // a passing failure must not leave a sound file out
            problem = FileCheck.problem(storage, file);
        }
        if (problem != null) {
            quarantine.mark(file.path(), file.bytes(), problem);
        }
        return problem != null;
    }

    private List<TierStorage.TierFile> tier(List<TierStorage.TierFile> runs, long freshBytes) {
        List<TierStorage.TierFile> bySize = new ArrayList<>(runs);
        bySize.sort(Comparator.comparingLong(TierStorage.TierFile::bytes));
        List<TierStorage.TierFile> chosen = new ArrayList<>();
        long bytes = freshBytes;
        if (runs.size() >= policy.runsOfABucket()) { // too many: the smallest starts a merge of its own
            bytes = Math.max(bytes, bySize.get(0).bytes());
        }
        for (TierStorage.TierFile run : bySize) {
            if (policy.sizeTiered() && run.bytes() > Math.max(SMALL_RUN_BYTES, SIZE_RATIO * bytes)) {
                break;
            }
            chosen.add(run);
            bytes += run.bytes();
        }
        return chosen;
    }

    /** All columns that some of the files have. DAMAGED_DATA where one is no segment; it is left out from then on. */
    TableSchema schema(String table, List<TierStorage.TierFile> files) throws IOException {
        @Nullable TableSchema schema = null;
        for (TierStorage.TierFile file : files) {
            SecondLook.Reading<TableSchema> reading = () -> schema(table, file);
            TableSchema found = SecondLook.twice(file.path(), reading, reading, damage -> {
                quarantine.isolate(file.path(), file.bytes(), damage.reason());
                return damage;
            });
            schema = schema == null ? found : SegmentSchema.union(schema, found);
        }
        if (schema == null) {
            throw new IOException("no segments of table '" + table + "'");
        }
        return schema;
    }

    private TableSchema schema(String table, TierStorage.TierFile file) throws IOException {
        try (ParquetColumns columns = ParquetColumns.open(file.path(), storage.input(file.path()))) {
            return SegmentSchema.table(table, columns.schema());
        } catch (GridException misfit) {
            StorageException.rethrow(misfit);
            throw misfit.code() == ErrorCode.DAMAGED_DATA ? misfit : ParquetColumns.damaged(file.path(), misfit);
        }
    }

    Segment segment(TableSchema schema, TierStorage.TierFile file) {
        return segment(schema, new SegmentInfo(schema.name(), file.path(), 0, file.bytes()));
    }

    Segment segment(TableSchema schema, SegmentInfo info) {
        return new Segment(storage, new PageCache(0), quarantine, schema, info);
    }
}
