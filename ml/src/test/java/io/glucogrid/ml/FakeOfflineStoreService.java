package io.glucogrid.ml;

import io.glucogrid.grid.Buckets;
import io.glucogrid.store.AsOf;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.MetaStore;
import io.glucogrid.store.OfflineStore;
import io.glucogrid.store.SegmentInfo;
import io.glucogrid.store.Suppressions;
import io.glucogrid.store.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import org.apache.ignite.services.Service;
import org.jspecify.annotations.Nullable;

/** The offline store over a {@link FakeTier}: scans and documents only. */
public final class FakeOfflineStoreService implements Service, OfflineStore {
    private final String tier;

    FakeOfflineStoreService(String tier) {
        this.tier = tier;
    }

    @Override
    public void scan(TableSchema table, IntPredicate buckets, Consumer<HistoryRow> rows) {
        FakeTier.of(tier).scan(table.name(), buckets, rows);
    }

    @Override
    public List<List<HistoryRow>> ranges(TableSchema table, List<AsOf> questions) {
        FakeTier.of(tier).mostRanges.accumulateAndGet(questions.size(), Math::max);
        return rows(table, questions);
    }

    private List<List<HistoryRow>> rows(TableSchema table, List<AsOf> questions) {
        List<List<HistoryRow>> answers = new ArrayList<>();
        for (AsOf question : questions) {
            TreeMap<Long, HistoryRow> rows = new TreeMap<>();
            scan(table, bucket -> bucket == Buckets.of(question.joinKeys()[0]), row -> {
                long event = row.row().eventMicros();
                if (row.joinKeys()[0].equals(question.joinKeys()[0])
                        && event >= question.fromMicros()
                        && event <= question.atMicros()) {
                    rows.merge(
                            event,
                            row,
                            (a, b) -> b.row().createdMicros() >= a.row().createdMicros() ? b : a);
                }
            });
            answers.add(List.copyOf(rows.values()));
        }
        return answers;
    }

    @Override
    public Suppressions suppressions() {
        return FakeTier.of(tier).suppressions;
    }

    @Override
    public MetaStore meta() {
        return FakeTier.of(tier);
    }

    @Override
    public CompletableFuture<Void> append(TableSchema table, List<HistoryRow> rows) {
        throw new AssertionError();
    }

    @Override
    public CompletableFuture<Void> appendLocally(TableSchema table, List<HistoryRow> rows) {
        throw new AssertionError();
    }

    @Override
    public List<@Nullable HistoryRow> asOf(TableSchema table, List<AsOf> questions) {
        List<@Nullable HistoryRow> answers = new ArrayList<>();
        for (List<HistoryRow> rows : rows(table, questions)) {
            answers.add(rows.isEmpty() ? null : rows.get(rows.size() - 1));
        }
        return answers;
    }

    @Override
    public void latest(TableSchema table, IntPredicate buckets, Consumer<HistoryRow> rows) {
        throw new AssertionError();
    }

    @Override
    public void relist() {
        throw new AssertionError();
    }

    @Override
    public List<SegmentInfo> segments(TableSchema table) {
        return FakeTier.of(tier).segments(table.name());
    }

    @Override
    public void drop(TableSchema table) {
        throw new AssertionError();
    }
}
