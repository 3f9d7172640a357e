package io.glucogrid.node;

import io.glucogrid.grid.Buckets;
import io.glucogrid.store.AsOf;
import io.glucogrid.store.ForgottenEntity;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.MetaStore;
import io.glucogrid.store.OfflineStore;
import io.glucogrid.store.SegmentInfo;
import io.glucogrid.store.Suppressions;
import io.glucogrid.store.TableSchema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import org.apache.ignite.services.Service;

/** The offline port over a {@link MemoryTier}. */
public final class MemoryOfflineStore implements Service, OfflineStore {
    private static final long serialVersionUID = 1L;
    private static final Comparator<HistoryRow> LATEST = Comparator.comparingLong(
                    (HistoryRow row) -> row.row().eventMicros())
            .thenComparingLong(row -> row.row().createdMicros());

    private final String tier;

    public MemoryOfflineStore(String tier) {
        this.tier = tier;
    }

    private MemoryTier tier() {
        return MemoryTier.named(tier);
    }

    @Override
    public CompletableFuture<Void> append(TableSchema table, List<HistoryRow> rows) {
        tier().add(table, rows);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<Void> appendLocally(TableSchema table, List<HistoryRow> rows) {
        return append(table, rows);
    }

    @Override
    public List<HistoryRow> asOf(TableSchema table, List<AsOf> questions) {
        List<HistoryRow> answers = new ArrayList<>();
        for (AsOf question : questions) {
            answers.add(tier().rows(table).stream()
                    .filter(row -> Arrays.equals(row.joinKeys(), question.joinKeys())
                            && row.row().eventMicros() >= question.fromMicros()
                            && row.row().eventMicros() <= question.atMicros()
                            && row.row().createdMicros() <= question.knownMicros())
                    .max(LATEST)
                    .orElse(null));
        }
        return answers;
    }

    @Override
    public void scan(TableSchema table, IntPredicate buckets, Consumer<HistoryRow> rows) {
        tier().rows(table).stream()
                .filter(row -> buckets.test(Buckets.of(row.joinKeys()[0])))
                .forEach(rows);
    }

    @Override
    public void latest(TableSchema table, IntPredicate buckets, Consumer<HistoryRow> rows) {
        Map<List<Object>, HistoryRow> latest = new LinkedHashMap<>();
        scan(
                table,
                buckets,
                row -> latest.merge(Arrays.asList(row.joinKeys()), row, (a, b) -> LATEST.compare(a, b) > 0 ? a : b));
        tier().rowsAreRead();
        latest.values().forEach(rows);
    }

    @Override
    public void changed(TableSchema table, IntPredicate buckets, Predicate<String> seen, Consumer<Object[]> entities) {
        tier().rows(table, seen.negate()).stream()
                .filter(row -> buckets.test(Buckets.of(row.joinKeys()[0])))
                .forEach(row -> entities.accept(row.joinKeys()));
    }

    @Override
    public Suppressions suppressions() {
        return tier().suppressions();
    }

    @Override
    public long forget(ForgottenEntity entity, List<TableSchema> tables) {
        List<ForgottenEntity> more = new ArrayList<>(suppressions().entities());
        if (!suppressions().contains(entity.joinKeys())) {
            more.add(entity);
        }
        tier().suppress(more);
        return tables.stream().mapToLong(tier()::purge).sum();
    }

    @Override
    public boolean allow(Map<String, String> joinKeys) {
        boolean known = suppressions().contains(joinKeys);
        tier().suppress(suppressions().entities().stream()
                .filter(entity -> !entity.joinKeys().equals(joinKeys))
                .toList());
        return known;
    }

    @Override
    public void relist() {}

    @Override
    public List<String> problems() {
        return tier().problems();
    }

    @Override
    public List<SegmentInfo> segments(TableSchema table) {
        return tier().segments(table).stream()
                .map(path -> new SegmentInfo(table.name(), path, 1, 0))
                .toList();
    }

    @Override
    public void drop(TableSchema table) {
        tier().drop(table);
    }

    @Override
    public MetaStore meta() {
        return tier();
    }
}
