package io.glucogrid.loaders;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.AsOf;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.TableSchema;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Measures one-row point-in-time reads of a tier, in this process and without a grid. */
public final class AsOfBench implements Closeable {
    private static final SegmentWriter.CommitPolicy NEVER_WRITES =
            new SegmentWriter.CommitPolicy(1, Duration.ZERO, Duration.ZERO);

    private final ParquetOfflineStore store;
    private final TableSchema table;

    private AsOfBench(ParquetOfflineStore store, TableSchema table) {
        this.store = store;
        this.table = table;
    }

    /** Opens a tier for reading. */
    public static AsOfBench open(URI tier, TableSchema table) {
        TierStorage storage = TierStorage.open(tier);
        return new AsOfBench(
                new ParquetOfflineStore(storage, new LocalBoard(), InstantSource.system(), NEVER_WRITES), table);
    }

    /** The latest row up to a time; NOT_FOUND where there is none. */
    public FeatureRow answer(Object[] joinKeys, long atMicros) {
        HistoryRow row = store.asOf(table, List.of(new AsOf(joinKeys, Long.MIN_VALUE, atMicros)))
                .get(0);
        if (row == null) {
            throw new GridException(ErrorCode.NOT_FOUND, "no row at or before " + atMicros);
        }
        return row.row();
    }

    /** Asks for rows picked at random, after as many questions to warm up. */
    public Figures measure(int questions, long seed) {
        List<AsOf> rows = new ArrayList<>();
        store.scan(
                table,
                bucket -> true,
                row -> rows.add(
                        new AsOf(row.joinKeys(), Long.MIN_VALUE, row.row().eventMicros())));
        SplittableRandom random = new SplittableRandom(seed);
        long[] nanos = new long[questions];
        for (int i = -questions; i < questions; i++) {
            List<AsOf> question = List.of(rows.get(random.nextInt(rows.size())));
            long start = System.nanoTime();
            HistoryRow answer = store.asOf(table, question).get(0);
            long taken = System.nanoTime() - start;
            if (answer == null || answer.row().eventMicros() != question.get(0).atMicros()) {
                throw new GridException(ErrorCode.INTERNAL, "wrong answer " + answer);
            }
            if (i >= 0) {
                nanos[i] = taken;
            }
        }
        Arrays.sort(nanos);
        return new Figures(nanos[questions / 2] / 1e6, nanos[(int) (questions * 0.99)] / 1e6);
    }

    @Override
    public void close() throws IOException {
        store.close();
    }

    /** Milliseconds per question. */
    public record Figures(double p50Millis, double p99Millis) {}
}
