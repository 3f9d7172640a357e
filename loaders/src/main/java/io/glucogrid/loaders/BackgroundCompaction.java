package io.glucogrid.loaders;

import io.glucogrid.grid.GridException;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.apache.ignite.Ignite;
import org.apache.ignite.cluster.ClusterNode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compacts the tier on a thread of its own, as long as this node is the oldest server.
 *
 * <p>That only one node does it saves work; {@link Compactor} does not rely on it. Each table is swept before it is compacted, for
 * on a full disk that is what makes room. A table that fails is told once and tried again later, each time after a longer pause;
 * the others go on.
 */
final class BackgroundCompaction implements Closeable {
    private static final Duration INTERVAL = Duration.ofSeconds(10);
    private static final Duration LONGEST_INTERVAL = Duration.ofMinutes(5);
    private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(5);

    /** In place of a table, which has no slash in its name: the tier as a whole, and what crashes left in it. */
    private static final String TIER = "/";

    private static final String UNFINISHED = "/unfinished";

    private static final Logger LOG = LoggerFactory.getLogger(BackgroundCompaction.class);

    private final TierStorage storage;
    private final Compactor compactor;
    private final Pace pace;
    private final BooleanSupplier leads;
    private final Duration interval;
    private final CompactionFigures figures;
    private final Map<String, Rest> rests = new HashMap<>();
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
        while (!pace.pause(interval.toNanos())) {
            attempt(TIER, this::round);
        }
    }

    private void round() throws IOException {
        if (!leads.getAsBoolean()) {
            return;
        }
        for (String table : TierFolders.tables(storage)) {
            attempt(table, () -> {
                compactor.sweep(table);
                figures.done(compactor.compact(table));
            });
        }
        attempt(UNFINISHED, compactor::sweepUnfinished);
    }

    private void attempt(String what, Work work) {
        Rest rest = rests.getOrDefault(what, new Rest(interval, System.nanoTime(), ""));
        if (pace.pause(0) || System.nanoTime() - rest.untilNanos < 0) {
            return;
        }
        try {
            work.run();
            rests.remove(what);
        } catch (IOException
                | RuntimeException
                | Error failure) { // memory that ran out comes back, this thread would not
            if (pace.pause(0)) {
                return;
            }
            figures.failed();
            String reason = failure instanceof GridException known ? known.reason() : failure.toString();
            if (!reason.equals(rest.told)) {
                LOG.warn("compaction failed, tried again later: table={} reason={}", what, reason);
            }
            rests.put(what, rest.longer(reason));
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

    private interface Work {
        void run() throws IOException;
    }

    /** Until when something that failed is left alone, and why. */
    private record Rest(Duration pause, long untilNanos, String told) {
        Rest longer(String reason) {
            Duration twice = pause.multipliedBy(2);
            Duration next = twice.compareTo(LONGEST_INTERVAL) < 0 ? twice : LONGEST_INTERVAL;
            return new Rest(next, System.nanoTime() + next.toNanos(), reason);
        }
    }
}
