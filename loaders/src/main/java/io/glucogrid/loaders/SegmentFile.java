package io.glucogrid.loaders;

import io.glucogrid.store.SegmentInfo;
import io.glucogrid.store.TableSchema;
import java.io.IOException;

/** Writes segments. */
final class SegmentFile {
    private SegmentFile() {}

    /**
     * Writes rows to a new segment, durably; a failure leaves no file.
     *
     * @param order numbers of the rows to write, in the order of the tier
     */
    static SegmentInfo write(TierStorage storage, String folder, TableSchema table, RowBatch batch, int[] order)
            throws IOException {
        try (TierStorage.Pending pending = storage.create(folder)) {
            try (ColumnWriter writer =
                    ColumnWriter.open(pending.output(), SegmentSchema.message(table), SegmentSchema.metadata(table))) {
                writer.write(batch.columns(), order);
            }
            String path = SegmentName.unique(folder, pending.checksum());
            long bytes = pending.publish(path);
            return new SegmentInfo(table.name(), path, order.length, bytes);
        }
    }
}
