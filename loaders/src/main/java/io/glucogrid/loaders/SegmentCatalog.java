package io.glucogrid.loaders;

import io.glucogrid.grid.Buckets;
import io.glucogrid.store.SegmentInfo;
import io.glucogrid.store.TableSchema;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.parquet.io.SeekableInputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The segments of one table that this node knows.
 *
 * <p>What is in the tier's folders is what there is. Listing them is slow, so it happens only at the start, when nodes joined
 * or left, when a file turns out to be gone, and when the board's generation changes. In between, each read compares the
 * table's token on the board with the last one seen and takes new names from there: the name of an acknowledged segment is
 * always on the board before its token. Thread-safe.
 */
final class SegmentCatalog {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentCatalog.class);

    private final TierStorage storage;
    private final PageCache cache;
    private final Quarantine quarantine;
    private final TableSchema schema;
    private final SegmentBoard board;
    private final Map<String, Segment> byPath = new HashMap<>();
    private final Set<String> missing = new HashSet<>();

    /** Segments whose rows a compaction has put elsewhere; they stay for a while for readers that hold an older listing. */
    private final Set<String> replaced = new HashSet<>();

    private volatile Snapshot snapshot = Snapshot.of(List.of());
    private volatile @Nullable Seen seen;

    SegmentCatalog(
            TierStorage storage, PageCache cache, Quarantine quarantine, TableSchema schema, SegmentBoard board) {
        this.storage = storage;
        this.cache = cache;
        this.quarantine = quarantine;
        this.schema = schema;
        this.board = board;
    }

    /** All segments that were acknowledged before this call. */
    Snapshot current(boolean mayWait) throws IOException {
        long topology = board.topology();
        String token = board.token(schema.name(), mayWait);
        Seen last = seen;
        if (last != null && last.topology == topology && (token == null || token.equals(last.token))) {
            return snapshot;
        }
        return catchUp(topology, token, mayWait);
    }

    /** The board is asked first: whoever holds the monitor must not wait for the grid, for writers add segments under it. */
    private Snapshot catchUp(long topology, @Nullable String token, boolean mayWait) throws IOException {
        List<SegmentInfo> announced = new ArrayList<>();
        board.announced(schema.name(), mayWait, announced::add);
        return catchUp(topology, token, announced);
    }

    private synchronized Snapshot catchUp(long topology, @Nullable String token, List<SegmentInfo> announced)
            throws IOException {
        Seen last = seen;
        if (last == null
                || last.topology != topology
                || !SegmentBoard.generation(last.token).equals(SegmentBoard.generation(token))) {
            list();
        }
        boolean changed = false;
        try {
            for (SegmentInfo segment : announced) {
                changed |= !byPath.containsKey(segment.path())
                        && !replaced.contains(segment.path())
                        && !quarantine.holds(segment.path())
                        && isThere(segment)
                        && byPath.putIfAbsent(segment.path(), segment(segment)) == null;
            }
        } finally { // a storage that goes in between must not hide those that were found
            if (changed) {
                publish();
            }
        }
        seen = new Seen(token, topology);
        return snapshot;
    }

    /** What is known without looking anywhere. */
    Snapshot known() {
        return snapshot;
    }

    /** Looks into the tier's folders. */
    synchronized Snapshot relist() throws IOException {
        list();
        return snapshot;
    }

    /** Adds a segment that this node has just written. */
    synchronized void add(Segment segment) {
        byPath.put(segment.path(), segment);
        publish();
    }

    Segment segment(SegmentInfo info) {
        return new Segment(storage, cache, quarantine, schema, info);
    }

    /** Spares a look at the board after this node's own announcement, if nobody else made one in between. */
    synchronized void announced(SegmentBoard.Change change) {
        Seen last = seen;
        if (last != null && Objects.equals(last.token, change.before())) {
            seen = new Seen(change.after(), last.topology);
        }
    }

    /** Leaves out what is in quarantine by now; what it had replaced, if that is still there, is back. */
    synchronized void leaveOutDamaged() throws IOException {
        List<Segment> damaged = new ArrayList<>();
        byPath.values().removeIf(segment -> quarantine.holds(segment.path()) && damaged.add(segment));
        list();
        for (Segment segment : damaged) {
            segment.retire();
        }
    }

    /**
     * Fresh segments are looked for first: a compaction moves their rows to runs, never back, so a listing that no longer has
     * a fresh segment has the run that took its place.
     */
    private void list() throws IOException {
        Map<String, TierStorage.TierFile> found = new HashMap<>();
        for (String folder : List.of(schema.name() + "/" + SegmentName.FRESH_FOLDER, schema.name())) {
            for (TierStorage.TierFile file : storage.list(folder)) {
                if (SegmentName.isSegment(file.path())) {
                    found.put(file.path(), file);
                }
            }
        }
        quarantine.forgetAllBut(schema.name(), found);
        for (TierStorage.TierFile file : List.copyOf(found.values())) {
            if (!byPath.containsKey(file.path()) && (quarantine.holds(file) || !isWhole(file))) {
                found.remove(file.path());
            }
        }
        Set<String> replacedNow = Receipt.replaced(Receipt.of(storage, schema.name()), found.keySet());
        replaced.clear();
        replaced.addAll(replacedNow);
        found.keySet().removeAll(replaced);
        List<Segment> gone = new ArrayList<>();
        byPath.values().removeIf(segment -> !found.containsKey(segment.path()) && gone.add(segment));
        for (TierStorage.TierFile file : found.values()) {
            // rows are known once it is opened
            byPath.computeIfAbsent(file.path(), path -> segment(new SegmentInfo(schema.name(), path, 0, file.bytes())));
        }
        publish();
        for (Segment segment : gone) {
            segment.retire();
        }
    }

    /** Marks a file that was cut short; the others stay readable. */
    private boolean isWhole(TierStorage.TierFile file) throws IOException {
        String problem;
        try {
            problem = FileCheck.problem(storage, file);
        } catch (NoSuchFileException gone) {
            return false;
        }
        if (problem != null) {
            quarantine.mark(file.path(), file.bytes(), problem);
        }
        return problem == null;
    }

    /** An announced file that is not there was removed since, and its removal will be told by a later token. */
    private boolean isThere(SegmentInfo segment) throws IOException {
        if (missing.contains(segment.path())) {
            return false;
        }
        try (SeekableInputStream in = storage.input(segment.path()).newStream()) {
            return in.getPos() == 0;
        } catch (NoSuchFileException gone) {
            if (missing.add(segment.path())) {
                LOG.warn(
                        "announced segment is not in the tier any more: table={} file={}",
                        schema.name(),
                        segment.path());
            }
            return false;
        }
    }

    private void publish() {
        snapshot = Snapshot.of(byPath.values());
    }

    private record Seen(@Nullable String token, long topology) {}

    /** Segments at one moment: fresh ones, and sorted runs by bucket. */
    record Snapshot(Segment[] fresh, Segment[][] runs) {
        static Snapshot of(Collection<Segment> segments) {
            List<Segment> fresh = new ArrayList<>();
            List<List<Segment>> runs = new ArrayList<>();
            for (int bucket = 0; bucket < Buckets.COUNT; bucket++) {
                runs.add(new ArrayList<>());
            }
            for (Segment segment : segments) {
                (segment.bucket() == SegmentName.NO_BUCKET ? fresh : runs.get(segment.bucket())).add(segment);
            }
            return new Snapshot(
                    fresh.toArray(Segment[]::new),
                    runs.stream().map(run -> run.toArray(Segment[]::new)).toArray(Segment[][]::new));
        }

        List<Segment> all() {
            List<Segment> all = new ArrayList<>(List.of(fresh));
            for (Segment[] run : runs) {
                all.addAll(List.of(run));
            }
            return all;
        }
    }
}
