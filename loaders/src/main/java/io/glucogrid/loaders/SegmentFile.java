package io.glucogrid.loaders;

import io.glucogrid.store.SegmentInfo;
import io.glucogrid.store.TableSchema;
import java.io.Closeable;
import java.io.IOException;

/** A segment that is being written, batch by batch in the order of the tier. Closing one that was not published removes it. */
final class SegmentFile implements Closeable {
    private final String folder;
    private final TableSchema table;
    private final TierStorage.Pending pending;
    private final ColumnWriter writer;
    private long rows;

    private SegmentFile(String folder, TableSchema table, TierStorage.Pending pending, ColumnWriter writer) {
        this.folder = folder;
        this.table = table;
        this.pending = pending;
        this.writer = writer;
    }

    /**
     * Writes rows to a new segment, durably; a failure leaves no file.
     *
     * @param order numbers of the rows to write, in the order of the tier
     */
    static SegmentInfo write(
            TierStorage storage, String folder, TableSchema table, SegmentFormat format, RowBatch batch, int[] order)
            throws IOException {
        try (SegmentFile file = create(storage, folder, table, format)) {
            file.add(batch, order);
            return file.publish();
        }
    }

    static SegmentFile create(TierStorage storage, String folder, TableSchema table, SegmentFormat format)
            throws IOException {
        TierStorage.Pending pending = storage.create(folder);
        try {
            ColumnWriter writer = ColumnWriter.open(
                    pending.output(), SegmentSchema.message(table), SegmentSchema.metadata(table), format);
            return new SegmentFile(folder, table, pending, writer);
        } catch (IOException | RuntimeException failure) {
            pending.close();
            throw failure;
        }
    }

    void add(RowBatch batch, int[] order) throws IOException {
        writer.write(batch.columns(), order);
        rows += order.length;
    }

    SegmentInfo publish() throws IOException {
        writer.close();
        String path = SegmentName.unique(folder, pending.checksum());
        long bytes = pending.publish(path);
        return new SegmentInfo(table.name(), path, rows, bytes);
    }

    /** The writer is closed even where that fails, or its open file would outlive it. */
    @Override
    public void close() throws IOException {
        try (pending) {
            writer.close();
        }
    }
}
