package io.glucogrid.loaders;

import io.glucogrid.grid.Buckets;
import io.glucogrid.store.SegmentInfo;
import io.glucogrid.store.TableSchema;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
    private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);
    private static final int TAIL_BYTES = Integer.BYTES + 4;

    private final TierStorage storage;
    private final PageCache cache;
    private final TableSchema schema;
    private final SegmentBoard board;
    private final Map<String, Segment> byPath = new HashMap<>();
    private final Set<String> damaged = new HashSet<>();
    private final Set<String> missing = new HashSet<>();
    private volatile Snapshot snapshot = Snapshot.of(List.of());
    private volatile @Nullable Seen seen;

    SegmentCatalog(TierStorage storage, PageCache cache, TableSchema schema, SegmentBoard board) {
        this.storage = storage;
        this.cache = cache;
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

    private synchronized Snapshot catchUp(long topology, @Nullable String token, boolean mayWait) throws IOException {
        Seen last = seen;
        if (last == null
                || last.topology != topology
                || !SegmentBoard.generation(last.token).equals(SegmentBoard.generation(token))) {
            list();
        }
        List<SegmentInfo> fresh = new ArrayList<>();
        board.announced(schema.name(), mayWait, segment -> {
            if (!byPath.containsKey(segment.path())) {
                fresh.add(segment);
            }
        });
        boolean changed = false;
        for (SegmentInfo segment : fresh) {
            changed |= isThere(segment) && byPath.putIfAbsent(segment.path(), segment(segment)) == null;
        }
        if (changed) {
            publish();
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
        return new Segment(storage, cache, schema, info);
    }

    /** Spares a look at the board after this node's own announcement, if nobody else made one in between. */
    synchronized void announced(SegmentBoard.Change change) {
        Seen last = seen;
        if (last != null && Objects.equals(last.token, change.before())) {
            seen = new Seen(change.after(), last.topology);
        }
    }

    /** Segments that were found damaged when they were listed, and are left out. */
    synchronized int damaged() {
        return damaged.size();
    }

    private void list() throws IOException {
        Map<String, TierStorage.TierFile> found = new HashMap<>();
        for (TierStorage.TierFile file : storage.list(schema.name())) {
            if (SegmentName.isSegment(file.path())) {
                found.put(file.path(), file);
            }
        }
        List<Segment> gone = new ArrayList<>();
        byPath.values().removeIf(segment -> !found.containsKey(segment.path()) && gone.add(segment));
        for (TierStorage.TierFile file : found.values()) {
            if (!byPath.containsKey(file.path()) && !damaged.contains(file.path()) && isWhole(file)) {
                // rows are known once it is opened
                SegmentInfo info = new SegmentInfo(schema.name(), file.path(), 0, file.bytes());
                byPath.put(file.path(), segment(info));
            }
        }
        publish();
        for (Segment segment : gone) {
            segment.retire();
        }
    }

    /** Reports a file that was cut short, once; the others stay readable. */
    private boolean isWhole(TierStorage.TierFile file) throws IOException {
        String problem;
        try {
            problem = problem(file);
        } catch (NoSuchFileException gone) {
            return false;
        }
        if (problem != null) {
            damaged.add(file.path());
            LOG.error(
                    "segment skipped: table={} file={} bytes={} reason={}",
                    schema.name(),
                    file.path(),
                    file.bytes(),
                    problem);
        }
        return problem == null;
    }

    private @Nullable String problem(TierStorage.TierFile file) throws IOException {
        if (file.bytes() < MAGIC.length + TAIL_BYTES) {
            return "too short for a Parquet file";
        }
        byte[] tail = new byte[TAIL_BYTES];
        try (SeekableInputStream in = storage.input(file.path()).newStream()) {
            in.seek(file.bytes() - TAIL_BYTES);
            in.readFully(tail);
        }
        for (int i = 0; i < MAGIC.length; i++) {
            if (tail[Integer.BYTES + i] != MAGIC[i]) {
                return "no Parquet footer at its end";
            }
        }
        return null;
    }

    /** An announced file that is not there was removed since, and its removal will be told by a later token. */
    private boolean isThere(SegmentInfo segment) throws IOException {
        try (SeekableInputStream in = storage.input(segment.path()).newStream()) {
            return in.getPos() == 0;
        } catch (NoSuchFileException gone) {
            if (missing.add(segment.path())) {
                LOG.error("announced segment is not in the tier: table={} file={}", schema.name(), segment.path());
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
