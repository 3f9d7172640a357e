package io.glucogrid.loaders;

import io.glucogrid.store.HistoryRow;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;

/**
 * A process that appends, deletes and compacts, tells of each acknowledged append, and stands still at one step of all that to be
 * killed there.
 */
final class CrashingWriter {
    private static final int APPENDS = 40;
    private static final int APPENDS_PER_COMPACTION = 4;
    private static final long SUBJECTS = 7;

    private CrashingWriter() {}

    /** Arguments: the tier's folder, the first append, the step, and at which time of getting there to stop. */
    public static void main(String[] arguments) throws Exception {
        int first = Integer.parseInt(arguments[1]);
        StoppingTier tier = new StoppingTier(
                LocalTier.open(Path.of(arguments[0])), Step.valueOf(arguments[2]), Integer.parseInt(arguments[3]));
        LocalBoard board = new LocalBoard();
        try (ParquetOfflineStore store = new ParquetOfflineStore(
                tier,
                board,
                InstantSource.system(),
                new SegmentWriter.CommitPolicy(50_000, Duration.ZERO, Duration.ofSeconds(20)))) {
            for (int append = first; append < first + APPENDS; append++) {
                store.append(Tiers.READINGS, rows(append)).get(2, TimeUnit.MINUTES); // a busy machine
                System.out.println("ACK " + append);
                if (append % APPENDS_PER_COMPACTION == 0) {
                    Compactor compactor = Tiers.compactor(tier, board, CompactionPolicy.everything(Duration.ZERO));
                    compactor.compact(Tiers.READINGS.name());
                    compactor.sweep(Tiers.READINGS.name());
                }
            }
        }
        System.out.println("DONE");
    }

    /** Readings of a few subjects, now and then one again, now and then the deletion of an earlier one. */
    static List<HistoryRow> rows(int append) {
        List<HistoryRow> rows = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            rows.add(Tiers.reading((append + i) % SUBJECTS, append, append, 10L * append + i));
        }
        if (append % 3 == 0 && append > 3) {
            rows.addAll(rows(append - 1).subList(0, 1));
        }
        if (append % 5 == 0) {
            rows.add(Tiers.tombstone((append - 2) % SUBJECTS, append - 2, append));
        }
        return rows;
    }

    /** Where a process may die; an output is a file that a compaction writes. */
    enum Step {
        CREATED,
        HALF_WRITTEN,
        WRITTEN,
        OUTPUT_CREATED,
        OUTPUT_HALF_WRITTEN,
        OUTPUT_WRITTEN,
        PUBLISHED,
        BEFORE_RECEIPT,
        AFTER_RECEIPT,
        BEFORE_DELETE,
        AFTER_DELETE
    }

    /** Stands still at a step. */
    private static final class StoppingTier extends TierDecorator {
        private final Step step;
        private int left;

        StoppingTier(TierStorage tier, Step step, int time) {
            super(tier);
            this.step = step;
            this.left = time;
        }

        private synchronized void reached(Step now) {
            if (now == step && --left == 0) {
                System.out.println("STEP " + now);
                try {
                    new CountDownLatch(1).await();
                } catch (InterruptedException never) {
                    throw new IllegalStateException(never);
                }
            }
        }

        @Override
        public Pending create(String folder) throws IOException {
            boolean output = folder.contains("/bucket=");
            Pending pending = super.create(folder);
            reached(output ? Step.OUTPUT_CREATED : Step.CREATED);
            return new PendingDecorator(pending) {
                @Override
                public OutputFile output() {
                    return new HalfWritten(super.output(), output ? Step.OUTPUT_HALF_WRITTEN : Step.HALF_WRITTEN);
                }

                @Override
                public long publish(String path) throws IOException {
                    reached(output ? Step.OUTPUT_WRITTEN : Step.WRITTEN);
                    long bytes = super.publish(path);
                    reached(Step.PUBLISHED);
                    return bytes;
                }
            };
        }

        @Override
        public boolean createIfAbsent(String path, byte[] bytes) throws IOException {
            reached(Step.BEFORE_RECEIPT);
            boolean created = super.createIfAbsent(path, bytes);
            reached(Step.AFTER_RECEIPT);
            return created;
        }

        @Override
        public void delete(String path) throws IOException {
            reached(Step.BEFORE_DELETE);
            super.delete(path);
            reached(Step.AFTER_DELETE);
        }

        private final class HalfWritten implements OutputFile {
            private final OutputFile file;
            private final Step step;

            HalfWritten(OutputFile file, Step step) {
                this.file = file;
                this.step = step;
            }

            @Override
            public PositionOutputStream create(long blockSize) throws IOException {
                PositionOutputStream out = file.create(blockSize);
                return new PositionOutputStream() {
                    private boolean told;

                    @Override
                    public long getPos() throws IOException {
                        return out.getPos();
                    }

                    @Override
                    public void write(int value) throws IOException {
                        out.write(value);
                    }

                    @Override
                    public void write(byte[] bytes, int offset, int length) throws IOException {
                        int half = length / 2;
                        out.write(bytes, offset, half);
                        if (!told && out.getPos() > 100) {
                            told = true;
                            out.flush();
                            reached(HalfWritten.this.step);
                        }
                        out.write(bytes, offset + half, length - half);
                    }

                    @Override
                    public void flush() throws IOException {
                        out.flush();
                    }

                    @Override
                    public void close() throws IOException {
                        out.close();
                    }
                };
            }

            @Override
            public PositionOutputStream createOrOverwrite(long blockSize) throws IOException {
                return create(blockSize);
            }

            @Override
            public boolean supportsBlockSize() {
                return false;
            }

            @Override
            public long defaultBlockSize() {
                return 0;
            }

            @Override
            public String getPath() {
                return file.getPath();
            }
        }
    }
}
