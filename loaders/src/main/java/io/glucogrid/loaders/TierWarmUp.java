package io.glucogrid.loaders;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.AsOf;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.TableSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes and reads a segment that nobody needs, in a scratch folder of this node, so that the classes and codecs behind the tier
 * are loaded before the first real append waits for them. It knows no board and no tier: nothing of it is ever announced.
 */
final class TierWarmUp implements Runnable {
    /** More than one page, so that the page directory is read too. */
    private static final int ROWS = ColumnWriter.ROWS_PER_PAGE + 1;

    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final Logger LOG = LoggerFactory.getLogger(TierWarmUp.class);
    private static final TableSchema TABLE = new TableSchema(
            "warm-up",
            List.of(new Field("key", ValueType.INT64)),
            "event_timestamp",
            TableSchema.DEFAULT_CREATED,
            List.of(new Field("whole", ValueType.INT64), new Field("real", ValueType.DOUBLE)));

    private final Path workDir;
    private final InstantSource clock;

    TierWarmUp(Path workDir, InstantSource clock) {
        this.workDir = workDir;
        this.clock = clock;
    }

    /** Never fails: a node that cannot warm up is slow at first, and says so. */
    @Override
    public void run() {
        long start = System.nanoTime();
        try {
            Path scratch = Files.createTempDirectory(Files.createDirectories(workDir), "warm-up-");
            try {
                writeAndRead(scratch);
            } finally {
                delete(scratch);
            }
            LOG.debug("offline tier warm ms={}", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
        } catch (IOException | GridException | ExecutionException | TimeoutException failed) {
            LOG.warn("offline tier stays cold: reason={}", failed.toString());
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    private void writeAndRead(Path scratch)
            throws IOException, InterruptedException, ExecutionException, TimeoutException {
        LocalBoard board = new LocalBoard();
        try (ParquetOfflineStore store = open(scratch, board)) {
            store.append(TABLE, rows(1)).get(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
            store.append(TABLE, rows(ROWS)).get(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
        }
        try (ParquetOfflineStore store = open(scratch, board)) {
            store.asOf(TABLE, List.of(new AsOf(new Object[] {1L}, Long.MIN_VALUE, ROWS)));
            store.latest(TABLE, bucket -> true, row -> {});
        }
    }

    private ParquetOfflineStore open(Path scratch, LocalBoard board) {
        return new ParquetOfflineStore(
                LocalTier.open(scratch), board, clock, new SegmentWriter.CommitPolicy(ROWS, Duration.ZERO, DEADLINE));
    }

    private static List<HistoryRow> rows(int count) {
        List<HistoryRow> rows = new ArrayList<>(count);
        for (long i = 1; i <= count; i++) {
            rows.add(HistoryRow.upsert(new Object[] {i % 7}, new FeatureRow(i, i, new Object[] {i, i / 3.0})));
        }
        return rows;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
