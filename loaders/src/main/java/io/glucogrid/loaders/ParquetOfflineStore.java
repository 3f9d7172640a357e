package io.glucogrid.loaders;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.AsOf;
import io.glucogrid.store.AsOfAnswers;
import io.glucogrid.store.AsOfBatch;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.MetaStore;
import io.glucogrid.store.OfflineStore;
import io.glucogrid.store.SegmentInfo;
import io.glucogrid.store.TableSchema;
import java.io.Closeable;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** The offline store over a tier and a board, without any grid of its own; tables open at first use. */
final class ParquetOfflineStore implements OfflineStore, Closeable {
    private static final long MOST_CACHED_BYTES = 128L << 20;
    private static final int CACHED_PART_OF_HEAP = 8;

    private final TierStorage storage;
    private final SegmentBoard board;
    private final InstantSource clock;
    private final SegmentWriter.CommitPolicy policy;
    private final PageCache cache;
    private final Quarantine quarantine;
    private final Announcer announcer;
    private final MetaDocuments meta;
    private final ConcurrentMap<TableSchema, HistoryTable> tables = new ConcurrentHashMap<>();
    private volatile boolean closed;

    ParquetOfflineStore(
            TierStorage storage, SegmentBoard board, InstantSource clock, SegmentWriter.CommitPolicy policy) {
        this.storage = storage;
        this.board = board;
        this.clock = clock;
        this.policy = policy;
        this.cache =
                new PageCache(Math.min(MOST_CACHED_BYTES, Runtime.getRuntime().maxMemory() / CACHED_PART_OF_HEAP));
        this.quarantine = new Quarantine(storage);
        this.announcer = new Announcer(board, policy.deadline());
        this.meta = new MetaDocuments(storage);
    }

    @Override
    public CompletableFuture<Void> append(TableSchema table, List<HistoryRow> rows) {
        return table(table).append(rows, true);
    }

    @Override
    public CompletableFuture<Void> appendLocally(TableSchema table, List<HistoryRow> rows) {
        return table(table).append(rows, false);
    }

    @Override
    public List<@Nullable HistoryRow> asOf(TableSchema table, List<AsOf> questions) {
        return table(table).asOf(questions, true);
    }

    /** As {@link #asOf}, for a thread that must not wait for the grid. */
    List<@Nullable HistoryRow> asOfLocally(TableSchema table, List<AsOf> questions) {
        return table(table).asOf(questions, false);
    }

    @Override
    public void join(TableSchema table, AsOfBatch questions, AsOfAnswers answers) {
        table(table).join(questions, answers);
    }

    @Override
    public List<List<HistoryRow>> ranges(TableSchema table, List<AsOf> questions) {
        return table(table).ranges(questions);
    }

    @Override
    public void scan(TableSchema table, IntPredicate buckets, Consumer<HistoryRow> rows) {
        table(table).scan(buckets, rows);
    }

    @Override
    public void latest(TableSchema table, IntPredicate buckets, Consumer<HistoryRow> rows) {
        table(table).latest(buckets, rows);
    }

    @Override
    public void changed(TableSchema table, IntPredicate buckets, long sinceMicros, Consumer<Object[]> entities) {
        table(table).changed(buckets, sinceMicros, entities);
    }

    /** On every node: the next read of each table there looks into the tier too. */
    @Override
    public void relist() {
        Set<String> names = new TreeSet<>();
        try {
            names.addAll(TierFolders.tables(storage));
        } catch (IOException failure) {
            throw new GridException(
                    ErrorCode.STORAGE_UNAVAILABLE,
                    "offline tier " + storage.root() + " cannot be listed: " + failure,
                    failure);
        }
        tables.keySet().forEach(table -> names.add(table.name()));
        names.forEach(board::invalidate);
        tables.values().forEach(HistoryTable::relist);
    }

    @Override
    public List<SegmentInfo> segments(TableSchema table) {
        return table(table).segments();
    }

    /** Names go first, then files, then every node looks into the tier. */
    @Override
    public void drop(TableSchema table) {
        try {
            List<SegmentInfo> announced = new ArrayList<>();
            board.announced(table.name(), true, announced::add);
            board.withdraw(announced);
            for (TierStorage.TierFile file : storage.list(table.name())) {
                storage.delete(file.path());
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

    @Override
    public List<String> problems() {
        try {
            return quarantine.lines();
        } catch (IOException failure) {
            return List.of("offline tier " + storage.root() + " cannot be listed: " + failure);
        }
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
        return new HistoryTable(schema, catalog, new SegmentWriter(storage, schema, catalog, announcer, clock, policy));
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
