package io.glucogrid.loaders;

import io.glucogrid.feature.Field;
import io.glucogrid.grid.Buckets;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.AsOf;
import io.glucogrid.store.AsOfAnswers;
import io.glucogrid.store.AsOfBatch;
import io.glucogrid.store.ForgottenEntity;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.MetaStore;
import io.glucogrid.store.OfflineStore;
import io.glucogrid.store.SegmentInfo;
import io.glucogrid.store.Suppressions;
import io.glucogrid.store.TableSchema;
import java.io.Closeable;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The offline store over a tier and a board, without any grid of its own; tables open at first use. */
final class ParquetOfflineStore implements OfflineStore, Closeable {
    private static final long MOST_CACHED_BYTES = 128L << 20;
    private static final int CACHED_PART_OF_HEAP = 8;

    /** A table that is dropped while others write to it is listed so often at most. */
    private static final int MOST_LISTINGS = 10;

    private final TierStorage storage;
    private final SegmentBoard board;
    private final InstantSource clock;
    private final SegmentWriter.CommitPolicy policy;
    private final PageCache cache;
    private final Quarantine quarantine;
    private final Announcer announcer;
    private final MetaDocuments meta;
    private final SuppressionList suppressions;
    private final TierHealth health;
    private final long joinBytes;
    private final BiConsumer<ParquetOfflineStore, TableFigures> opened;
    private final ConcurrentMap<String, TableFigures> figures = new ConcurrentHashMap<>();
    private final ConcurrentMap<TableSchema, HistoryTable> tables = new ConcurrentHashMap<>();
    private volatile boolean closed;

    ParquetOfflineStore(
            TierStorage storage, SegmentBoard board, InstantSource clock, SegmentWriter.CommitPolicy policy) {
        this(storage, board, clock, policy, AsOfJoin.USUAL_BYTES, (store, figures) -> {});
    }

    /**
     * A store whose tables are counted.
     *
     * @param joinBytes what a join of many questions may take for decoded pages
     * @param opened is told of each table's figures when the first part of it opens
     */
    ParquetOfflineStore(
            TierStorage storage,
            SegmentBoard board,
            InstantSource clock,
            SegmentWriter.CommitPolicy policy,
            long joinBytes,
            BiConsumer<ParquetOfflineStore, TableFigures> opened) {
        this.storage = storage;
        this.board = board;
        this.clock = clock;
        this.policy = policy;
        this.cache =
                new PageCache(Math.min(MOST_CACHED_BYTES, Runtime.getRuntime().maxMemory() / CACHED_PART_OF_HEAP));
        this.quarantine = new Quarantine(storage);
        this.announcer = new Announcer(board, policy.deadline());
        this.meta = new MetaDocuments(storage);
        this.suppressions = new SuppressionList(meta, board);
        this.health = new TierHealth(storage);
        this.joinBytes = joinBytes;
        this.opened = opened;
    }

    @Override
    public CompletableFuture<Void> append(TableSchema table, List<HistoryRow> rows) {
        requireAllowed(table, rows);
        return table(table).append(rows, true);
    }

    @Override
    public CompletableFuture<Void> appendLocally(TableSchema table, List<HistoryRow> rows) {
        requireAllowed(table, rows);
        return table(table).append(rows, false);
    }

    /** A delete may come for any entity: it brings nothing back. */
    private void requireAllowed(TableSchema table, List<HistoryRow> rows) {
        Suppressions.Filter filter = suppressed(table);
        if (filter.isEmpty()) {
            return;
        }
        for (HistoryRow row : rows) {
            if (row.op() == HistoryRow.Op.UPSERT && filter.covers(row.joinKeys())) {
                throw new GridException(
                        ErrorCode.CONFLICT,
                        "table '" + table.name() + "' takes no rows of an entity that was forgotten");
            }
        }
    }

    private Suppressions.Filter suppressed(TableSchema table) {
        return suppressions.current().filter(table.joinKeys());
    }

    @Override
    public List<@Nullable HistoryRow> asOf(TableSchema table, List<AsOf> questions) {
        return asOf(table, questions, true);
    }

    /** As {@link #asOf}, for a thread that must not wait for the grid. */
    List<@Nullable HistoryRow> asOfLocally(TableSchema table, List<AsOf> questions) {
        return asOf(table, questions, false);
    }

    private List<@Nullable HistoryRow> asOf(TableSchema table, List<AsOf> questions, boolean mayWait) {
        Suppressions.Filter filter = suppressed(table);
        if (filter.isEmpty()) {
            return table(table).asOf(questions, mayWait);
        }
        List<AsOf> allowed = new ArrayList<>(); // those who are forgotten have long runs of deletes
        for (AsOf question : questions) {
            if (!filter.covers(question.joinKeys())) {
                allowed.add(question);
            }
        }
        Iterator<@Nullable HistoryRow> found =
                table(table).asOf(allowed, mayWait).iterator();
        List<@Nullable HistoryRow> answers = new ArrayList<>(questions.size());
        for (AsOf question : questions) {
            answers.add(filter.covers(question.joinKeys()) ? null : found.next());
        }
        return answers;
    }

    @Override
    public void join(TableSchema table, AsOfBatch questions, AsOfAnswers answers) {
        Suppressions.Filter filter = suppressed(table);
        if (filter.isEmpty()) {
            table(table).join(questions, answers);
            return;
        }
        table(table).join(questions, new AsOfAnswers() {
            @Override
            public void answer(int question, Found row) {
                if (!filter.covers(questions.joinKeys(question))) {
                    answers.answer(question, row);
                }
            }

            @Override
            public void requireTime() {
                answers.requireTime();
            }
        });
    }

    @Override
    public List<List<HistoryRow>> ranges(TableSchema table, List<AsOf> questions) {
        Suppressions.Filter filter = suppressed(table);
        List<List<HistoryRow>> answers = table(table).ranges(questions);
        if (filter.isEmpty()) {
            return answers;
        }
        List<List<HistoryRow>> allowed = new ArrayList<>(answers.size());
        for (int i = 0; i < answers.size(); i++) {
            allowed.add(filter.covers(questions.get(i).joinKeys()) ? List.of() : answers.get(i));
        }
        return allowed;
    }

    @Override
    public void scan(TableSchema table, IntPredicate buckets, Consumer<HistoryRow> rows) {
        table(table).scan(buckets, allowed(table, rows));
    }

    @Override
    public void latest(TableSchema table, IntPredicate buckets, Consumer<HistoryRow> rows) {
        table(table).latest(buckets, allowed(table, rows));
    }

    private Consumer<HistoryRow> allowed(TableSchema table, Consumer<HistoryRow> rows) {
        Suppressions.Filter filter = suppressed(table);
        if (filter.isEmpty()) {
            return rows;
        }
        return row -> {
            if (!filter.covers(row.joinKeys())) {
                rows.accept(row);
            }
        };
    }

    @Override
    public void changed(TableSchema table, IntPredicate buckets, Predicate<String> seen, Consumer<Object[]> entities) {
        Suppressions.Filter filter = suppressed(table);
        table(table).changed(buckets, seen, joinKeys -> {
            if (!filter.covers(joinKeys)) {
                entities.accept(joinKeys);
            }
        });
    }

    @Override
    public Suppressions suppressions() {
        return suppressions.current();
    }

    /** The list first: what is appended from then on is refused, so the deletes hide all there will ever be. */
    @Override
    public long forget(ForgottenEntity entity, List<TableSchema> schemas) {
        suppressions.add(entity);
        long hidden = 0;
        for (TableSchema schema : schemas) {
            Suppressions.Filter only = Suppressions.of(1, List.of(entity)).filter(schema.joinKeys());
            if (!only.isEmpty()) {
                HistoryTable table = table(schema);
                hidden += new Hiding(table, only, nowMicros(), policy.deadline()).run(buckets(schema, entity));
            }
        }
        return hidden;
    }

    private static IntPredicate buckets(TableSchema schema, ForgottenEntity entity) {
        Field first = schema.joinKeys().get(0);
        String text = entity.joinKeys().get(first.name());
        Object key = text == null ? null : SuppressedRows.parsed(first, text);
        if (key == null) {
            return bucket -> true;
        }
        int only = Buckets.of(key);
        return bucket -> bucket == only;
    }

    /** Deletes that are still in a segment would hide rows that are allowed again, so they go first. */
    @Override
    public boolean allow(Map<String, String> joinKeys) {
        if (!suppressions.current().contains(joinKeys)) {
            return false;
        }
        Compactor purge = new Compactor(
                storage,
                board,
                clock,
                CompactionPolicy.inNode(Integer.MAX_VALUE).in(policy.format()),
                new Pace(0),
                quarantine);
        try {
            for (String table : TierFolders.tables(storage)) {
                purge.compact(table);
            }
        } catch (IOException failure) {
            throw new GridException(
                    ErrorCode.STORAGE_UNAVAILABLE,
                    "rows of the forgotten entity cannot be taken out of " + storage.root() + ": " + failure,
                    failure);
        }
        suppressions.remove(joinKeys);
        return true;
    }

    /** On every node: the next read of each table there looks into the tier too. */
    @Override
    public void relist() {
        Set<String> names = new TreeSet<>();
        try {
            names.addAll(TierFolders.tables(storage));
            for (String name : names) {
                withdrawGone(name);
            }
        } catch (IOException failure) {
            throw new GridException(
                    ErrorCode.STORAGE_UNAVAILABLE,
                    "offline tier " + storage.root() + " cannot be listed: " + failure,
                    failure);
        }
        tables.keySet().forEach(table -> names.add(table.name()));
        names.forEach(board::invalidate);
        suppressions.invalidate();
        tables.values().forEach(HistoryTable::relist);
    }

    /** Whoever deletes files without the grid, as {@code glucogrid compact} does, leaves their names on the board. */
    private void withdrawGone(String table) throws IOException {
        Map<String, SegmentInfo> gone = new HashMap<>();
        board.announced(table, true, segment -> gone.put(segment.path(), segment)); // a file is there before its name
        if (!gone.isEmpty()) {
            storage.list(table).forEach(file -> gone.remove(file.path()));
            board.withdraw(gone.values());
        }
    }

    @Override
    public List<SegmentInfo> segments(TableSchema table) {
        return table(table).segments();
    }

    @Override
    public List<String> segmentPaths(TableSchema table) {
        return table(table).segmentPaths();
    }

    /**
     * Names go first, then files, then every node looks into the tier. Files are listed until there are none: what a compaction
     * publishes behind the last listing it takes back itself, as its inputs are gone.
     */
    @Override
    public void drop(TableSchema table) {
        try {
            storage.list(table.name()); // names stay where the files cannot be deleted now
            List<SegmentInfo> announced = new ArrayList<>();
            board.announced(table.name(), true, announced::add);
            board.withdraw(announced);
            List<TierStorage.TierFile> files = storage.list(table.name());
            for (int attempt = 0; attempt < MOST_LISTINGS && !files.isEmpty(); attempt++) {
                for (TierStorage.TierFile file : files) {
                    storage.delete(file.path());
                }
                files = storage.list(table.name());
            }
        } catch (IOException failure) {
            throw new GridException(
                    ErrorCode.STORAGE_UNAVAILABLE,
                    "table '" + table.name() + "' cannot be dropped: " + failure,
                    failure);
        }
        board.invalidate(table.name());
        tables.forEach((schema, open) -> {
            if (schema.name().equals(table.name())) {
                open.relist();
            }
        });
    }

    @Override
    public MetaStore meta() {
        return meta;
    }

    /** The store's time, microseconds since the epoch. */
    long nowMicros() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
    }

    /** Segments left out because this node found them damaged. */
    int damagedSegments() {
        return quarantine.marked();
    }

    /** Whether the last write came to its end, or the tier has been tried with success since. */
    boolean isWritable() {
        return health.isWritable();
    }

    /** Segments of a table that this node knows now, without looking anywhere. */
    Known known(String table) {
        Known most = new Known(0, 0, 0, 0);
        for (Map.Entry<TableSchema, HistoryTable> open : tables.entrySet()) { // one for each set of columns
            if (open.getKey().name().equals(table)) {
                Known each = Known.of(open.getValue().catalog().known());
                most = each.segments > most.segments ? each : most;
            }
        }
        return most;
    }

    /** Files that are left out because they are damaged, moved away or not, as far as this node knows without looking. */
    long quarantined() {
        return quarantine.known();
    }

    /** What is left out, for others in this node that read the same files. */
    Quarantine quarantine() {
        return quarantine;
    }

    /** @param rows of the segments that were written or opened here; the number of the others is not known */
    record Known(long segments, long fresh, long rows, long bytes) {
        private static Known of(SegmentCatalog.Snapshot snapshot) {
            long rows = 0;
            long bytes = 0;
            List<Segment> all = snapshot.all();
            for (Segment segment : all) {
                rows += segment.knownRows();
                bytes += segment.bytes();
            }
            return new Known(all.size(), snapshot.fresh().length, rows, bytes);
        }
    }

    /** Damaged files, after one line on the tier where it takes no writes. */
    @Override
    public List<String> problems() {
        List<String> problems = new ArrayList<>();
        String unwritable = health.problem();
        if (unwritable != null) {
            problems.add(unwritable);
        }
        try {
            problems.addAll(quarantine.lines());
        } catch (IOException failure) {
            problems.add("offline tier " + storage.root() + " cannot be listed: " + failure);
        }
        return problems;
    }

    private HistoryTable table(TableSchema schema) {
        HistoryTable open = tables.get(schema);
        return open != null ? open : tables.computeIfAbsent(schema, this::open);
    }

    private HistoryTable open(TableSchema schema) {
        if (closed) {
            throw new GridException(ErrorCode.NOT_READY, "the offline store is closed");
        }
        SegmentSchema.check(schema);
        SegmentCatalog catalog = new SegmentCatalog(storage, cache, quarantine, schema, board);
        TableFigures counted = figures.computeIfAbsent(schema.name(), name -> {
            TableFigures first = new TableFigures(name);
            opened.accept(this, first);
            return first;
        });
        return new HistoryTable(
                schema,
                catalog,
                new SegmentWriter(storage, schema, catalog, announcer, clock, policy, health, counted),
                joinBytes);
    }

    /** Writes and announces what waits, and closes all files. */
    @Override
    public void close() throws IOException {
        closed = true;
        tables.values().forEach(table -> table.writer().close());
        announcer.close();
        for (HistoryTable table : tables.values()) {
            table.close();
        }
    }
}
