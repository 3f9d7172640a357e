package io.glucogrid.loaders;

import com.sun.management.OperatingSystemMXBean;
import io.glucogrid.cli.Benchmark;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.AsOfBatch;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * The marks of the Parquet tier, beside DuckDB over the same files in the same process.
 *
 * <p>Rows are written as they arrive, to fresh segments that all overlap in keys; joined in that state, merged, and joined and
 * scanned again. Everything runs on one thread, DuckDB too, and both take turns; of the turns the fastest counts, for what else
 * the machine does only ever adds time. Sums of all columns and every answer of both joins are compared with DuckDB's. A run over
 * a tenth of the rows comes first: it warms up, and says how the cost of a row grows with the table.
 */
public final class OfflineBench implements Benchmark {
    private static final long ROWS = 10_000_000;
    private static final int GROWTH = 10;
    private static final int RUNS = 20;
    private static final int MOST_ROWS_OF_A_SEGMENT = 500_000;
    private static final int QUESTIONS = 1_000_000;
    private static final int ROWS_PER_QUESTION = 10;
    private static final int TURNS = 5;
    private static final int ONE_ROW_READS = 3_000;
    private static final long SEED = 4;
    private static final double MB = 1 << 20;

    @Override
    public String name() {
        return "offline";
    }

    @Override
    public List<Mark> run(Request request) {
        long rows = request.rows() == 0 ? ROWS : request.rows();
        Consumer<String> progress = request.progress();
        try {
            progress.accept(String.format(
                    Locale.ROOT, "%,d rows to warm up, heap at most %.0f MB", rows / GROWTH, heapLimit() / MB));
            Times small = times(request.work().resolve("small"), rows / GROWTH, progress);
            progress.accept(String.format(Locale.ROOT, "%,d rows", rows));
            Times whole = times(request.work().resolve("whole"), rows, progress);
            return marks(small, whole);
        } catch (IOException failure) {
            throw new GridException(ErrorCode.STORAGE_UNAVAILABLE, "the benchmark's tier: " + failure, failure);
        }
    }

    private static List<Mark> marks(Times small, Times whole) {
        List<Mark> marks = new ArrayList<>();
        marks.add(atLeast("scan_against_duckdb", whole.duckScan / whole.scan, "ratio", 1.3));
        marks.add(atLeast("join_against_duckdb", whole.duckJoin / whole.join, "ratio", 6));
        marks.add(atLeast("join_of_uncompacted_against_duckdb", whole.duckFreshJoin / whole.freshJoin, "ratio", 5));
        marks.add(below("one_row_p50", whole.oneRow / 1e6, "ms", 0.5));
        marks.add(atLeast("write_per_core", whole.rows / whole.write * 1e3, "M rows/s", 4));
        marks.add(atLeast("compaction", whole.rows / whole.compaction * 1e3, "M rows/s", 2.5));
        marks.add(below("row_size", whole.bytes / whole.rows, "B", 5));
        marks.add(below("heap", whole.heap / MB, "MB", 512));
        marks.add(below("scan_growth", growth(small.scan / small.rows, whole.scan / whole.rows), "ratio", 1.5));
        marks.add(below("join_growth", growth(small.join / small.rows, whole.join / whole.rows), "ratio", 1.5));
        marks.add(below(
                "compaction_growth",
                growth(small.compaction / small.rows, whole.compaction / whole.rows),
                "ratio",
                1.5));
        return marks;
    }

    private static double growth(double before, double after) {
        return after / before;
    }

    private static Mark atLeast(String name, double value, String unit, double goal) {
        return new Mark(name, value, unit, goal, true);
    }

    private static Mark below(String name, double value, String unit, double goal) {
        return new Mark(name, value, unit, goal, false);
    }

    private static Times times(Path directory, long rows, Consumer<String> progress) throws IOException {
        Times times = new Times();
        Path table = directory.resolve(BenchReadings.TABLE.name());
        try (BenchTier tier = BenchTier.in(directory);
                DuckDbPeer duck = DuckDbPeer.over(table)) {
            BenchReadings readings = new BenchReadings(SEED);
            int atOnce = (int) Math.min(MOST_ROWS_OF_A_SEGMENT, rows / RUNS);
            while (times.rows < rows) {
                RowBatch batch = readings.next((int) Math.min(atOnce, rows - (long) times.rows));
                long cpu = processNanos();
                tier.write(batch);
                times.write += processNanos() - cpu;
                times.rows += batch.size();
            }
            say(progress, "written: %d segments, %.1f s of CPU time", tier.segments(), times.write / 1e9);
            AsOfBatch questions = readings.questions((int) Math.min(QUESTIONS, rows / ROWS_PER_QUESTION));
            duck.ask(questions, directory);
            resetPeaks();
            BenchTier.Joined fresh = tier.join(questions);
            times.heap = peak();
            times.freshJoin = best(TURNS, () -> tier.join(questions));
            times.duckFreshJoin = best(TURNS, duck::join);
            duck.compare(fresh);
            say(
                    progress,
                    "joined uncompacted: %,d of %,d answered, %.3f s, DuckDB %s %.3f s",
                    fresh.answers(),
                    questions.size(),
                    times.freshJoin / 1e9,
                    duck.version(),
                    times.duckFreshJoin / 1e9);
            times.compaction = seconds(tier::compact) * 1e9;
            tier.sweep();
            times.bytes = tier.bytes();
            say(progress, "compacted: %d segments, %.1f s", tier.segments(), times.compaction / 1e9);
            resetPeaks();
            BenchTier.Joined joined = tier.join(questions);
            times.heap = Math.max(times.heap, peak());
            duck.compare(joined);
            long[] sums = tier.scan();
            if (!Arrays.equals(sums, duck.sums())) {
                throw new GridException(
                        ErrorCode.INTERNAL,
                        "sums of the columns: DuckDB " + Arrays.toString(duck.sums()) + ", the tier "
                                + Arrays.toString(sums));
            }
            times.join = Double.MAX_VALUE;
            times.scan = Double.MAX_VALUE;
            times.duckJoin = Double.MAX_VALUE;
            times.duckScan = Double.MAX_VALUE;
            for (int turn = 0; turn < TURNS; turn++) {
                times.scan = Math.min(times.scan, best(2, tier::scan));
                times.duckScan = Math.min(times.duckScan, best(2, duck::scan));
                times.join = Math.min(times.join, best(1, () -> tier.join(questions)));
                times.duckJoin = Math.min(times.duckJoin, best(1, duck::join));
            }
            say(
                    progress,
                    "scanned: %.3f s, DuckDB %.3f s; joined: %.3f s, DuckDB %.3f s; all results equal",
                    times.scan / 1e9,
                    times.duckScan / 1e9,
                    times.join / 1e9,
                    times.duckJoin / 1e9);
            times.oneRow = tier.oneRow(questions, joined, ONE_ROW_READS);
        }
        return times;
    }

    private static void say(Consumer<String> progress, String format, Object... values) {
        progress.accept(String.format(Locale.ROOT, format, values));
    }

    /** Nanoseconds of the fastest of some turns. */
    private static double best(int turns, Step step) throws IOException {
        double best = Double.MAX_VALUE;
        for (int turn = 0; turn < turns; turn++) {
            best = Math.min(best, seconds(step) * 1e9);
        }
        return best;
    }

    private static double seconds(Step step) throws IOException {
        long start = System.nanoTime();
        step.run();
        return (System.nanoTime() - start) / 1e9;
    }

    /** CPU time of this process, the compiler and the collector included: what a core has to give, however busy the machine. */
    private static long processNanos() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean known
                ? known.getProcessCpuTime()
                : System.nanoTime();
    }

    private static long heapLimit() {
        return Runtime.getRuntime().maxMemory();
    }

    private static void resetPeaks() {
        heapPools().forEach(MemoryPoolMXBean::resetPeakUsage);
    }

    /** The most heap in use since the reset, garbage included. */
    private static double peak() {
        return heapPools().stream()
                .mapToLong(pool -> pool.getPeakUsage().getUsed())
                .sum();
    }

    private static List<MemoryPoolMXBean> heapPools() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .toList();
    }

    /** Something that is timed. */
    private interface Step {
        void run() throws IOException;
    }

    /** What one size came to; times in nanoseconds. */
    private static final class Times {
        private double rows;
        private double write;
        private double compaction;
        private double freshJoin;
        private double duckFreshJoin;
        private double join;
        private double duckJoin;
        private double scan;
        private double duckScan;
        private double oneRow;
        private double bytes;
        private double heap;
    }
}
