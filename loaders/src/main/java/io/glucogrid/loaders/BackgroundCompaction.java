package io.glucogrid.loaders;

import io.glucogrid.grid.GridException;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.BooleanSupplier;
import org.apache.ignite.Ignite;
import org.apache.ignite.cluster.ClusterNode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compacts the tier on a thread of its own, as long as this node is the oldest server.
 *
 * <p>That only one node does it saves work; {@link Compactor} does not rely on it. What fails is told once and tried again
 * later, each time after a longer pause.
 */
final class BackgroundCompaction implements Closeable {
    private static final Duration INTERVAL = Duration.ofSeconds(10);
    private static final Duration LONGEST_INTERVAL = Duration.ofMinutes(5);
    private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(5);
    private static final Logger LOG = LoggerFactory.getLogger(BackgroundCompaction.class);

    private final TierStorage storage;
    private final Compactor compactor;
    private final Pace pace;
    private final BooleanSupplier leads;
    private final Duration interval;
    private final CompactionFigures figures;
    private final Thread thread = new Thread(this::run, "compaction");

    BackgroundCompaction(
            TierStorage storage,
            Compactor compactor,
            Pace pace,
            BooleanSupplier leads,
            Duration interval,
            CompactionFigures figures) {
        this.storage = storage;
        this.compactor = compactor;
        this.pace = pace;
        this.leads = leads;
        this.interval = interval;
        this.figures = figures;
    }

    static BackgroundCompaction of(
            Ignite ignite,
            TierStorage storage,
            CompactionPolicy policy,
            InstantSource clock,
            Quarantine quarantine,
            CompactionFigures figures) {
        Pace pace = new Pace(policy.rowsPerSecond());
        Compactor compactor = new Compactor(storage, new GridBoard(ignite), clock, policy, pace, quarantine);
        return new BackgroundCompaction(storage, compactor, pace, () -> isOldest(ignite), INTERVAL, figures);
    }

    private static boolean isOldest(Ignite ignite) {
        ClusterNode oldest = ignite.cluster().forServers().forOldest().node();
        return oldest != null && oldest.id().equals(ignite.cluster().localNode().id());
    }

    void start() {
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        Duration pause = interval;
        String told = "";
        while (!pace.pause(pause.toNanos())) {
            try {
                if (leads.getAsBoolean()) {
                    round();
                }
                pause = interval;
                told = "";
            } catch (IOException
                    | RuntimeException
                    | Error failure) { // memory that ran out comes back, this thread would not
                pause = pause.multipliedBy(2).compareTo(LONGEST_INTERVAL) < 0
                        ? pause.multipliedBy(2)
                        : LONGEST_INTERVAL;
                figures.failed();
                String reason = failure instanceof GridException known ? known.reason() : failure.toString();
                if (!reason.equals(told) && !pace.pause(0)) {
                    LOG.warn("compaction failed, tried again later: reason={}", reason);
                    told = reason;
                }
            }
        }
    }

    private void round() throws IOException {
        for (String table : TierFolders.tables(storage)) {
            figures.done(compactor.compact(table));
            compactor.sweep(table);
        }
    }

    @Override
    public void close() {
        pace.stop();
        try {
            thread.join(CLOSE_DEADLINE.toMillis());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
