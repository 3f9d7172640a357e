package io.glucogrid.stream;

import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.OfflineStore;
import io.glucogrid.store.Suppressions;
import io.glucogrid.store.TableSchema;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Lets through what is not of forgotten entities. What it keeps back counts as handled: a replay of the topic does not bring it
 * back, and it is no dead letter, which would store it elsewhere.
 */
final class SuppressingStage implements StreamStage<HistoryRow> {
    private final StreamStage<HistoryRow> stage;
    private final Supplier<OfflineStore> offline;
    private final TableSchema table;
    private int suppressed;

    /**
     * In front of another stage, which it closes.
     *
     * @param table whose rows they are
     */
    SuppressingStage(StreamStage<HistoryRow> stage, Supplier<OfflineStore> offline, TableSchema table) {
        this.stage = stage;
        this.offline = offline;
        this.table = table;
    }

    @Override
    public boolean isCurrent() {
        return stage.isCurrent();
    }

    @Override
    public HistoryRow parse(ConsumerRecord<byte[], byte[]> record) throws BadRecordException {
        return stage.parse(record);
    }

    @Override
    public UnderWay begin(List<HistoryRow> batch, long startedNanos, Deadline deadline) {
        Suppressions.Filter filter = offline.get().suppressions().filter(table.joinKeys());
        List<HistoryRow> allowed = filter.isEmpty()
                ? batch
                : batch.stream().filter(row -> !filter.covers(row.joinKeys())).toList();
        suppressed = batch.size() - allowed.size();
        return allowed.isEmpty() ? UnderWay.NOTHING : stage.begin(allowed, startedNanos, deadline);
    }

    @Override
    public int ahead() {
        return stage.ahead();
    }

    @Override
    public int suppressed() {
        return suppressed;
    }

    @Override
    public void close() {
        stage.close();
    }
}
